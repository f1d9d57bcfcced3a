"""Who wins among the finalists, when their fresh runs do not all come to an end."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from automl.config import SearchConfig
from automl.metrics import get_metric
from automl.orchestrator.finalists import Choice, choose_winner
from automl.orchestrator.trial_jobs import TrialSettings
from automl.study.folder import StudyFolder
from automl.study.run import Run
from automl.task import Task
from automl.trial import EpochResult, TrialRecord, TrialResult, TrialStatus

METRIC = get_metric("accuracy", Task.classification(("no", "yes")))
SCORES = {0: 0.99, 1: 0.98}
"""Of the two trials; a fresh run comes to a hundredth less."""


def _history(score: float) -> tuple[EpochResult, ...]:
    return (EpochResult(0, 1, 0.1, 0.1, score, 0.1, 1.0),)


def _record(number: int) -> TrialRecord:
    score = SCORES[number]
    return TrialRecord(
        number,
        TrialStatus.COMPLETE,
        {"family": "mlp", "model.width": 8 + number},
        score,
        _history(score),
        best_epoch=1,
    )


def _whole(number: int) -> TrialResult:
    history = _history(SCORES[number] - 0.01)
    return TrialResult(number, TrialStatus.COMPLETE, history, 1.0, best_epoch=1, weights="fresh")


def _failed(number: int) -> TrialResult:
    return TrialResult(number, TrialStatus.FAILED, (), 1.0, error="diverged")


def _cut(number: int) -> TrialResult:
    return replace(_whole(number), history=_history(0.5), cut=True)


@pytest.fixture
def choose(tmp_path: Path) -> Any:
    """The choice, when the fresh runs of each trial end like this."""

    def run(ends: dict[int, Any], *, saved: bool = True, again: Any = _whole) -> Choice | None:
        folder = StudyFolder(tmp_path)
        folder.weights.mkdir(exist_ok=True)
        folder.run_weights(Run(0)).unlink(missing_ok=True)
        if saved:
            folder.run_weights(Run(0)).touch()
        records = [_record(number) for number in SCORES]
        settings = TrialSettings.of(SearchConfig(dataset="iris"), METRIC, 5)
        trials = SimpleNamespace(settings=settings, records=records, ranked=lambda: records)
        return choose_winner(
            trials,  # type: ignore[arg-type]
            2,
            folder,
            lambda jobs: {k: (again if k[1] == 0 else ends[k[0]])(k[0]) for k in jobs},
            settings,
        )

    return run


def test_the_best_mean_of_whole_runs_wins(choose: Any) -> None:
    choice = choose({0: _whole, 1: _whole})
    assert choice.run[0] == 0
    assert choice.valid_score == pytest.approx(0.98)


def test_a_trial_whose_fresh_runs_fail_has_lost(choose: Any) -> None:
    """Its one good score was luck, which is what finalists are for."""
    assert choose({0: _failed, 1: _whole}).run[0] == 1


def test_a_trial_whose_fresh_runs_were_cut_short_stands_as_it_is(choose: Any) -> None:
    choice = choose({0: _cut, 1: _whole})
    assert (choice.run, choice.valid_score) == ((0, 0), 0.99)
    assert [f.record.number for f in choice.finalists] == [1]


def test_one_that_is_behind_does_not(choose: Any) -> None:
    assert choose({0: _whole, 1: _cut}).run[0] == 0


@pytest.mark.parametrize("again", [_cut, _failed])
def test_without_its_weights_a_finalist_wins(choose: Any, again: Any) -> None:
    assert choose({0: _cut, 1: _whole}, saved=False, again=again).run[0] == 1


def test_without_any_finalist_what_there_is_must_do(choose: Any) -> None:
    assert choose({0: _cut, 1: _cut}).run == (0, 0)
    assert choose({0: _cut, 1: _failed}, saved=False, again=_failed) is None
