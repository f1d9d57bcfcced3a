"""A time budget ends a search, inside a trial too; nothing here looks at a clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from optuna.trial import TrialState

from automl.errors import StudyError
from automl.orchestrator.budget import Clock
from automl.orchestrator.observer import Observer
from automl.result import SearchResult
from automl.study.recovery import MAX_STOPS
from automl.study.view import StudyView
from automl.study.writer import StudyStore
from automl.trial import EpochResult, TrialStatus

Search = Callable[..., SearchResult]
FOREVER: dict[str, Any] = {
    **{"max_epochs": 100_000, "patience": 100_000, "pruner": "none"},
    **{"trials": 50, "time_budget": 60.0},
}


class Until(Clock):
    """A clock that jumps past every budget when something was seen often enough."""

    def __init__(self, seen: list[Any], times: int = 1) -> None:
        super().__init__(60.0)
        self._seen, self._times = seen, times

    @property
    def seconds(self) -> float:
        return 0.0 if len(self._seen) < self._times else 1e9


class Epochs(Observer):
    """Notes the epochs of trials and of finalists."""

    def __init__(self) -> None:
        self.seen: list[int] = []
        self.of_finalists: list[int] = []

    def epoch(self, worker: int, result: EpochResult) -> None:
        self.seen.append(result.epoch)

    def finalist_epoch(self, run: tuple[int, int], worker: int, result: EpochResult) -> None:
        self.of_finalists.append(result.epoch)


@pytest.mark.parametrize("executor", ["inline", "process"])
def test_a_budget_ends_a_trial_that_would_never_end(
    timed_search: Search, read: Callable[[str], StudyView], executor: str
) -> None:
    epochs = Epochs()
    clock = Until(epochs.seen, 3)
    result = timed_search(clock, epochs, executor=executor, workers=1, **FOREVER)
    (record,) = read("iris").records
    assert result.status == "finished"
    assert record.status is TrialStatus.COMPLETE
    assert record.note == "stopped by the time budget"
    assert 3 <= len(record.history) < 100_000
    assert result.best is not None
    assert result.best.number == 0
    assert result.test is not None


class Notes(Epochs):
    """Notes what is said, too."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def note(self, text: str) -> None:
        self.said.append(text)


def test_a_budget_alone_decides_how_many_trials_there_are(timed_search: Search) -> None:
    notes = Notes()
    clock = Until(notes.seen, 3)
    result = timed_search(clock, notes, trials=None, time_budget=60.0, finalists=0)
    assert 1 <= result.trials.total < 100
    assert result.test is not None


def test_a_budget_decides_how_long_a_training_is_and_says_why(timed_search: Search) -> None:
    """120 epochs take longer than a tenth of a millisecond on any machine."""
    notes = Notes()
    options: dict[str, Any] = {"max_epochs": None, "patience": None, "finalists": 0}
    clock = Until(notes.seen, 10_000)
    result = timed_search(clock, notes, time_budget=1e-4, trials=1, **options)
    assert result.max_epochs == 3
    (plan,) = [said for said in notes.said if "an epoch of mlp takes" in said]
    assert "a training has 3 epochs, in place of 120" in plan
    again = timed_search(Clock(None), trials=2, **options)
    assert again.max_epochs == 3  # the study has it, and nobody else chose


def test_finalists_have_to_share_the_budget(timed_search: Search) -> None:
    epochs = Epochs()
    result = timed_search(Until(epochs.seen, 3), epochs, finalists=1, **FOREVER)
    assert result.status == "finished"
    assert result.best is not None
    assert len(result.finalists) <= 1


def test_finalists_that_are_cut_short_do_not_speak_against_the_best_trial(
    timed_search: Search, read: Callable[[str], StudyView]
) -> None:
    """It is handed over as it is: after two of twenty epochs a finalist would be worse."""
    epochs = Epochs()
    options = {"max_epochs": 20, "patience": 20, "pruner": "none", "time_budget": 60.0}
    result = timed_search(Until(epochs.of_finalists), epochs, trials=2, finalists=1, **options)
    best = min(read("iris").records, key=lambda r: (-(r.valid_score or 0), r.n_weights, r.number))
    assert epochs.of_finalists
    assert result.best is not None
    assert (result.best.number, result.best.valid_score) == (best.number, best.valid_score)
    assert result.finalists == []
    assert result.test is not None


def test_a_budget_that_is_over_before_a_trial_is_complete_is_said(run_search: Search) -> None:
    with pytest.raises(StudyError, match="before a trial was complete"):
        run_search(time_budget=1e-9)


class Begun(Observer):
    """Notes the number and the parameters of each trial that began."""

    def __init__(self) -> None:
        self.trials: list[tuple[int, Mapping[str, Any]]] = []

    def trial_started(self, number: int, params: Mapping[str, Any]) -> None:
        self.trials.append((number, params))


ENDLESS_EPOCHS = """
family: mlp
model: {depth: 1, width: {int: [8, 16]}}
training: {batch_size: 1, steps_per_batch: 10000}
"""


def _stopped_in_its_first_epoch(
    timed_search: Search, folder: Path, said: str
) -> list[tuple[int, Mapping[str, Any]]]:
    """Run a search whose time is up when its first trial begins; returns the trials that did."""
    space = folder / "endless.yaml"
    space.write_text(ENDLESS_EPOCHS)
    options = {"space": str(space), "fixed": {}, "executor": "process", "workers": 1, **FOREVER}
    begun = Begun()
    with pytest.raises(StudyError, match=said):
        timed_search(Until(begun.trials), begun, **options)
    return begun.trials


def test_a_trial_that_is_stopped_in_its_first_epoch_waits_and_has_not_failed(
    timed_search: Search, read: Callable[[str], StudyView], studies: Path, tmp_path: Path
) -> None:
    _stopped_in_its_first_epoch(timed_search, tmp_path, "before a trial was complete")
    view = read("iris")
    assert (view.records, view.running, view.waiting) == ([], 0, 1)
    store = StudyStore(f"sqlite:///{studies}/iris/study.db")
    (trial,) = store.trials(1)
    store.close()
    assert (trial.state, trial.datetime_start) == (TrialState.WAITING, None)


def test_it_begins_anew_under_its_own_number_and_fails_when_that_goes_on(
    timed_search: Search, read: Callable[[str], StudyView], tmp_path: Path
) -> None:
    every = []
    for _ in range(MAX_STOPS - 1):
        every += _stopped_in_its_first_epoch(timed_search, tmp_path, "before a trial was complete")
        assert read("iris").waiting == 1
    every += _stopped_in_its_first_epoch(timed_search, tmp_path, "1 failed")
    assert every == [every[0]] * MAX_STOPS
    assert every[0][0] == 0
    assert read("iris").records[0].error == "stopped before its first epoch ended"


def test_the_end_of_the_trials_is_final(timed_search: Search) -> None:
    """What the finalists need can shrink, and there would be time again."""
    epochs = Epochs()

    class Once(Clock):
        asked = 0

        def over(self, reserve: float = 0.0) -> str | None:
            self.asked += bool(epochs.seen)
            return "stopped by the time budget" if epochs.seen and self.asked == 1 else None

    result = timed_search(Once(None), epochs, **{**FOREVER, "trials": 4, "max_epochs": 9})
    assert result.trials.total == 1


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


def test_an_answer_to_ctrl_c_of_the_programs_own_stays() -> None:
    import signal

    before = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # as in the background of a shell
    try:
        with Clock(None).catch_interrupt():
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


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
