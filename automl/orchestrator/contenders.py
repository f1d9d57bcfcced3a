"""Which trials become finalists: the best complete one, and those that promise most.

A rung lets a third go on, and drops what is not among them at that moment; where a sampler learns,
the dropped of later are often better than what went on at first. A finalist is trained anew in full
anyway, so that it need not have come to its end before. What a dropped trial would have reached is
its score there and what complete trials of its family gained from there on, in the median.

``benchmarks/replay/finalists.py`` measures what that gains, and that the best complete trial must
keep its place: without it, searches that had time to finish many lose more than is gained.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from statistics import median

from automl.evaluation.rungs import cost_at
from automl.objective import Objective
from automl.orchestrator.duplicates import identity
from automl.space.space import FAMILY
from automl.trial import TrialRecord, TrialStatus

FEWEST = 3
"""Complete trials of a family that came past a point, below which no trial that was dropped there
is a contender."""

DEARER = 2.0
"""Times the best complete trial's seconds an epoch, above which a dropped trial is no contender
within a time budget: what is kept of it for the finalists is what complete trials took."""


def contenders(
    records: Sequence[TrialRecord], objective: Objective, count: int, *, in_time: bool = False
) -> list[TrialRecord]:
    """Return the trials that are trained again, the best complete one first.

    Parameters
    ----------
    records : sequence of TrialRecord
        All trials, at least one of them complete.
    objective : Objective
    count : int
        How many; of equivalent trials only one.
    in_time : bool
        Whether there is a time budget. Without one seconds decide nothing, which differ from run
        to run.
    """
    ranked = objective.ranked(records)
    costs = {r.number: objective.cost(r.valid_score) for r in ranked}
    dear = DEARER * _pace(ranked[0]) if in_time else math.inf
    costs |= _forecasts((r for r in records if _pace(r) <= dear), ranked, objective)
    promising = sorted(
        (r for r in records if r.number in costs),
        key=lambda r: (costs[r.number], r.n_weights, r.number),
    )
    first: dict[bytes, TrialRecord] = {}
    for record in (ranked[0], *promising):
        if len(first) == count:
            break
        first.setdefault(identity(record.params), record)
    return list(first.values())


def _forecasts(
    records: Iterable[TrialRecord], ranked: Sequence[TrialRecord], objective: Objective
) -> dict[int, float]:
    """Return the final costs that dropped trials would have, by number."""
    gains: dict[tuple[object, int], float | None] = {}
    found = {}
    for record in records:
        if record.status is not TrialStatus.PRUNED or not record.history:
            continue
        epochs = len(record.history)
        like = (record.params.get(FAMILY), epochs)
        if like not in gains:
            gains[like] = _usual_gain(ranked, *like, objective)
        gain, cost = gains[like], cost_at(record, epochs, objective)
        if gain is not None and math.isfinite(cost):
            found[record.number] = cost - gain
    return found


def _usual_gain(
    ranked: Iterable[TrialRecord], family: object, epochs: int, objective: Objective
) -> float | None:
    """Return what complete trials of a family gained from an epoch on, in the median."""
    gains = [
        cost_at(r, epochs, objective) - objective.cost(r.valid_score)
        for r in ranked
        if len(r.history) > epochs and r.params.get(FAMILY) == family
    ]
    return median(gains) if len(gains) >= FEWEST else None


def _pace(record: TrialRecord) -> float:
    return record.seconds / max(1, len(record.history))
