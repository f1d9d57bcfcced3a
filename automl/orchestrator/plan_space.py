"""Plan the space of a search: what is decided before the data is seen, and what after.

A space that somebody asked for is read and checked before, so that a mistake in it is told at
once. After, there is a default for who asked for none, and choices that change nothing on these
rows are taken out.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from automl.config import SearchConfig
from automl.data import Dataset
from automl.orchestrator.defaults import default_space, fit_loss, fit_space
from automl.space.file import load_space
from automl.space.space import FAMILY, SearchSpace
from automl.training.recipe import check_space


def asked_space(config: SearchConfig) -> SearchSpace | None:
    """Return the space that was asked for, with the families and the values that were named.

    Raises
    ------
    AutomlError
        When there is no such space, or it breaks a rule.
    """
    if config.space is None:
        return None
    return _fix(load_space(config.space).narrow(config.family), config)


def plan_space(
    config: SearchConfig, asked: SearchSpace | None, dataset: Dataset
) -> tuple[SearchSpace, list[str]]:
    """Return the space that is searched on these rows, and what is worth a line about it.

    Parameters
    ----------
    config : SearchConfig
    asked : SearchSpace or None
        The space that `asked_space` returned.
    dataset : Dataset

    Raises
    ------
    AutomlError
        When a family has no space of its own, or a value does not go with the data.
    """
    space = asked or _default(config, dataset)
    notes = list(_not_everywhere(config, space))
    return space.each_family(partial(fit_space, dataset=dataset)), notes


def _default(config: SearchConfig, dataset: Dataset) -> SearchSpace:
    space = default_space(dataset, config.family)
    fit = partial(fit_loss, task=dataset.task, y=dataset.train.y)
    return _fix(space.each_family(fit), config)


def _fix(space: SearchSpace, config: SearchConfig) -> SearchSpace:
    space = space.fix(config.fixed)
    check_space(space)
    return space


def _not_everywhere(config: SearchConfig, space: SearchSpace) -> Iterator[str]:
    """Yield a line for every value that was fixed, and is no parameter of some families."""
    for name in config.fixed:
        if name == FAMILY or name.partition(".")[0] in space.families:
            continue
        without = [f for f in space.families if name not in space.of_family(f).fixed]
        if without:
            has = [f for f in space.families if f not in without]
            yield (
                f"{name} is fixed for {', '.join(has)}; it is no parameter of {', '.join(without)}"
            )
