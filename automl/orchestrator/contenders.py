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
from collections.abc import Sequence

from automl.evaluation.forecast import forecast_costs
from automl.objective import Objective
from automl.orchestrator.duplicates import identity
from automl.trial import TrialRecord

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
    costs |= forecast_costs((r for r in records if _pace(r) <= dear), ranked, objective)
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


def _pace(record: TrialRecord) -> float:
    return record.seconds / max(1, len(record.history))
