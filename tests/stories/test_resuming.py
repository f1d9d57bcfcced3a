"""A study goes on where it ended, and belongs to one search."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import optuna
import pytest
from filelock import FileLock
from optuna.trial import FrozenTrial, TrialState

from automl.errors import StudyError
from automl.orchestrator.observer import Observer
from automl.result import SearchResult
from automl.study.recovery import MAX_KILLS, take_over
from automl.study.view import StudyView
from automl.study.writer import StudyStore
from automl.trial import TrialStatus

Search = Callable[..., SearchResult]
Read = Callable[[str], StudyView]


def test_a_resumed_study_holds_as_many_trials_as_were_asked_for(
    run_search: Search, read: Read
) -> None:
    run_search(trials=4)
    before = read("iris").records
    result = run_search(trials=6)
    after = read("iris").records
    assert result.trials.total == 6
    assert [r.number for r in after] == list(range(6))
    assert after[:4] == before
    assert {str(r.params) for r in after[4:]}.isdisjoint({str(r.params) for r in before})


def test_a_study_that_has_its_trials_already_is_not_trained(
    run_search: Search, studies: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run_search(trials=3)
    written = (studies / "iris" / "result.json").read_bytes()
    notes: list[str] = []

    class Notes(Observer):
        def note(self, text: str) -> None:
            notes.append(text)

    monkeypatch.setattr("automl.training.train.train", None)
    assert run_search(trials=3, observer=Notes()) == first
    assert run_search(trials=2, observer=Notes()) == first
    assert (studies / "iris" / "result.json").read_bytes() == written
    assert len(notes) == 2
    assert "already has 3 trials" in notes[0]
    assert "--trials 6" in notes[0]


def test_a_second_look_at_the_test_split_is_counted(run_search: Search) -> None:
    assert run_search(trials=2).test_reads == 1
    assert run_search(trials=3).test_reads == 2
    assert run_search(trials=3).test_reads == 2


def test_baselines_that_are_done_are_not_done_again(run_search: Search, studies: Path) -> None:
    first = run_search(trials=2, baselines=("svm",))
    again = run_search(trials=3, baselines=("svm",))
    assert again.baselines["svm"].params == first.baselines["svm"].params
    study = optuna.load_study(study_name="iris-svm", storage=f"sqlite:///{studies}/iris/study.db")
    from automl.baselines import BASELINES

    assert len(study.trials) == BASELINES.get("svm").tuning_trials


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"dataset": "wine", "study": "iris"}, "data set is 'iris', this one's is 'wine'"),
        ({"seed": 1}, "--seed is 0, this one's is 1"),
        ({"max_epochs": 3}, "--max-epochs is 2, this one's is 3"),
        ({"fixed": {"model.width": 17}}, "search space"),
        ({"space": "mlp"}, "search space is 'mlp-small.yaml', this one's is 'mlp.yaml'"),
    ],
)
def test_a_study_of_another_search_is_refused(
    run_search: Search, read: Read, changed: dict[str, Any], what: str
) -> None:
    run_search(trials=1)
    before = read("iris")
    options = {"trials": 2, **changed}
    with pytest.raises(StudyError, match="belongs to another search") as error:
        run_search(options.pop("dataset", "iris"), **options)
    assert what in str(error.value)
    assert "--study NAME" in str(error.value)
    assert read("iris") == before


def test_altered_data_are_another_search(
    run_search: Search, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_search(trials=1)
    from automl.data.sources import SOURCES, Raw

    raw = SOURCES.get("iris").load()
    X = raw.X.copy()
    X[0, 0] += 0.1
    monkeypatch.setattr(
        type(SOURCES.get("iris")), "load", lambda self, download: Raw(X, raw.y, raw.classes)
    )
    with pytest.raises(StudyError, match=r"its data \(SHA-256\) is"):
        run_search(trials=2)


def test_a_study_that_runs_elsewhere_is_refused(run_search: Search, studies: Path) -> None:
    run_search(trials=1)
    with (
        FileLock(studies / "iris" / ".lock"),
        pytest.raises(StudyError, match="study 'iris' is running in another process"),
    ):
        run_search(trials=2)
    assert run_search(trials=2).trials.total == 2


def test_a_study_of_another_origin_can_be_looked_at_but_not_searched(
    run_search: Search, read: Read, studies: Path
) -> None:
    (studies / "theirs").mkdir(parents=True)
    url = f"sqlite:///{studies}/theirs/study.db"
    study = optuna.create_study(study_name="theirs", storage=url, direction="minimize")
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1) ** 2, n_trials=3)
    view = read("theirs")
    assert len(view.ranked()) == 3
    assert view.ranked()[0].valid_score == study.best_value
    assert view.metric.direction == "minimize"
    with pytest.raises(StudyError, match="was not made by automl"):
        run_search(study="theirs")


def test_a_study_with_several_objectives_is_refused_in_words(read: Read, studies: Path) -> None:
    (studies / "two").mkdir(parents=True)
    url = f"sqlite:///{studies}/two/study.db"
    optuna.create_study(study_name="two", storage=url, directions=["minimize", "maximize"])
    with pytest.raises(StudyError, match="cannot be read"):
        read("two")


@contextmanager
def _opened(studies: Path) -> Iterator[tuple[StudyStore, int, FrozenTrial]]:
    """The store of a small search, its study, and the first trial of that."""
    store = StudyStore(f"sqlite:///{studies}/iris/study.db")
    study_id = store.find_study("iris")
    assert study_id is not None
    yield store, study_id, store.trials(study_id)[0]
    store.close()


def test_what_a_killed_search_left_is_trained_under_its_own_number(
    run_search: Search, read: Read, studies: Path
) -> None:
    run_search(trials=2)
    with _opened(studies) as (store, study_id, known):
        params = {**known.params, "optimizer.learning_rate": 0.0123}
        store.begin_trial(study_id, 2, params, known.distributions)
    assert read("iris").running == 1
    result = run_search(trials=5)
    view = read("iris")
    assert (result.trials.total, result.trials.failed, view.running) == (5, 0, 0)
    assert view.records[2].params["optimizer.learning_rate"] == 0.0123
    assert view.records[2].history
    assert [r.number for r in view.records] == list(range(5))


def test_a_trial_that_was_put_back_waits_until_there_is_room(
    run_search: Search, read: Read, studies: Path
) -> None:
    run_search(trials=2)
    with _opened(studies) as (store, study_id, known):
        params = {**known.params, "optimizer.learning_rate": 0.0123}
        store.put_back(store.begin_trial(study_id, 2, params, known.distributions))
    run_search(trials=2)
    assert [r.number for r in read("iris").records] == [0, 1]
    run_search(trials=3)
    records = read("iris").records
    assert [r.number for r in records] == [0, 1, 2]
    assert records[2].params["optimizer.learning_rate"] == 0.0123
    assert records[2].status is not TrialStatus.FAILED


def test_a_trial_with_which_the_search_was_killed_again_and_again_fails(
    run_search: Search, read: Read, studies: Path
) -> None:
    run_search(trials=2)
    with _opened(studies) as (store, study_id, known):
        store.begin_trial(study_id, 2, known.params, known.distributions)
        for _ in range(MAX_KILLS - 1):
            take_over(store, study_id)
            take_over(store, study_id)  # a kill while it waits counts for nothing
            assert store.trials(study_id)[2].state is TrialState.WAITING
            store.begin_again(store.waiting(study_id)[2])
    run_search(trials=5)
    record = read("iris").records[2]
    assert record.error == "the search was killed 3 times while it ran"


def test_what_a_killed_search_left_beyond_the_trials_asked_for_waits(
    run_search: Search, read: Read, studies: Path
) -> None:
    run_search(trials=2)
    with _opened(studies) as (store, study_id, known):
        store.begin_trial(study_id, 2, known.params, known.distributions)
    run_search(trials=2)
    view = read("iris")
    assert (len(view.records), view.running, view.waiting) == (2, 0, 1)
