"""What each rung dropped, and what of it promised more."""

from __future__ import annotations

from made_studies import make_record

from automl.evaluation.rungs import rungs
from automl.metrics import METRICS
from automl.objective import Objective
from automl.trial import TrialRecord, TrialStatus

BY_ACCURACY = Objective(METRICS["accuracy"])


def _pruned(number: int, score: float, epochs: int) -> TrialRecord:
    """A trial whose scores rise by 0.01 an epoch, as those of a complete one do."""
    return make_record(number, score, status=TrialStatus.PRUNED, epochs=epochs)


def test_rungs_count_who_came_and_who_was_dropped() -> None:
    records = [
        _pruned(0, 0.5, 1),
        _pruned(1, 0.5, 1),
        _pruned(2, 0.6, 3),
        make_record(3, 0.9, epochs=9),
    ]
    assert [r[:3] for r in rungs(records, BY_ACCURACY)] == [(1, 4, 2), (3, 2, 1)]


def test_those_promise_more_that_would_be_better_with_the_median_of_gains() -> None:
    went_on = [make_record(n, 0.8 + n / 100, epochs=9) for n in range(3)]
    best = 0.82  # and from epoch 1 on, each gained 0.08
    dropped = [_pruned(3, best - 0.09, 1), _pruned(4, best - 0.07, 1)]
    assert rungs([*went_on, *dropped], BY_ACCURACY) == [(1, 5, 2, 1)]


def test_where_few_went_on_nothing_is_said_about_those_that_did_not() -> None:
    records = [make_record(0, 0.9, epochs=9), _pruned(1, 0.5, 1)]
    assert rungs(records, BY_ACCURACY) == [(1, 2, 1, None)]
    assert rungs([_pruned(1, 0.5, 1)], BY_ACCURACY) == [(1, 1, 1, None)]


def test_a_score_that_is_not_a_number_wins_nothing() -> None:
    went_on = [make_record(n, 0.8, epochs=9) for n in range(3)]
    records = [*went_on, _pruned(3, float("nan"), 1)]
    assert rungs(records, BY_ACCURACY) == [(1, 4, 1, None)]
