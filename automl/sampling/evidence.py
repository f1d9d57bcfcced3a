"""What trials reached at each level, a step at which some of them ended: evidence of a sampler."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from optuna.trial import FrozenTrial, TrialState

SPACING = 1.5
"""Least ratio of one level to the next: where trials stop early they end at every step."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One row for each level that a trial came to.

    Attributes
    ----------
    trials : array of int
        Places in the sequence of trials that was given.
    levels : array of float
        0 for the first level, 1 for the last, evenly spaced.
    costs : array of float
        What was reached there and what others have gained from there to the last level, lower is
        better; infinite for a failure.
    """

    trials: NDArray[np.int64]
    levels: NDArray[np.float32]
    costs: NDArray[np.float64]


def read_evidence(trials: Sequence[FrozenTrial], sign: float) -> Evidence:
    """Return what finished trials tell; one at least.

    A complete trial has its value at every level after its last step: it stopped early, for it
    would come no further. A pruned one without any score failed, which counts once.

    Parameters
    ----------
    trials : sequence of FrozenTrial
        Complete and pruned ones.
    sign : float
        -1 where a metric is maximized, 1 where it is minimized.
    """
    ends = [max(trial.intermediate_values, default=-1) for trial in trials]
    steps = _spaced(sorted({*ends} - {-1}))
    rows = [
        (i, place, sign * score)
        for i, (trial, end) in enumerate(zip(trials, ends, strict=True))
        for place, score in _scores(trial, end, steps)
    ]
    numbers, places, costs = (np.array(column) for column in zip(*rows, strict=True))
    count = max(len(steps), 1)
    ahead = _gains(numbers, places, costs, count)
    return Evidence(
        numbers,
        (places / max(count - 1, 1)).astype(np.float32),
        np.where(np.isnan(costs), math.inf, costs + ahead[places]),
    )


def _gains(
    numbers: NDArray[np.int64], places: NDArray[np.int64], costs: NDArray[np.float64], count: int
) -> NDArray[np.float64]:
    """Return what costs change by from each level to the last, in the median of those that went on.

    Without it a forest would have to learn first of all that later levels are better.
    """
    reached = [
        dict(zip(numbers[places == i], costs[places == i], strict=True)) for i in range(count)
    ]
    gains = np.zeros(count)
    for i in reversed(range(count - 1)):
        later = reached[i + 1]
        steps = [later[number] - cost for number, cost in reached[i].items() if number in later]
        gains[i] = gains[i + 1] + (np.median(steps) if steps else 0.0)
    return gains


def _spaced(steps: Sequence[int]) -> list[int]:
    """Return steps far enough from each other, the last one among them."""
    kept = list(steps[-1:])
    for step in reversed(steps[:-1]):
        if step * SPACING <= kept[-1]:
            kept.append(step)
    return kept[::-1]


def _scores(trial: FrozenTrial, end: int, steps: Sequence[int]) -> list[tuple[int, float]]:
    """Return the places of the levels that a trial came to, and its scores there."""
    complete = trial.state is TrialState.COMPLETE
    found = []
    for place, step in enumerate(steps):
        score = trial.value if complete and end <= step else trial.intermediate_values.get(step)
        if score is not None:
            found.append((place, score))
    if not found:
        score = trial.value if complete else trial.intermediate_values.get(end)
        found = [(0, math.nan if score is None else score)]
    return found
