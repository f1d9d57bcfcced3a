"""What trials that were dropped would have reached, told by those that went on to their end."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from statistics import median

from automl.objective import Objective
from automl.space.space import FAMILY
from automl.trial import TrialRecord, TrialStatus

FEWEST = 3
"""Complete trials of a family that came past a point, below which nothing is said of those that
were dropped there."""


def forecast_costs(
    records: Iterable[TrialRecord], ranked: Sequence[TrialRecord], objective: Objective
) -> dict[int, float]:
    """Return the final costs that dropped trials would have, by their numbers.

    It is the cost at the end of their last epoch, or fold, less what complete trials of their
    family gained from there on, in the median. Those that were dropped within their first epoch
    are left out: their scores are of other rows.

    Parameters
    ----------
    records : iterable of TrialRecord
    ranked : sequence of TrialRecord
        The complete trials.
    objective : Objective
    """
    gains: dict[tuple[object, int], float | None] = {}
    found = {}
    for record in records:
        if record.status is not TrialStatus.PRUNED or not record.history:
            continue
        epochs = len(record.history)
        like = (record.params.get(FAMILY), epochs)
        if like not in gains:
            gains[like] = _usual_gain(ranked, *like, objective)
        gain, cost = gains[like], objective.cost(record.history[-1].valid_score)
        if gain is not None and math.isfinite(cost):
            found[record.number] = cost - gain
    return found


def _usual_gain(
    ranked: Iterable[TrialRecord], family: object, epochs: int, objective: Objective
) -> float | None:
    """Return what complete trials of a family gained from an epoch on, in the median."""
    gains = [
        objective.cost(r.history[epochs - 1].valid_score) - objective.cost(r.valid_score)
        for r in ranked
        if len(r.history) > epochs and r.params.get(FAMILY) == family
    ]
    return median(gains) if len(gains) >= FEWEST else None
