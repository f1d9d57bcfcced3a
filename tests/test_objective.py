"""What "best" means is the same everywhere: score, then fewer weights, then the lower number."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from made_studies import make_record

from automl.metrics import METRICS
from automl.objective import Objective
from automl.orchestrator.finalists import Choice, Finalist
from automl.report.collect.families import family_outcomes
from automl.report.collect.matter import parallel
from automl.report.facts import Facts
from automl.space.domains import IntDomain
from automl.space.space import SearchSpace
from automl.study.folder import StudyFolder
from automl.study.run import Run
from automl.study.view import StudyView
from automl.trial import EpochResult, TrialRecord, TrialResult, TrialStatus

RMSE = Objective(METRICS["rmse"])
TIED = [
    make_record(0, 0.5, n_weights=9000),
    make_record(1, 0.5, n_weights=10),
    make_record(2, 0.5, n_weights=10),
    make_record(3, 0.4, n_weights=10),
]
"""Of trials with one score, the smallest network is not the first."""


def _view(records: list[TrialRecord], metric: str) -> StudyView:
    space = SearchSpace("made", {}, {})
    folder = StudyFolder(Path("made"))
    return StudyView(folder, "made", records, 0, 0, METRICS[metric], space, {}, {}, {}, None)


def test_the_leaderboard_the_report_and_the_search_agree_on_ties() -> None:
    order = [1, 2, 0, 3]
    metric = METRICS["accuracy"]
    best = Objective(metric).best(TIED)
    assert best is not None
    assert best.number == 1
    assert [r.number for r in _view(TIED, "accuracy").ranked()] == order
    assert [r.number for r in Facts("made", metric, TIED).complete] == order
    # The best tenth of four trials is one: the one that the search calls best.
    widths = [replace(r, params={"model.width": r.number}) for r in TIED]
    top = parallel(widths, metric, {"model.width": IntDomain(0, 3)}, ["model.width"]).top
    assert top == [[pytest.approx(1 / 3)]]


@pytest.mark.parametrize("without", [None, math.nan])
def test_a_trial_without_a_score_never_wins_although_zero_is_the_best_error(
    without: float | None,
) -> None:
    nothing = make_record(0, None, n_weights=1, valid_score=without)
    exact, close = make_record(1, 0.0), make_record(2, 0.1)
    for records, best in (([nothing, close], 2), ([nothing, close, exact], 1)):
        found = RMSE.best(records)
        assert found is not None
        assert found.number == best
        assert _view(records, "rmse").ranked()[0].number == best
    assert RMSE.best([make_record(0, None)]) is None


def test_a_family_without_a_score_comes_last() -> None:
    records = [
        make_record(0, None, params={"family": "mlp"}),
        make_record(1, 0.1, params={"family": "gru"}),
    ]
    assert [f.family for f in family_outcomes(records, METRICS["rmse"])] == ["gru", "mlp"]


def test_a_run_without_a_score_is_not_handed_over() -> None:
    def result(score: float | None) -> TrialResult:
        history = () if score is None else (EpochResult(1, 1, 0.1, 0.1, score, 1.0, 1.0),)
        return TrialResult(1, TrialStatus.COMPLETE, history, 1.0, len(history) or None)

    runs = {Run(1, 1): result(None), Run(1, 2): result(0.2)}
    assert Finalist(make_record(1, 0.2), runs).best_run(RMSE)[0] == (1, 2)


def test_the_winners_own_error_of_zero_is_reported_as_zero() -> None:
    record = make_record(1, 0.0)
    result = TrialResult(1, TrialStatus.COMPLETE, (), 1.0)
    assert Choice(record, 0.3, Run(1, 1), result, []).trial_score == 0.0


def test_the_best_epoch_is_the_best_score_and_then_the_lowest_loss() -> None:
    def epoch(number: int, score: float, loss: float) -> EpochResult:
        return EpochResult(0, number, loss, loss, score, 1.0, 1.0)

    history = [epoch(1, math.nan, 0.0), epoch(2, 0.5, 0.3), epoch(3, 0.5, 0.2), epoch(4, 0.6, 0.1)]
    assert RMSE.best_epoch(history).epoch == 3
