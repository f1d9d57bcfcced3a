"""What each rung dropped, and how much of it might have won."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from automl.objective import Objective
from automl.trial import TrialRecord, TrialStatus

FEWEST_GAINS = 3
"""Trials that went on from a rung, below which nothing is said about those that did not."""


class Rung(NamedTuple):
    """An epoch, or a fold, after which trials were dropped; 0 is in the middle of the first.

    Attributes
    ----------
    epoch, reached, dropped : int
    possible : int or None
        How many of those that were dropped would have been better than the best trial, had each
        gained as much as the one that gained most of those that went on. That is far more than
        really would have been: it bounds what the rung can have cost. None where too few went on.
    """

    epoch: int
    reached: int
    dropped: int
    possible: int | None = None

    def where(self, unit: str) -> str:
        """Say it in words."""
        return f"{unit} {self.epoch}" if self.epoch else f"a part of {unit} 1"


def rungs(records: Iterable[TrialRecord], objective: Objective) -> list[Rung]:
    """Return every epoch after which a trial was pruned, with what was dropped there."""
    looked = [r for r in records if r.history or r.glimpse is not None]
    best = objective.best(looked)
    ends = Counter(len(r.history) for r in looked if r.status is TrialStatus.PRUNED)
    return [
        Rung(
            epoch,
            sum(len(r.history) >= epoch for r in looked),
            count,
            None if best is None else _possible(looked, epoch, best, objective),
        )
        for epoch, count in sorted(ends.items())
    ]


def cost_at(record: TrialRecord, epoch: int, objective: Objective) -> float:
    """Return the cost of a trial's score after an epoch, or of its glimpse at 0."""
    return objective.cost(record.history[epoch - 1].valid_score if epoch else record.glimpse)


def _possible(
    looked: list[TrialRecord], epoch: int, best: TrialRecord, objective: Objective
) -> int | None:
    came = [r for r in looked if len(r.history) >= epoch and (epoch or r.glimpse is not None)]
    dropped = [r for r in came if r.status is TrialStatus.PRUNED and len(r.history) == epoch]
    gains = [
        cost_at(r, epoch, objective) - objective.cost(r.valid_score)
        for r in came
        if len(r.history) > epoch
    ]
    if len(gains) < FEWEST_GAINS:
        return None
    # As far from infinite as a failure's score is from a real one: those are nobody's gain.
    most = max((g for g in gains if g < float("inf")), default=0.0)
    to_beat = objective.cost(best.valid_score)
    return sum(cost_at(r, epoch, objective) - most < to_beat for r in dropped)
