"""A search that is watched, and stopped, from a program."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Mapping
from typing import Any

import pytest

import automl
from automl.result import SearchResult
from automl.study.view import StudyView
from automl.trial import EpochResult, TrialRecord, TrialStatus

Search = Callable[..., SearchResult]
Read = Callable[[str], StudyView]


class Noting(automl.Observer):
    """Notes what it hears."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def search_started(self, overview: automl.Overview) -> None:
        self.heard.append(f"search of {overview.dataset}")

    def phase(self, name: str) -> None:
        self.heard.append(name)

    def trial_started(self, number: int, params: Mapping[str, Any]) -> None:
        self.heard.append(f"trial {number}")

    def trial_finished(self, record: TrialRecord) -> None:
        self.heard.append(f"done {record.number}")

    def new_best(self, record: TrialRecord) -> None:
        self.heard.append(f"best {record.number}")

    def finalist_epoch(self, run: tuple[int, int], worker: int, result: EpochResult) -> None:
        self.heard.append(f"finalist {run[0]}")

    def baseline_finished(self, name: str, valid_score: float | None, error: str | None) -> None:
        self.heard.append(f"{name}: {error}")

    def close(self) -> None:
        self.heard.append("closed")


def test_an_observer_hears_of_everything(run_search: Search) -> None:
    observer = Noting()
    result = run_search(
        observer=observer, trials=3, pruner="none", finalists=1, baselines=("dummy",)
    )
    heard = observer.heard
    assert heard[:5] == ["search of iris", "trials", "trial 0", "best 0", "done 0"]
    assert "dummy: None" in heard
    assert result.finalists
    assert f"finalist {result.finalists[0].number}" in heard
    assert heard[-1] == "closed"


def test_callbacks_are_called_after_every_trial_as_in_optuna(
    run_search: Search, read: Read
) -> None:
    called: list[tuple[int, int | None, int]] = []

    def callback(search: automl.SearchProgress, trial: automl.TrialRecord) -> None:
        best = search.best.number if search.best else None
        called.append((trial.number, best, len(search.records)))

    run_search(trials=2)
    result = run_search(trials=4, callbacks=[callback, callback])
    assert [c[0] for c in called] == [2, 2, 3, 3]
    assert [c[2] for c in called] == [3, 3, 4, 4]
    assert result.best is not None
    assert called[-1][1] == result.best.number


def test_a_callback_can_end_the_search_and_the_same_call_goes_on(
    run_search: Search, read: Read
) -> None:
    def enough(search: automl.SearchProgress, trial: automl.TrialRecord) -> None:
        search.stop()

    first = run_search(trials=5, callbacks=[enough])
    assert first.status == "interrupted"
    assert first.trials.total == 1
    assert first.best is not None
    assert automl.load_model("iris").predict([[5.1, 3.5, 1.4, 0.2]]).shape == (1,)
    second = run_search(trials=5)
    assert (second.status, second.trials.total) == ("finished", 5)


@pytest.mark.parametrize("executor", ["inline", "process"])
def test_another_thread_can_end_a_trial_that_would_never_end(
    run_search: Search, read: Read, executor: str
) -> None:
    """The search runs off the main thread, and signals stay as they are."""
    begun, stop = threading.Event(), threading.Event()
    handler = signal.getsignal(signal.SIGINT)
    results: list[SearchResult] = []

    class Begun(automl.Observer):
        def epoch(self, worker: int, result: EpochResult) -> None:
            begun.set()

    def work() -> None:
        results.append(
            run_search(
                **{"trials": 50, "max_epochs": 100_000, "patience": 100_000, "pruner": "none"},
                **{"executor": executor, "workers": 1, "observer": Begun(), "stop": stop},
            )
        )

    thread = threading.Thread(target=work)
    thread.start()
    assert begun.wait(60)
    assert signal.getsignal(signal.SIGINT) is handler
    stop.set()
    thread.join(60)
    assert [result.status for result in results] == ["interrupted"]
    (record,) = read("iris").records
    assert record.status is TrialStatus.COMPLETE
    assert record.note == "stopped by the program"


def test_a_stop_that_is_set_before_ends_the_search_at_once(run_search: Search) -> None:
    stop = threading.Event()
    stop.set()
    result = run_search(stop=stop)
    assert (result.status, result.trials.total, result.best) == ("interrupted", 0, None)


def test_a_mistake_in_an_observer_keeps_its_traceback_and_the_study(
    run_search: Search, read: Read
) -> None:
    class Wrong(Noting):
        def trial_finished(self, record: TrialRecord) -> None:
            raise ZeroDivisionError("a mistake of the user's")

    observer = Wrong()
    with pytest.raises(ZeroDivisionError, match="a mistake") as error:
        run_search(observer=observer)
    assert error.traceback[-1].name == "trial_finished"
    assert observer.heard[-1] == "closed"
    assert [r.status for r in read("iris").records] == [TrialStatus.COMPLETE]
    assert run_search().trials.total == 3


def test_an_observer_hears_of_the_end_of_a_search_that_could_not_begin(run_search: Search) -> None:
    run_search()
    observer = Noting()
    with pytest.raises(automl.StudyError, match="seed"):
        run_search(seed=1, observer=observer)
    assert observer.heard[-1] == "closed"
    assert "trials" not in observer.heard


def test_a_training_is_watched_and_stopped() -> None:
    stop = threading.Event()

    class Stopping(automl.TrainObserver):
        def epoch(self, result: EpochResult) -> None:
            if result.epoch == 3:
                stop.set()

    options: dict[str, Any] = {"executor": "inline", "rows": "train", "epochs": 1000}
    result = automl.train("xor-lbfgs", "iris", observer=Stopping(), stop=stop, **options)
    assert result.status == "interrupted"
    assert 3 <= len(result.history) < 1000
