"""What each rung dropped, and how much of it promised more than the best trial."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from automl.evaluation.forecast import forecast_costs
from automl.objective import Objective
from automl.trial import TrialRecord, TrialStatus


class Rung(NamedTuple):
    """An epoch, or a fold, after which trials were dropped; 0 is in the middle of the first.

    Attributes
    ----------
    epoch, reached, dropped : int
    promising : int or None
        How many of those that were dropped would have been better than the best trial, had each
        gained what complete trials of its family gained from there on in the median. None where
        there are too few of these.
    """

    epoch: int
    reached: int
    dropped: int
    promising: int | None = None

    def where(self, unit: str) -> str:
        """Say it in words."""
        return f"{unit} {self.epoch}" if self.epoch else f"a part of {unit} 1"


def rungs(records: Sequence[TrialRecord], objective: Objective) -> list[Rung]:
    """Return every epoch after which a trial was pruned, with what was dropped there."""
    looked = [r for r in records if r.history or r.glimpse is not None]
    ranked = objective.ranked(looked)
    least = objective.cost(ranked[0].valid_score) if ranked else 0.0
    costs = forecast_costs(looked, ranked, objective)
    dropped = [r for r in looked if r.status is TrialStatus.PRUNED]
    ends = Counter(len(r.history) for r in dropped)
    known = Counter(len(r.history) for r in dropped if r.number in costs)
    promising = Counter(len(r.history) for r in dropped if costs.get(r.number, least) < least)
    return [
        Rung(
            epoch,
            sum(len(r.history) >= epoch for r in looked),
            count,
            promising[epoch] if known[epoch] else None,
        )
        for epoch, count in sorted(ends.items())
    ]
