"""What a model's proposals are worth beside candidates at random that cost as much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from automl.arrays import Array
from automl.evaluation.intervals import percentile_limits
from automl.objective import Objective
from automl.trial import TrialRecord

FEWEST = 10
"""Trials of each kind, below which nothing is said."""

RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Chance:
    """The best of the proposals against the best at random, at equal cost.

    Attributes
    ----------
    proposed, random : int
        Trials of each kind.
    seconds : float
        Workers' seconds that all of the cheaper kind took.
    best_proposed, best_random : float
        Expected best costs, lower is better, of as many seconds of each kind.
    difference, low, high : float
        Gain of the proposals, with its 95 % interval.
    """

    proposed: int
    random: int
    seconds: float
    best_proposed: float
    best_random: float
    difference: float
    low: float
    high: float


def compare_with_chance(
    records: Sequence[TrialRecord], objective: Objective, seed: int = 0
) -> Chance | None:
    """Compare both kinds by the bootstrap over trials (Efron and Tibshirani 1993).

    A kind's trials are drawn with replacement until they have taken as long as all of the cheaper
    kind; the best score that any epoch of these had is theirs. Pruned trials count with what they
    reached, and failed ones with what they took.

    Returns
    -------
    Chance or None
        None where there are fewer than `FEWEST` trials of a kind, or only failures.
    """
    kinds = [[r for r in records if r.drawn_by == kind] for kind in ("model", "random")]
    if min(map(len, kinds)) < FEWEST:
        return None
    seconds = min(sum(r.seconds for r in kind) for kind in kinds)
    rng = np.random.default_rng(seed)
    proposed, random = (_best_costs(kind, objective, seconds, rng) for kind in kinds)
    real = np.isfinite(proposed) & np.isfinite(random)
    if not real.any():
        return None
    proposed, random = proposed[real], random[real]
    low, high = percentile_limits(random - proposed, 0.95)
    return Chance(
        len(kinds[0]),
        len(kinds[1]),
        seconds,
        float(proposed.mean()),
        float(random.mean()),
        float((random - proposed).mean()),
        low,
        high,
    )


def _best_costs(
    records: Sequence[TrialRecord], objective: Objective, seconds: float, rng: np.random.Generator
) -> Array:
    """Return the best cost of each resample that takes so long, or is twice as many trials."""
    costs = np.array([objective.cost(r.valid_score) for r in records])
    took = np.array([r.seconds for r in records])
    best = np.empty(RESAMPLES)
    for i in range(RESAMPLES):
        drawn = rng.integers(len(records), size=2 * len(records))
        count = int(np.searchsorted(took[drawn].cumsum(), seconds)) + 1
        best[i] = costs[drawn[:count]].min()
    return best
