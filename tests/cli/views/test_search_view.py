"""The live view counts, names the best, and says what each worker does."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from automl.cli.views.search import LiveView, PlainView, headline
from automl.metrics import METRICS
from automl.orchestrator.observer import Overview
from automl.space.domains import IntDomain
from automl.space.space import SearchSpace
from automl.trial import EpochResult, TrialRecord, TrialStatus

SPACE = SearchSpace("s", {"model.depth": IntDomain(1, 4)}, {"family": "mlp"})


def _record(number: int, score: float | None, status: TrialStatus, **more: Any) -> TrialRecord:
    return TrialRecord(number, status, {"family": "mlp", "model.depth": number}, score, **more)


def _overview(**changed: Any) -> Overview:
    values: dict[str, Any] = {
        "study": "s",
        "dataset": "iris",
        "rows": 50_000,
        "metric": METRICS["accuracy"],
        "trials": 10,
        "before": [],
        "workers": 2,
        "max_epochs": 12,
        "time_budget": None,
        "space": SPACE,
    }
    return Overview(**{**values, **changed})


@pytest.fixture
def live() -> Any:
    view = LiveView()
    view.console = Console(file=io.StringIO(), width=100, highlight=False)
    view._live.console = view.console
    yield view
    view.close()


def _drawn(view: LiveView) -> str:
    assert view.overview is not None
    console = Console(file=io.StringIO(), width=100)
    console.print(view._draw(view.overview))
    text = console.file
    assert isinstance(text, io.StringIO)
    return text.getvalue()


def test_the_live_view_counts_trials_by_their_ending(live: LiveView) -> None:
    live.search_started(_overview())
    live.trial_finished(_record(0, 0.9, TrialStatus.COMPLETE))
    live.trial_finished(_record(1, 0.95, TrialStatus.PRUNED))
    live.trial_finished(_record(2, None, TrialStatus.FAILED, error="diverged"))
    text = _drawn(live)
    assert "3/10 trials" in text
    assert "1 complete, 1 pruned, 1 failed" in text


def test_the_best_is_a_complete_trial_and_shown_with_its_settings(live: LiveView) -> None:
    live.search_started(_overview())
    live.trial_finished(_record(1, 0.9, TrialStatus.COMPLETE))
    live.trial_finished(_record(2, 0.99, TrialStatus.PRUNED))
    live.trial_finished(_record(3, 0.8, TrialStatus.COMPLETE))
    text = _drawn(live)
    assert "best: 90.00 % (trial 1)" in text
    assert "depth=1" in text
    assert "family" not in text


def test_a_metric_that_is_minimised_is_best_where_it_is_lowest(live: LiveView) -> None:
    live.search_started(_overview(metric=METRICS["rmse"]))
    for number, score in enumerate((3.0, 2.0, 2.5)):
        live.trial_finished(_record(number, score, TrialStatus.COMPLETE))
    assert "(trial 1)" in _drawn(live)


def test_a_worker_shows_its_epoch_until_its_trial_is_over(live: LiveView) -> None:
    live.search_started(_overview())
    live.epoch(1, EpochResult(4, 3, 0.1, 0.1, 0.75, 0.1, 100.0))
    assert "worker 1  trial 4: epoch 3/12, accuracy 75.00 %" in _drawn(live)
    assert "worker 0  …" in _drawn(live)
    live.trial_finished(_record(4, 0.75, TrialStatus.COMPLETE, worker=1))
    assert "trial 4: epoch" not in _drawn(live)


def test_a_worker_has_its_host_where_there_are_several(live: LiveView) -> None:
    live.search_started(_overview())
    live.worker_host(0, "pc1")
    assert "pc1" not in _drawn(live)
    live.worker_host(1, "pc2")
    assert "worker 0 on pc1  …" in _drawn(live)
    assert "worker 1 on pc2  …" in _drawn(live)


def test_a_trial_that_another_worker_began_anew_is_shown_there_alone(live: LiveView) -> None:
    live.search_started(_overview(workers=1))
    live.epoch(0, EpochResult(4, 3, 0.1, 0.1, 0.75, 0.1, 100.0))
    live.epoch(7, EpochResult(4, 1, 0.1, 0.1, 0.5, 0.1, 100.0))
    assert "worker 7  trial 4: epoch 1/12" in _drawn(live)
    assert "worker 0  …" in _drawn(live)


def test_trials_of_earlier_runs_count(live: LiveView) -> None:
    live.search_started(_overview(before=[_record(0, 0.9, TrialStatus.COMPLETE)]))
    assert "1/10 trials" in _drawn(live)
    assert "best: 90.00 %" in _drawn(live)


def test_finalists_are_shown_as_what_they_are(live: LiveView) -> None:
    live.search_started(_overview())
    live.phase("finalists")
    live.finalist_epoch((7, 2), 0, EpochResult(7, 1, 0.1, 0.1, 0.5, 0.1, 1.0))
    text = _drawn(live)
    assert "trained again with fresh seeds" in text
    assert "trial 7 again, seed 2: epoch 1, accuracy 50.00 %" in text


def test_the_plain_view_says_why_a_trial_failed(capsys: pytest.CaptureFixture[str]) -> None:
    view = PlainView()
    view.search_started(_overview())
    view.trial_finished(_record(2, None, TrialStatus.FAILED, error="diverged: loss is nan"))
    view.phase("test")
    view.phase("trials")
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "trial 2 failed -, 0 epochs, 0.0 s: diverged: loss is nan"
    assert lines[2:] == ["predicting validation and test rows"]


def test_the_headline_says_what_is_about_to_happen() -> None:
    before = [_record(0, 0.9, TrialStatus.COMPLETE)]
    assert headline(_overview(time_budget=300.0, before=before)) == (
        "study s: iris, 50,000 training rows, 10 trials or 5:00, 1 done before, 2 workers"
    )


def test_the_time_left_goes_down_to_nothing(
    live: LiveView, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr("automl.cli.views.search.time.monotonic", lambda: now[0])
    live.search_started(_overview(trials=4))
    now[0] = 60.0
    live.trial_finished(_record(0, 0.9, TrialStatus.COMPLETE))
    assert "1:00, about 3:00 left" in _drawn(live)
    for number in (1, 2, 3):
        live.trial_finished(_record(number, 0.9, TrialStatus.COMPLETE))
    assert "about 0:00 left" in _drawn(live)
