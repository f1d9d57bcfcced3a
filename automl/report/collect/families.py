"""Where several families were searched: how each fared, and which one is ahead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from automl.metrics import Metric
from automl.objective import Objective
from automl.space.space import FAMILY, SearchSpace
from automl.trial import TrialRecord, TrialStatus


@dataclass(frozen=True, slots=True)
class FamilyOutcome:
    """What became of one family's trials.

    Attributes
    ----------
    family : str
    trials : int
    complete : int
    best : float or None
        The best validation score of a complete trial, or of any when none is complete.
    seconds : float
        Seconds of workers, for all trials together.
    """

    family: str
    trials: int
    complete: int
    best: float | None
    seconds: float


def family_outcomes(records: Sequence[TrialRecord], metric: Metric) -> list[FamilyOutcome]:
    """Return every family that has a trial, the best first."""
    by_family: dict[str, list[TrialRecord]] = {}
    for record in records:
        by_family.setdefault(str(record.params.get(FAMILY)), []).append(record)
    found = [_outcome(family, own, metric) for family, own in by_family.items()]
    cost = Objective(metric).cost
    return sorted(found, key=lambda f: (not f.complete, cost(f.best)))


def _outcome(family: str, records: Sequence[TrialRecord], metric: Metric) -> FamilyOutcome:
    complete = [r for r in records if r.status is TrialStatus.COMPLETE]
    scores = [r.valid_score for r in complete or records if r.valid_score is not None]
    return FamilyOutcome(
        family,
        len(records),
        len(complete),
        min(scores, key=Objective(metric).cost, default=None),
        sum(r.seconds for r in records),
    )


def leading(
    space: SearchSpace, records: Sequence[TrialRecord], metric: Metric
) -> tuple[SearchSpace, list[TrialRecord]]:
    """Return the space and the trials of the family that is ahead, or of all if there is one.

    What is said of parameters is said of one family: those of another mean something else.
    """
    if not space.families:
        return space, list(records)
    outcomes = family_outcomes(records, metric)
    family = outcomes[0].family if outcomes else space.families[0]
    return space.of_family(family), [r for r in records if r.params[FAMILY] == family]
