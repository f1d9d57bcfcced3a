"""A time budget ends a search, inside a trial too; nothing here looks at a clock."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from optuna.trial import TrialState

from automl.errors import StudyError
from automl.orchestrator.budget import Clock
from automl.orchestrator.observer import Observer
from automl.result import SearchResult
from automl.study.recovery import MOST_STOPS
from automl.study.view import StudyView
from automl.study.writer import StudyStore
from automl.trial import TrialStatus

Search = Callable[..., SearchResult]
FOREVER: dict[str, Any] = {
    **{"max_epochs": 100_000, "patience": 100_000, "pruner": "none"},
    **{"trials": 50, "time_budget": 60.0},
}


@pytest.fixture
def epochs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The clock jumps past every budget once three epochs were seen."""
    seen: list[int] = []
    monkeypatch.setattr(Observer, "epoch", lambda self, worker, result: seen.append(result.epoch))
    monkeypatch.setattr(Clock, "seconds", property(lambda self: 0.0 if len(seen) < 3 else 1e9))
    return seen


@pytest.mark.parametrize("executor", ["inline", "process"])
def test_a_budget_ends_a_trial_that_would_never_end(
    run_search: Search, read: Callable[[str], StudyView], epochs: list[int], executor: str
) -> None:
    result = run_search(executor=executor, workers=1, **FOREVER)
    (record,) = read("iris").records
    assert result.status == "finished"
    assert record.status is TrialStatus.COMPLETE
    assert record.note == "stopped by the time budget"
    assert 3 <= len(record.history) < 100_000
    assert result.best is not None
    assert result.best.number == 0
    assert result.test is not None


def test_finalists_have_to_share_the_budget(run_search: Search, epochs: list[int]) -> None:
    result = run_search(finalists=1, **FOREVER)
    assert result.status == "finished"
    assert result.best is not None
    assert len(result.finalists) <= 1


def test_finalists_that_are_cut_short_do_not_speak_against_the_best_trial(
    run_search: Search, read: Callable[[str], StudyView], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is handed over as it is: after two of twenty epochs a finalist would be worse."""
    seen: list[int] = []
    monkeypatch.setattr(
        Observer, "finalist_epoch", lambda self, key, worker, result: seen.append(1)
    )
    monkeypatch.setattr(Clock, "seconds", property(lambda self: 1e9 if seen else 0.0))
    options = {"max_epochs": 20, "patience": 20, "pruner": "none", "time_budget": 60.0}
    result = run_search(trials=2, finalists=1, **options)
    best = min(read("iris").records, key=lambda r: (-(r.valid_score or 0), r.n_weights, r.number))
    assert seen
    assert result.best is not None
    assert (result.best.number, result.best.valid_score) == (best.number, best.valid_score)
    assert result.finalists == []
    assert result.test is not None


def test_a_budget_that_is_over_before_a_trial_is_complete_is_said(run_search: Search) -> None:
    with pytest.raises(StudyError, match="before a trial was complete"):
        run_search(time_budget=1e-9)


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Number and parameters of the trials that began; at the first, the time is up."""
    begun: list[Any] = []
    monkeypatch.setattr(Observer, "trial_started", lambda self, *trial: begun.append(trial))
    monkeypatch.setattr(Clock, "seconds", property(lambda self: 1e9 if begun else 0.0))
    return begun


ENDLESS_EPOCHS = """
family: mlp
model: {depth: 1, width: {int: [8, 16]}}
training: {batch_size: 1, steps_per_batch: 10000}
"""


def _stopped_in_its_first_epoch(run_search: Search, folder: Path, said: str) -> None:
    space = folder / "endless.yaml"
    space.write_text(ENDLESS_EPOCHS)
    options = {"space": str(space), "fixed": {}, "executor": "process", "workers": 1, **FOREVER}
    with pytest.raises(StudyError, match=said):
        run_search("iris", **options)


def test_a_trial_that_is_stopped_in_its_first_epoch_waits_and_has_not_failed(
    run_search: Search,
    read: Callable[[str], StudyView],
    studies: Path,
    tmp_path: Path,
    begun: list[Any],
) -> None:
    _stopped_in_its_first_epoch(run_search, tmp_path, "before a trial was complete")
    view = read("iris")
    assert (view.records, view.running, view.waiting) == ([], 0, 1)
    store = StudyStore(f"sqlite:///{studies}/iris/study.db")
    (trial,) = store.trials(1)
    store.close()
    assert (trial.state, trial.datetime_start) == (TrialState.WAITING, None)


def test_it_begins_anew_under_its_own_number_and_fails_when_that_goes_on(
    run_search: Search, read: Callable[[str], StudyView], tmp_path: Path, begun: list[Any]
) -> None:
    every = []
    for _ in range(MOST_STOPS - 1):
        begun.clear()
        _stopped_in_its_first_epoch(run_search, tmp_path, "before a trial was complete")
        every += begun
        assert read("iris").waiting == 1
    begun.clear()
    _stopped_in_its_first_epoch(run_search, tmp_path, "1 failed")
    assert every + begun == [every[0]] * MOST_STOPS
    assert every[0][0] == 0
    assert read("iris").records[0].error == "stopped before its first epoch ended"


def test_the_end_of_the_trials_is_final(
    run_search: Search, epochs: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the finalists need can shrink, and there would be time again."""
    said: list[str] = []

    def over(clock: Clock, reserve: float = 0.0) -> str | None:
        if epochs and not said:
            said.append("stopped by the time budget")
            return said[0]
        return None

    monkeypatch.setattr(Clock, "over", over)
    assert run_search(**{**FOREVER, "trials": 4, "max_epochs": 9}).trials.total == 1


def test_the_clock_keeps_a_reserve(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("automl.orchestrator.budget.time.monotonic", lambda: now[0])
    clock = Clock(10.0)
    assert clock.over() is None
    now[0] = 107.0
    assert clock.over(reserve=2.0) is None
    assert clock.over(reserve=3.0) == "stopped by the time budget"
    now[0] = 110.0
    assert clock.over() == "stopped by the time budget"
    assert Clock(None).over() is None
    clock.stop.set()
    assert clock.over() == "stopped by the program"


def test_ctrl_c_once_is_noted_and_twice_is_raised() -> None:
    import signal

    before = signal.getsignal(signal.SIGINT)
    clock = Clock(None)
    with clock.catch_interrupt():
        signal.raise_signal(signal.SIGINT)
        assert clock.interrupted
        assert clock.over() == "stopped by Ctrl-C"
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_a_search_in_another_thread_leaves_signals_alone() -> None:
    import signal
    import threading

    before = signal.getsignal(signal.SIGINT)
    seen: list[Any] = []

    def inside() -> None:
        with Clock(None).catch_interrupt():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=inside)
    thread.start()
    thread.join()
    assert seen == [before]
