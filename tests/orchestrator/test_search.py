"""A search from beginning to end: what is trained, what is kept, what is chosen."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pytest

import automl
from automl.orchestrator.budget import Clock
from automl.orchestrator.observer import Observer
from automl.orchestrator.search import search
from automl.result import SearchResult
from automl.study.view import StudyView, read_study, study_names
from automl.trial import EpochResult, TrialRecord, TrialStatus

Search = Callable[..., SearchResult]
Read = Callable[[str], StudyView]


def _curves(view: StudyView) -> list[Any]:
    return [
        (r.number, r.status, r.params, [(e.train_loss, e.valid_score) for e in r.history])
        for r in view.records
    ]


def test_the_same_seed_gives_the_same_study(run_search: Search, read: Read) -> None:
    for study, seed in (("a", 3), ("b", 3), ("c", 4)):
        run_search(study=study, seed=seed, trials=6)
    assert _curves(read("a")) == _curves(read("b"))
    assert _curves(read("a"))[3:] != _curves(read("c"))[3:]


def test_optuna_opens_the_study(run_search: Search, studies: Path) -> None:
    run_search(trials=4)
    study = optuna.load_study(study_name="iris", storage=f"sqlite:///{studies}/iris/study.db")
    assert [t.number for t in study.trials] == [0, 1, 2, 3]
    assert all(t.state.is_finished() for t in study.trials)
    complete = [t for t in study.trials if t.state is optuna.trial.TrialState.COMPLETE]
    assert study.best_trial in complete
    for trial in study.trials:
        assert trial.intermediate_values
        assert trial.duration is not None


def test_the_result_says_what_the_study_holds(run_search: Search, read: Read) -> None:
    result = run_search(trials=5)
    view = read("iris")
    for status in TrialStatus:
        here = sum(r.status is status for r in view.records)
        assert getattr(result.trials, status.value) == here
    best = view.ranked()[0]
    assert result.best is not None
    assert (result.best.number, result.best.params) == (best.number, dict(best.params))
    assert result.best.valid_score == best.valid_score
    assert result.rows == {"train": 90, "valid": 30, "test": 30}
    assert result.status == "finished"


def test_the_best_model_is_the_one_that_was_judged(run_search: Search, studies: Path) -> None:
    from automl.data import load

    result = run_search("wine", "model.width=32", max_epochs=8)
    assert result.best is not None
    assert result.test is not None
    dataset, model = load("wine"), automl.load_model("wine")
    assert model.score(dataset.valid.X, np.array(dataset.task.classes)[dataset.valid.y]) == (
        pytest.approx(result.best.valid_score)
    )
    y = np.array(dataset.task.classes)[dataset.test.unlock()]
    assert model.score(dataset.test.X, y) == pytest.approx(result.test.score)


@pytest.mark.parametrize(
    ("dataset", "task"), [("breast-cancer", "binary"), ("diabetes", "regression")]
)
def test_other_tasks_are_searched_too(run_search: Search, dataset: str, task: str) -> None:
    result = run_search(dataset, trials=2, finalists=1, baselines=("dummy",))
    assert result.task == task
    assert result.test is not None
    assert result.test.low <= result.test.score <= result.test.high
    assert result.baselines["dummy"].test is not None
    assert (result.metric, result.direction) == (
        ("rmse", "minimize") if task == "regression" else ("accuracy", "maximize")
    )
    assert bool(result.confusion) == (task == "binary")


def test_finalists_are_trained_again_and_the_best_mean_wins(run_search: Search) -> None:
    result = run_search(
        "wine", "optimizer.name=adam", trials=4, finalists=3, pruner="none", max_epochs=4
    )
    assert len(result.finalists) == 3
    for finalist in result.finalists:
        assert len(finalist.valid_scores) == 2
        assert finalist.mean == pytest.approx(sum(finalist.valid_scores) / 2)
    assert result.best is not None
    winner = max(result.finalists, key=lambda f: f.mean)
    assert result.best.valid_score == winner.mean
    assert result.best.number in {f.number for f in result.finalists if f.mean == winner.mean}


ALL_FIXED = (
    *("model.depth=1", "model.taper=1.0", "model.activation=relu", "model.normalisation=none"),
    *("model.dropout=0.0", "optimizer.name=adam", "optimizer.learning_rate=0.01"),
    *("optimizer.momentum=0.9", "training.batch_size=32", "regularisation.l1=0.0"),
    *("regularisation.weight_decay=1e-6", "regularisation.label_smoothing=0.0"),
)


def test_an_equivalent_candidate_is_not_trained_twice(run_search: Search, read: Read) -> None:
    result = run_search("iris", *ALL_FIXED, "optimizer.schedule=constant", finalists=3)
    first, *others = read("iris").records
    assert first.note is None
    for record in others:
        assert record.note == "same as trial 0"
        assert record.seconds == 0.0
        assert [e.valid_score for e in record.history] == [e.valid_score for e in first.history]
        assert record.status is first.status
    assert [f.number for f in result.finalists] == [0], "a twin is no finalist of its own"


def test_settings_that_change_nothing_make_twins(run_search: Search, read: Read) -> None:
    fixed = [text for text in ALL_FIXED if "momentum" not in text]  # of sgd alone
    run_search("iris", *fixed, "optimizer.schedule=constant")
    first, *others = read("iris").records
    assert len({r.params["optimizer.momentum"] for r in (first, *others)}) > 1
    assert {r.note for r in others} == {"same as trial 0"}


def test_failed_trials_are_kept_with_their_reason(run_search: Search, read: Read) -> None:
    with pytest.raises(automl.StudyError, match=r"none of 2 trials is complete.*diverged"):
        run_search(
            "iris",
            *("optimizer.name=sgd", "optimizer.learning_rate=1000.0", "model.depth=4"),
            *("model.normalisation=none", "model.activation=relu", "optimizer.momentum=0.9"),
            trials=2,
            max_epochs=40,
            pruner="none",
        )
    for record in read("iris").records:
        assert record.status is TrialStatus.FAILED
        assert record.valid_score is None
        assert record.error is not None
        assert record.error.startswith("diverged: ")


def test_only_the_best_trials_keep_their_weights(run_search: Search, studies: Path) -> None:
    run_search(trials=8, pruner="none", keep="0")
    assert len(list((studies / "iris" / "weights").glob("[0-9]*.safetensors"))) == 1
    run_search(trials=8, pruner="none", study="all")
    assert len(list((studies / "all" / "weights").glob("[0-9]*.safetensors"))) > 1


def test_nothing_temporary_is_left_behind(run_search: Search, studies: Path) -> None:
    run_search()
    left = [p.name for p in (studies / "iris").rglob("*")]
    assert not [name for name in left if "partial" in name or name == "shared"]
    assert not [name for name in left if name.endswith(("-wal", "-shm"))]


class Watching(Observer):
    def __init__(self) -> None:
        self.said: list[str] = []
        self.epochs = 0
        self.ticks = 0

    def search_started(self, overview: Any) -> None:
        self.said.append(f"started {overview.trials} after {len(overview.before)}")

    def trial_started(self, number: int, params: Any) -> None:
        self.said.append(f"trial {number}")

    def epoch(self, worker: int, result: EpochResult) -> None:
        self.epochs += 1

    def trial_finished(self, record: TrialRecord) -> None:
        self.said.append(f"done {record.number}")

    def phase(self, name: str) -> None:
        self.said.append(name)

    def note(self, text: str) -> None:
        self.said.append(text)

    def tick(self) -> None:
        self.ticks += 1

    def close(self) -> None:
        self.said.append("closed")


def test_an_observer_is_told_what_happens_in_its_order() -> None:
    observer = Watching()
    search(
        automl.SearchConfig(
            dataset="iris",
            trials=2,
            max_epochs=2,
            executor="inline",
            finalists=0,
            baselines=(),
            pruner="none",
            onnx=False,
            folds=0,
        ),
        observer,
    )
    assert [said for said in observer.said if said not in ("export", "report")] == [
        *("started 2 after 0", "trials", "trial 0", "done 0", "trial 1", "done 1"),
        *("finalists", "test", "baselines", "closed"),
    ]
    assert observer.epochs == 4
    assert observer.ticks >= 4, "the view is refreshed between two epochs of an inline job"


def test_the_baselines_are_studies_of_their_own(run_search: Search, studies: Path) -> None:
    result = run_search(trials=2, baselines=("svm", "dummy"))
    names = optuna.get_all_study_names(f"sqlite:///{studies}/iris/study.db")
    assert names == ["iris", "iris-svm"]
    svm, dummy = result.baselines["svm"], result.baselines["dummy"]
    assert svm.test is not None
    assert dummy.test is not None
    assert svm.test.score > dummy.test.score
    assert svm.seconds is not None
    assert svm.seconds.tune > 0
    assert result.verdict is not None
    assert "SVM" in result.verdict
    assert json.loads((studies / "iris" / "result.json").read_text())["baselines"].keys() == {
        "svm",
        "dummy",
    }


def test_another_database_can_hold_the_study(run_search: Search, own_machine: Path) -> None:
    url = f"sqlite:///{own_machine}/other.db"
    run_search(trials=2, storage=url)
    run_search(trials=3, storage=url)
    run_search(trials=4)  # it is remembered
    assert len(optuna.load_study(study_name="iris", storage=url).trials) == 4
    assert len(read_study("iris").records) == 4
    assert study_names() == ["iris"]


@pytest.mark.parametrize("name", ["model.depth", "mlp.model.depth"])
def test_a_plain_name_that_some_families_do_not_have_is_said(name: str) -> None:
    observer = Watching()
    search(
        automl.SearchConfig(
            dataset="digits",
            trials=1,
            max_epochs=1,
            executor="inline",
            finalists=0,
            baselines=(),
            onnx=False,
            report=False,
            fixed={name: 1},
        ),
        observer,
    )
    notes = [said for said in observer.said if "is fixed for" in said]
    said = "model.depth is fixed for mlp; it is no parameter of cnn"
    assert notes == ([said] if name == "model.depth" else [])


def test_a_search_that_is_stopped_while_it_predicts_waits_for_no_other_job(
    timed_search: Search, run_search: Search, studies: Path
) -> None:
    clock = Clock(None)

    class Stopping(Observer):
        def phase(self, name: str) -> None:
            if name == "test":
                clock.stop.set()

    options = {"trials": 2, "finalists": 2, "folds": 0}
    assert timed_search(clock, Stopping(), **options).status == "interrupted"
    assert len(list((studies / "iris" / "predictions").iterdir())) <= 1
    assert run_search(**options).status == "finished"
    assert len(list((studies / "iris" / "predictions").iterdir())) > 1
