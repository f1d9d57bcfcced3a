"""`Problem`: what a search works on, from the user's options and the data, checked as a whole."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from automl.config import SearchConfig
from automl.data import DataOptions, Dataset, PreparedStore, check, load
from automl.data.inspect.summary import summarise
from automl.data.split.folds import Folds, fitting_folds, make_splits
from automl.errors import ConfigError
from automl.metrics import Metric, find_metric, get_metric
from automl.models import FAMILIES
from automl.orchestrator.defaults import (
    choose_folds,
    default_max_epochs,
)
from automl.orchestrator.observer import Observer
from automl.orchestrator.plan_space import asked_space, plan_space
from automl.space.space import SearchSpace
from automl.study.study import FOLDS

MAX_EPOCHS = "--max-epochs"

SPACE_HASH = "search space (SHA-256)"
"""Parts of the identity."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A search space, what is optimised in it, and the rows.

    Attributes
    ----------
    dataset : Dataset
    space : SearchSpace
    metric : Metric
    max_epochs : int
        The full budget of a trial.
    folds : Folds or None
        How trials are cross-validated, or None for one validation split.
    data : PreparedStore
        The rows as networks and baselines get them.
    described : tuple of str
        How the data was understood, a line each.
    dearest : float
        Price of the dearest network that may be drawn; see `automl.orchestrator.network_prices`.
    """

    dataset: Dataset
    space: SearchSpace
    metric: Metric
    max_epochs: int
    folds: Folds | None
    data: PreparedStore
    described: tuple[str, ...] = ()
    dearest: float = math.inf

    def identity(self, seed: int) -> dict[str, Any]:
        """Return what two searches must share to be one study."""
        return {
            "data set": self.dataset.name,
            "data (SHA-256)": self.dataset.fingerprint,
            "search space": self.space.source,
            SPACE_HASH: self.space.fingerprint(),
            "metric": self.metric.name,
            "--seed": seed,
            MAX_EPOCHS: self.max_epochs,
            FOLDS: str(self.folds or "none"),
        }

    def former_identity(self) -> dict[str, Any]:
        """Return the parts of `identity` that earlier versions wrote in another way."""
        return {SPACE_HASH: self.space.fingerprint_with_start()}


def check_options(config: SearchConfig, dataset: Dataset | None) -> SearchSpace | None:
    """Check all that can be without the data, and return the space that was asked for.

    Raises
    ------
    AutomlError
        When a name is unknown, or the space breaks a rule.
    """
    space = asked_space(config)
    for family in config.family:
        FAMILIES.get(family)
    if dataset is None:
        check(config.dataset, DataOptions.of(config))
    if config.metric is not None:
        find_metric(config.metric)
    return space


def load_problem(
    config: SearchConfig, dataset: Dataset | None, space: SearchSpace | None, observer: Observer
) -> Problem:
    """Load the data, and decide what nobody chose.

    Parameters
    ----------
    config : SearchConfig
    dataset : Dataset or None
        Data that is in memory, in place of what the configuration names.
    space : SearchSpace or None
        The space that `check_options` returned.
    observer : Observer
        Told what the data makes worth a line.

    Raises
    ------
    AutomlError
        When the data cannot be used, or does not go with an option.
    """
    options = DataOptions.of(config)
    dataset = dataset or load(config.dataset, download=config.download, options=options)
    for note in dataset.notes:
        observer.data_note(note)
    space, notes = plan_space(config, space, dataset)
    for note in notes:
        observer.note(note)
    metric = get_metric(config.metric, dataset.task)
    folds = _folds(config, dataset)
    splits = make_splits(dataset, folds)
    _check_metric(metric, splits)
    max_epochs = config.max_epochs or default_max_epochs(len(dataset.train), space.all_families)
    data = PreparedStore(*splits)
    return Problem(dataset, space, metric, max_epochs, folds, data, tuple(summarise(dataset)))


def _folds(config: SearchConfig, dataset: Dataset) -> Folds | None:
    """Return how a search with these options cross-validates its rows; see `choose_folds`.

    Rows that were given for validation are used as such, unless the options ask for folds.

    Raises
    ------
    ConfigError
        When the rows are split by a column: folds deal them out at random.
    """
    rows = len(dataset.train) + len(dataset.valid)
    if dataset.windows is not None:
        chosen = choose_folds(config.folds, rows, "window")
        return chosen if config.folds is not None else fitting_folds(dataset, chosen)
    column = next((f"--{n}" for n in ("group", "time") if getattr(config, n) is not None), None)
    if column is None:
        if dataset.has_own_valid and config.folds is None:
            return None
        return choose_folds(config.folds, rows, dataset.kind)
    if config.folds is not None and config.folds > 1:
        raise ConfigError(
            f"folds: must be 0 with {column}, whose validation rows are not drawn at random, but"
            f" got {config.folds}"
        )
    return None


def _check_metric(metric: Metric, splits: Sequence[Dataset]) -> None:
    """Raise ConfigError when there are rows on which the metric has no value."""
    metric.check_defined(splits[0].test.n_classes, "test rows")
    for i, split in enumerate(splits):
        of_fold = f" of fold {i + 1}" if len(splits) > 1 else ""
        metric.check_defined(split.valid.n_classes, f"validation rows{of_fold}")
