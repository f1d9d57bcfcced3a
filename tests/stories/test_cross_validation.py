"""A search on small data judges its trials by cross-validation, and hands over one model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from statistics import fmean

import numpy as np
import pandas as pd
import pytest

import automl
from automl.data import load
from automl.data.split.folds import Folds
from automl.errors import ConfigError, StudyError
from automl.followup.compare import compare_later
from automl.followup.replay import first_difference, rerun
from automl.followup.study_setup import StudySetup
from automl.orchestrator.budget import Clock
from automl.orchestrator.defaults import choose_folds
from automl.orchestrator.observer import Observer
from automl.result import SearchResult
from automl.study.view import StudyView
from automl.task import InputKind
from automl.trial import TrialRecord, TrialStatus

Search = Callable[..., SearchResult]
Read = Callable[[str], StudyView]


@pytest.mark.parametrize(
    ("asked", "rows", "kind", "folds"),
    [
        (None, 299, "vector", Folds(5, 2)),
        (None, 300, "vector", Folds(5, 1)),
        (None, 2_499, "vector", Folds(5, 1)),
        (None, 2_500, "vector", None),
        (None, 999, "image", Folds(5, 1)),
        (None, 1_000, "image", None),
        (None, 1_000, "sequence", None),
        (0, 100, "vector", None),
        (1, 100, "vector", None),
        (3, 100, "image", Folds(3)),
        (10, 100_000, "vector", Folds(10)),
    ],
)
def test_small_data_is_cross_validated(
    asked: int | None, rows: int, kind: InputKind, folds: Folds | None
) -> None:
    assert choose_folds(asked, rows, kind) == folds


def test_folds_may_differ_in_the_columns_that_a_network_gets(
    run_search: Search, read: Read
) -> None:
    """A category that a single row has is in no training row of one fold."""
    words = np.random.default_rng(0).permutation(["a", "b"] * 25 + list("cdefghijkl"))
    table = pd.DataFrame({"x": np.arange(60.0), "word": words, "y": [0, 1] * 30})
    options = {"folds": 5, "trials": 1, "max_epochs": 1, "study": "rare", "fixed": {}}
    run_search(table, target="y", **options)
    assert [record.status for record in read("rare").records] == [TrialStatus.COMPLETE]


def test_the_default_on_iris(run_search: Search, read: Read) -> None:
    result = run_search(folds=None, trials=1, baselines=("logistic", "one-epoch"))
    assert result.folds is not None
    assert (result.folds.count, result.folds.repeats) == (5, 2)
    assert result.rows == {"train": 120, "test": 30}
    assert result.ensemble is None
    assert "among finalists" in result.skipped["ensemble"]
    assert "fold by fold" in result.skipped["one-epoch"]
    assert result.baselines["logistic"].test is not None
    (record,) = read("iris").records
    scores = [e.fold.score for e in record.history if e.fold]
    assert len(scores) == 10
    assert record.valid_score == pytest.approx(fmean(scores))
    assert result.best is not None
    assert result.best.valid_score == record.valid_score


def test_the_model_is_trained_on_all_rows_for_the_mean_of_the_best_epochs(
    run_search: Search, read: Read
) -> None:
    result = run_search("wine", folds=3, trials=2, max_epochs=8, pruner="none")
    assert result.best is not None
    assert result.test is not None
    record = next(r for r in read("wine").records if r.number == result.best.number)
    epochs = [e.fold.best_epoch for e in record.history if e.fold]
    assert result.best.epochs == round(fmean(epochs))
    model, dataset = automl.load_model("wine"), load("wine")
    assert model.info["training"]["rows"] == len(dataset.train) + len(dataset.valid)
    assert model.info["training"]["cross_validation"] == "3 x 1 folds"
    everything = np.concatenate([dataset.train.X, dataset.valid.X])
    assert model.preprocessing.mean == pytest.approx(everything.mean(axis=0))
    y = np.array(dataset.task.classes)[dataset.test.unlock()]
    assert model.score(dataset.test.X, y) == pytest.approx(result.test.score)


def test_finalists_are_cross_validated_with_fresh_seeds(run_search: Search) -> None:
    result = run_search("wine", folds=2, trials=3, finalists=2, max_epochs=4, pruner="none")
    assert len(result.finalists) == 2
    assert all(len(f.valid_scores) == 2 for f in result.finalists)
    assert result.best is not None
    assert result.best.valid_score == max(f.mean for f in result.finalists)


def test_trials_are_pruned_between_folds_and_can_be_trained_again(
    run_search: Search, read: Read
) -> None:
    run_search("wine", folds=5, trials=8, max_epochs=6)
    view = read("wine")
    pruned = [r for r in view.records if r.status is TrialStatus.PRUNED]
    assert pruned
    assert all(1 <= len(r.history) < 5 for r in pruned)
    assert all(r.valid_score == r.history[-1].valid_score for r in pruned)
    setup = StudySetup.load(view)
    for record in (pruned[0], view.ranked()[0]):
        again = rerun(setup, record.number)
        assert first_difference(record, again) is None
        assert [e.fold for e in again.history] == [e.fold for e in record.history]


def test_a_study_keeps_its_folds(run_search: Search) -> None:
    run_search(folds=3, trials=1)
    with pytest.raises(StudyError, match="its --folds is '3 x 1', this one's is 'none'"):
        run_search(folds=0, trials=2)
    assert run_search(folds=3, trials=2).trials.total == 2


def test_later_questions_see_the_same_folds(run_search: Search) -> None:
    run_search("wine", folds=3, trials=1, baselines=("dummy",))
    later = compare_later("wine", ("svm",))
    assert later.baselines["svm"].valid_score is not None
    assert later.test_reads == 2
    with pytest.raises(StudyError, match=r"'one-epoch' needs.*automl search --folds 0"):
        compare_later("wine", ("one-epoch",))


def test_an_interrupted_search_leaves_a_model_of_the_first_fold(
    run_search: Search, studies: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("automl.orchestrator.phases.choose_winner", lambda *args, **more: None)
    result = run_search("wine", folds=3, trials=1)
    assert result.status == "interrupted"
    model, dataset = automl.load_model("wine"), load("wine")
    assert model.info["training"]["trained_on"] == "the training rows of the first fold"
    rows = len(dataset.train) + len(dataset.valid)
    assert model.info["training"]["rows"] == rows - -(-rows // 3)
    assert model.predict(dataset.test.X).shape == (len(dataset.test),)


def test_regression_is_cross_validated_too(run_search: Search) -> None:
    result = run_search("diabetes", folds=3, trials=1, metric="mae", baselines=("svm",))
    assert result.rows["train"] == 354
    assert result.best is not None
    assert result.best.valid_score > 0
    assert result.baselines["svm"].comparison is not None


def test_a_time_budget_that_is_over_still_leaves_a_model_of_all_rows(timed_search: Search) -> None:
    finished: list[TrialRecord] = []

    class Finished(Observer):
        def trial_finished(self, record: TrialRecord) -> None:
            finished.append(record)

    class AfterTwo(Clock):
        def over(self, reserve: float = 0.0) -> str | None:
            return "stopped by the time budget" if len(finished) > 1 else None

    options = {"folds": 3, "trials": 500, "max_epochs": 4, "finalists": 2, "pruner": "none"}
    result = timed_search(AfterTwo(None), Finished(), dataset="wine", **options)
    assert (result.status, result.trials.total) == ("finished", 2)
    assert automl.load_model("wine").info["training"]["rows"] == result.rows["train"]


def test_a_metric_without_value_in_a_fold_is_refused(run_search: Search) -> None:
    with pytest.raises(ConfigError, match="but the validation rows of fold 21 are all of one"):
        run_search("iris", folds=100, metric="roc_auc")
