"""What is said of a search: the winner beside the best start configuration."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from made_studies import make_record

from automl.data.split.folds import Folds
from automl.history.portfolio import Chosen
from automl.history.take import Taken
from automl.metrics import METRICS
from automl.objective import Objective
from automl.orchestrator.finalists import Choice, Finalist
from automl.orchestrator.judge_search import SearchJudge
from automl.orchestrator.predict_runs import Prediction
from automl.result import Added
from automl.study.run import Run
from automl.trial import EpochResult, FoldResult, TrialRecord, TrialResult, TrialStatus

Y = np.zeros(100, dtype=np.int64)
START = make_record(0, 0.8, drawn_by="start")
SAMPLED = make_record(1, 0.9, drawn_by="random")


def _whole(record: TrialRecord) -> TrialResult:
    return TrialResult(record.number, TrialStatus.COMPLETE, record.history, 1.0, 1)


def _right(rows: int) -> Prediction:
    """A prediction that is right in the first rows."""
    test = np.tile([0.0, 1.0], (100, 1))
    test[:rows] = [1.0, 0.0]
    return Prediction(test, test, 0.1)


def _judge(winner: TrialRecord, predictions: Any = None, **options: Any) -> Added:
    choice = Choice(winner, 0.9, Run(winner.number), _whole(winner), options.pop("finalists", []))
    return SearchJudge(
        [options.get("start", START), SAMPLED, *options.get("more", [])],
        Objective(METRICS["accuracy"]),
        options.get("folds"),
        choice,
        {Run(winner.number): _right(90), **(predictions or {})},
        Y,
        Taken((Chosen("wine", 7, {"model.taper": 0.5}),), 3),
    ).judge()


def test_a_sampled_winner_is_compared_with_the_best_start_on_the_test_rows() -> None:
    added = _judge(SAMPLED, {Run(0): _right(75)})
    assert added.from_start is not None
    assert added.from_start.number == 0
    comparison = added.from_start.comparison
    assert comparison is not None
    assert comparison.difference == pytest.approx(0.15)
    assert 0 < comparison.low < 0.15 < comparison.high
    assert "it gains +15.00 points on the test rows" in added.said[0]


def test_a_start_that_was_trained_again_is_judged_by_its_fresh_run() -> None:
    again = Finalist(START, {Run(0, 1): _whole(START)})
    added = _judge(SAMPLED, {Run(0): _right(10), Run(0, 1): _right(80)}, finalists=[again])
    assert added.from_start is not None
    assert added.from_start.comparison is not None
    assert added.from_start.comparison.difference == pytest.approx(0.10)


def test_a_longer_run_of_the_winner_is_not_held_against_a_start_that_had_none() -> None:
    again = Finalist(SAMPLED, {Run(1, 1): _whole(SAMPLED)})
    choice = Choice(SAMPLED, 0.9, Run(1, 1), _whole(SAMPLED), [again], long_run=30)
    predictions = {Run(1, 1): _right(99), Run(0): _right(75), Run(1): _right(80)}
    records, by_accuracy = [START, SAMPLED], Objective(METRICS["accuracy"])
    judged = SearchJudge(records, by_accuracy, None, choice, predictions, Y).judge()
    assert judged.from_start is not None
    assert judged.from_start.comparison is not None
    assert judged.from_start.comparison.difference == pytest.approx(0.05), "trial against trial"
    del predictions[Run(1)]
    judged = SearchJudge(records, by_accuracy, None, choice, predictions, Y).judge()
    assert judged.from_start is not None
    assert judged.from_start.comparison is None
    assert "was sampled, and trained for longer than the best start" in judged.said[0]


def test_a_start_that_wins_is_said_to() -> None:
    added = _judge(START)
    assert added.from_start is not None
    assert added.from_start.comparison is None
    assert "is a start configuration: nothing that was sampled" in added.said[0]


def test_without_its_weights_no_interval_is_made_up() -> None:
    added = _judge(SAMPLED)
    assert added.from_start is not None
    assert added.from_start.comparison is None
    assert "interval" not in added.said[0]


def _over_folds(record: TrialRecord, scores: list[float]) -> TrialRecord:
    history = tuple(
        EpochResult(record.number, i + 1, 1.0, 1.0, score, 0.1, 1.0, FoldResult(score, 1))
        for i, score in enumerate(scores)
    )
    return replace(record, history=history)


def test_in_cross_validation_the_folds_are_compared() -> None:
    start = _over_folds(START, [0.80, 0.81, 0.79])
    added = _judge(_over_folds(SAMPLED, [0.91, 0.90, 0.90]), start=start, folds=Folds(3))
    assert added.from_start is not None
    assert added.from_start.comparison is not None
    assert added.from_start.comparison.difference == pytest.approx(0.10333, abs=1e-4)
    assert "over the folds" in added.said[0]


def test_folds_that_the_time_cut_off_are_not_compared() -> None:
    start = _over_folds(START, [0.80, 0.81])
    added = _judge(_over_folds(SAMPLED, [0.91, 0.90, 0.90]), start=start, folds=Folds(3))
    assert added.from_start is not None
    assert added.from_start.comparison is None


def test_a_configuration_of_an_earlier_study_is_told_where_it_comes_from() -> None:
    taken = make_record(2, 0.95, drawn_by="history")
    added = _judge(taken, more=[taken])
    found = added.from_history
    assert found is not None
    assert (found.number, found.their_study, found.their_trial, found.won) == (2, "wine", 7, True)
    assert "is from an earlier study" in added.said[0]
    assert "which was trial 7 of wine) came to 95.00 % on validation rows and is" in added.said[1]


def test_earlier_studies_that_were_of_no_use_are_told_too() -> None:
    dropped = make_record(2, 0.1, drawn_by="history", status=TrialStatus.PRUNED, epochs=1)
    added = _judge(SAMPLED, more=[dropped])
    assert added.from_history is not None
    assert added.from_history.number is None
    assert "Tried first were 1 configuration of 1 earlier study (wine); none" in added.said[1]


def test_without_earlier_studies_nothing_is_said_of_them() -> None:
    assert _judge(SAMPLED).from_history is None
