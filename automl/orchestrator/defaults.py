"""Choose the options that nobody gave, from the size of the data."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Literal

import numpy as np

from automl.arrays import Array
from automl.data import Dataset
from automl.data.preprocess.standardise import PreprocessingSettings
from automl.data.preprocess.variants import category_counts, different_numeric, embedding_border
from automl.data.split.folds import Folds
from automl.errors import ConfigError
from automl.space.domains import ChoiceDomain, Params
from automl.space.file import load_space, space_names
from automl.space.space import FAMILY, SearchSpace, join
from automl.task import CENTRES, InputKind, Task
from automl.training.recipe import AugmentationSettings

SMALL_ROWS = 5_000
"""Training rows up to which full batches are cheap, so that L-BFGS has its chance; so are small
batches."""

RECURRENT = ("rnn", "gru", "lstm")
"""Families that share one space."""

CONVOLUTIONAL = ("cnn", "inception")
"""Families with a second space for few rows."""

SMALL_SIDE = 40
"""Pixels of a side up to which grey images are searched in the spaces that were made on digits."""

MLP_NUMBERS = 20_000
"""Numbers of an image up to which `mlp` is searched by default: 80 pixels a side in three colours.
The first layer of one of 512 units has ten million weights there."""

DEFAULT_FAMILIES: dict[InputKind, tuple[str, ...]] = {
    "vector": ("mlp",),
    "image": ("mlp", "cnn"),
    "sequence": ("rocket", "inception", "lstm", "cnn", "transformer"),
}
"""Families that are searched by default, by the kind of rows."""

FOR_FEW_ROWS = ("rocket",)
"""Families that are searched by default up to `SMALL_ROWS` only: the features of more rows do not
stay in memory, and to compute them in every epoch takes longer than to train a network."""


def default_space(dataset: Dataset, families: Sequence[str] = ()) -> SearchSpace:
    """Return the space for such data.

    Parameters
    ----------
    dataset : Dataset
    families : sequence of str
        What is searched; by default `DEFAULT_FAMILIES`.

    Raises
    ------
    ConfigError
        When a family has no space that comes with the package.
    """
    names = list(dict.fromkeys(families)) or _default_families(dataset)
    spaces = [_family_space(name, dataset) for name in names]
    if dataset.windows is not None:
        spaces = [_with_centre(space, dataset.task.season) for space in spaces]
    return join(" + ".join(space.source for space in spaces), spaces)


def _with_centre(space: SearchSpace, season: int) -> SearchSpace:
    """Let a space have what a forecast can be relative to; without a season that is one less."""
    name, usual = "preprocessing.centre", "season" if season > 1 else "last"
    choices = CENTRES if season > 1 else CENTRES[:2]
    if name in space.domains and season > 1:
        return space
    starts = []
    for start in space.start:
        centre = start.get(name, usual)
        starts.append({**start, name: centre if centre in choices else usual})
    different = [s for i, s in enumerate(starts) if s not in starts[:i]]
    domains = {**space.domains, name: ChoiceDomain(choices)}
    return replace(space, domains=domains, start=tuple(different))


FORECAST_FAMILIES = ("mlp",)
"""Families that are searched by default for forecasts."""


def _default_families(dataset: Dataset) -> list[str]:
    if dataset.windows is not None:
        return list(FORECAST_FAMILIES)
    names = DEFAULT_FAMILIES[dataset.kind]
    if len(dataset.train) > SMALL_ROWS:
        names = tuple(name for name in names if name not in FOR_FEW_ROWS)
    if dataset.kind == "image" and dataset.train.X[0].size > MLP_NUMBERS:
        names = tuple(name for name in names if name != "mlp")
    return list(names)


def _is_picture(dataset: Dataset) -> bool:
    """Return whether images have colours, or more pixels than those of digits and letters."""
    if dataset.kind != "image":
        return False
    *channels, height, width = dataset.train.X.shape[1:]
    return channels not in ([], [1]) or max(height, width) > SMALL_SIDE


def _family_space(family: str, dataset: Dataset) -> SearchSpace:
    small = len(dataset.train) <= SMALL_ROWS
    if family == "mlp" and dataset.windows is not None:
        return load_space("mlp-forecast")
    if family == "mlp":
        if dataset.kind == "image" and not small:
            return load_space("mlp-image")
        name = "mlp-table" if dataset.columns else "mlp"
        return load_space(f"{name}-small" if small else name)
    if family == "cnn" and _is_picture(dataset):
        return load_space("cnn-picture")
    if family in CONVOLUTIONAL:
        return load_space(f"{family}-small" if small else family)
    if family in RECURRENT:
        return load_space("recurrent").fix({FAMILY: family})
    if family not in space_names():
        raise ConfigError(f"family: {family!r} comes without a search space; name one with --space")
    return load_space(family)


def has_wide_space(dataset: Dataset) -> bool:
    """Return whether the default space of `cnn` has networks for hours too: ``cnn.yaml``."""
    return len(dataset.train) > SMALL_ROWS and not _is_picture(dataset)


def fit_space(space: SearchSpace, dataset: Dataset) -> SearchSpace:
    """Return the space without choices of preprocessing and augmentation that change nothing."""
    same: Params = {}
    if dataset.windows is None:
        same |= {"preprocessing.centre": "last", "preprocessing.lookback": 1.0}
    if len(different_numeric(dataset)) == 1:
        same["preprocessing.numeric"] = PreprocessingSettings().numeric
    if (embed := space.domains.get("preprocessing.embed_above")) is not None:
        counts, values = category_counts(dataset), embed.corners()
        if len({embedding_border(counts, int(value)) for value in values}) == 1:
            same["preprocessing.embed_above"] = values[0]
    if dataset.kind != "image":
        same |= _no_augmentation(space, dataset.kind)
    return space.fix({name: value for name, value in same.items() if name in space.domains})


def _no_augmentation(space: SearchSpace, kind: InputKind) -> Params:
    """Return the values that switch augmentation off, which is for images.

    Raises
    ------
    ConfigError
        When the space leaves no choice.
    """
    off: Params = {f"augmentation.{n}": v for n, v in asdict(AugmentationSettings()).items()}
    for name, value in off.items():
        domain, fixed = space.domains.get(name), space.fixed.get(name, value)
        if fixed != value or (domain is not None and not domain.holds(value)):
            raise ConfigError(
                f"{space.source}: {name}: must be {value} for {kind} rows, for only images are"
                f" augmented, but got {fixed if domain is None else domain}"
            )
    return off


IMBALANCED = 1.5
"""Class weights are sampled from this ratio of the largest class to the smallest. Below it, the
balanced weights of two classes lie between 0.83 and 1.25 and change little, and one more
parameter makes every search harder."""


def fit_loss(space: SearchSpace, task: Task, y: Array) -> SearchSpace:
    """Add what the targets call for to a default space; what it has already stays.

    Parameters
    ----------
    space : SearchSpace
    task : Task
    y : array of shape (rows,) or (rows, targets)
        Training targets.
    """
    name = "training.class_weights" if task.is_classification else "training.loss"
    if name in space.domains or name in space.fixed:
        return space
    if not task.is_classification:
        return replace(space, fixed={**space.fixed, name: "squared"})
    counts = np.unique(y, return_counts=True)[1]
    if counts.max() <= IMBALANCED * counts.min():
        return replace(space, fixed={**space.fixed, name: "none"})
    domains = {**space.domains, name: ChoiceDomain(("none", "balanced"))}
    return replace(space, domains=domains, start=tuple({**s, name: "none"} for s in space.start))


CROSS_VALIDATED = 1_000
"""Rows outside of the test split below which trials are cross-validated. A quarter of them makes
a validation split: at 90 % accuracy the standard error on 250 rows is 1.9 points, and the best of
a hundred trials is then the luckiest rather than the best. Over all 1,000 rows it is 0.9."""

CROSS_VALIDATED_VECTORS = 2_500
"""The same for vectors, the rows of tables, whose networks train in a second or less. The average
over the networks of all folds has seen all rows, and with one split a fifth is only looked at:
searches of 20 s on tables of 1,067 and 1,772 such rows, two splits each, had a log loss that was
2.5, 3.1, 1.3 and 2.3 % lower so. On 3,658 rows it was 0.6 and 1.0 % lower, and on 3,220 it was 1.1
and 0.3 % higher."""

CROSS_VALIDATED_WINDOWS = 5_000
"""The same for windows of a forecast. Those of one split's validation rows are the latest, which
the network would never be trained on."""

REPEATED = 300
"""Rows below which the folds are drawn twice: a fold has fewer than 60 rows then, and the mean
still depends on which rows fall into which."""


def choose_folds(
    asked: int | None, rows: int, kind: InputKind | Literal["window"] = "vector"
) -> Folds | None:
    """Choose how trials are judged: by cross-validation, or None for one validation split.

    Parameters
    ----------
    asked : int or None
        ``--folds``.
    rows : int
        Outside of the test split.
    kind : {"vector", "image", "sequence", "window"}
        What the rows are; windows are those of a forecast.

    Returns
    -------
    Folds or None
        By default 5 folds, twice below `REPEATED` rows, once below `CROSS_VALIDATED`,
        `CROSS_VALIDATED_VECTORS` or `CROSS_VALIDATED_WINDOWS`, and none from there on. Hastie,
        Tibshirani and Friedman (2009, section 7.10.1) recommend 5 or 10; 5 cost half as much. What
        was asked for is drawn once.
    """
    if asked is not None:
        return Folds(asked) if asked > 1 else None
    limits = {"vector": CROSS_VALIDATED_VECTORS, "window": CROSS_VALIDATED_WINDOWS}
    most = limits.get(kind, CROSS_VALIDATED)
    if rows >= most or rows < 2:
        return None
    return Folds(min(5, rows), 2 if rows < REPEATED else 1)


def default_max_epochs(rows: int, families: Sequence[str] = ("mlp",)) -> int:
    """Return a trial's full budget: 12 epochs on much data, 20 of `mlp` alone, more on fewer rows.

    Small data needs more passes but not as many rows in all: the budget grows with the root of
    the shrinking, up to 120. Early stopping ends most trainings before.

    An epoch of `mlp` costs a fraction of those of the other families, and is gained the slower:
    on MNIST, 512-512 with dropout 0.3 came to 98.64 % on validation rows in 12 epochs, 98.72 % in
    18 and 98.80 % in 27 (means over two seeds and two schedules). The first start configuration
    of `cnn` came to 99.43 % in 12 epochs and 99.49 % in 20 (one seed).

    Parameters
    ----------
    rows : int
        Rows of the training split.
    families : sequence of str
        What is searched.
    """
    least = 20 if set(families) == {"mlp"} else 12
    return max(least, min(120, round(12 * math.sqrt(50_000 / rows))))


def default_patience(max_epochs: int) -> int:
    """Return how many epochs without progress are allowed: an eighth of the budget, at least 4."""
    return max(4, max_epochs // 8)
