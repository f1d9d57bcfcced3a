"""Make the sampler that a search's options ask for."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Literal

from optuna.trial import FrozenTrial

from automl.config import SearchConfig
from automl.sampling.candidates import Candidates
from automl.sampling.family_race import FamilySampling
from automl.sampling.rounds import RoundSampling
from automl.sampling.sampler import Sampling
from automl.space.domains import Params
from automl.space.space import SearchSpace


def make_candidates(
    config: SearchConfig,
    space: SearchSpace,
    direction: Literal["maximize", "minimize"],
    max_steps: int,
    past: Iterable[FrozenTrial],
    prices: Mapping[str, float] | None = None,
    left: Callable[[], float] = lambda: math.inf,
    whole: int = 1,
    taken: Collection[Params] = (),
    allows: Callable[[Params], bool] | None = None,
) -> Candidates:
    """Return a sampler for one family or several, in rounds or not.

    Parameters
    ----------
    config : SearchConfig
    space : SearchSpace
    direction : {"maximize", "minimize"}
        Direction of the metric.
    max_steps : int
        Epochs, or folds, of a trial that runs to its end.
    past : iterable of FrozenTrial
        Trials of earlier runs, by number.
    prices, left
        As in `FamilySampling`.
    whole, taken, allows
        As in `Sampling`.
    """
    in_rounds = config.deterministic
    kind = RoundSampling if in_rounds else Sampling
    options: dict[str, Any] = {
        "seed": config.seed,
        "sampler": config.sampler,
        "pruner": config.pruner,
        "max_epochs": max_steps,
        "past": past,
        "whole": whole,
        "taken": taken,
        "allows": allows,
    }
    if space.families:
        return FamilySampling(
            kind, space, direction, in_rounds=in_rounds, prices=prices, left=left, **options
        )
    return kind(space, direction, **options)
