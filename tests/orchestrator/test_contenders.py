"""Which trials are trained again."""

from __future__ import annotations

from dataclasses import replace

from made_studies import make_record

from automl.metrics import METRICS
from automl.objective import Objective
from automl.orchestrator.contenders import contenders
from automl.trial import TrialRecord, TrialStatus

BY_ACCURACY = Objective(METRICS["accuracy"])

COMPLETE = [make_record(n, 0.90 - n / 100, epochs=9) for n in range(4)]
"""Each gains 0.01 an epoch, and so 0.08 after the first."""


def _pruned(number: int, score: float, epochs: int = 1) -> TrialRecord:
    return make_record(number, score, status=TrialStatus.PRUNED, epochs=epochs)


def _numbers(records: list[TrialRecord], count: int = 3) -> list[int]:
    return [r.number for r in contenders(records, BY_ACCURACY, count)]


def test_without_dropped_trials_the_best_complete_ones_are_it() -> None:
    assert _numbers(COMPLETE) == [0, 1, 2]


def test_a_dropped_trial_is_one_that_would_have_come_further() -> None:
    promising, behind = _pruned(4, 0.815), _pruned(5, 0.79)  # 0.895 and 0.87 in the end
    assert _numbers([*COMPLETE, promising, behind]) == [0, 4, 1]


def test_the_best_complete_trial_is_one_in_any_case() -> None:
    dropped = [_pruned(n, 0.85 + n / 1000) for n in range(4, 8)]
    assert _numbers([*COMPLETE, *dropped]) == [0, 7, 6]
    assert _numbers([*COMPLETE, *dropped], 1) == [0]
    assert _numbers([*COMPLETE, *dropped], 0) == []


def test_a_dropped_trial_needs_three_of_its_family_to_be_judged_by() -> None:
    other = {**_pruned(4, 0.85).params, "family": "cnn"}
    assert _numbers([*COMPLETE, replace(_pruned(4, 0.85), params=other)]) == [0, 1, 2]
    assert _numbers([*COMPLETE[:2], _pruned(4, 0.85)]) == [0, 1]


def test_in_a_time_budget_one_that_would_take_long_is_left_out() -> None:
    records = [*COMPLETE, replace(_pruned(4, 0.85), seconds=60.0)]
    in_time = contenders(records, BY_ACCURACY, 3, in_time=True)
    assert [r.number for r in in_time] == [0, 1, 2]
    assert _numbers(records) == [0, 4, 1]  # seconds decide nothing: a search can be repeated


def test_a_score_that_is_not_a_number_promises_nothing() -> None:
    assert _numbers([*COMPLETE, _pruned(4, float("nan"))]) == [0, 1, 2]


def test_equivalent_trials_are_one() -> None:
    twin = replace(_pruned(4, 0.85), params=COMPLETE[0].params)
    assert _numbers([*COMPLETE, twin]) == [0, 1, 2]
