"""What trials reached at each step at which some of them ended: the evidence of a sampler."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from optuna.trial import FrozenTrial, TrialState


@dataclass(frozen=True, slots=True)
class Level:
    """The trials that came to one step.

    Attributes
    ----------
    trials : array of int
        Their places in the sequence that was given.
    costs : array of float
        What each reached there, lower is better; infinite for a failure.
    real : int
        How many did not fail.
    """

    trials: NDArray[np.int64]
    costs: NDArray[np.float64]
    real: int


def read_levels(trials: Sequence[FrozenTrial], sign: float) -> list[Level]:
    """Return the levels of finished trials, from the first step to the last.

    A complete trial has its value at every step after its last: it stopped early, for it would
    come no further. A pruned one without any score failed, and counts as worst everywhere.

    Parameters
    ----------
    trials : sequence of FrozenTrial
        Complete and pruned ones.
    sign : float
        -1 where a metric is maximized, 1 where it is minimized.
    """
    ends = [max(trial.intermediate_values, default=-1) for trial in trials]
    return [_level(trials, ends, step, sign) for step in sorted(set(ends) - {-1}) or [-1]]


def _level(trials: Sequence[FrozenTrial], ends: Sequence[int], step: int, sign: float) -> Level:
    came, costs, real = [], [], 0
    for i, (trial, end) in enumerate(zip(trials, ends, strict=True)):
        score: float | None
        if trial.state is TrialState.COMPLETE and end <= step:
            score = trial.value
        elif end < 0:
            score = math.nan
        else:
            score = trial.intermediate_values.get(step)
        if score is None:
            continue
        failed = math.isnan(score)
        real += not failed
        came.append(i)
        costs.append(math.inf if failed else sign * score)
    return Level(np.array(came), np.array(costs), real)
