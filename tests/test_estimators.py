"""The estimators: scikit-learn's own checks, and what they promise beside."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris, load_linnerud, make_regression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import automl

TINY: dict[str, Any] = {
    "trials": 1,
    "finalists": 0,
    "folds": 0,
    "executor": "inline",
    "random_state": 0,
}

EXPECTED_FAILURES: dict[str, str] = {}


@parametrize_with_checks(
    [automl.Classifier(**TINY, max_epochs=20), automl.Regressor(**TINY, max_epochs=40)],
    expected_failed_checks=lambda estimator: EXPECTED_FAILURES,
)
def test_scikit_learns_checks(estimator: Any, check: Callable[[Any], None]) -> None:
    check(estimator)


@pytest.fixture(scope="module")
def iris_classifier() -> automl.Classifier:
    X, y = load_iris(return_X_y=True)
    names = np.array(["setosa", "versicolor", "virginica"])[y]
    options = {**TINY, "trials": 2, "folds": 2}
    return automl.Classifier(**options, max_epochs=15, metric="log_loss").fit(X, names)


def test_a_classifier_keeps_labels_model_and_result(iris_classifier: automl.Classifier) -> None:
    X, y = load_iris(return_X_y=True)
    assert iris_classifier.classes_.tolist() == ["setosa", "versicolor", "virginica"]
    assert iris_classifier.score(X, iris_classifier.classes_[y]) > 0.8
    proba = iris_classifier.predict_proba(X)
    assert np.allclose(proba.sum(axis=1), 1)
    assert np.array_equal(
        iris_classifier.classes_[proba.argmax(axis=1)], iris_classifier.predict(X)
    )
    result = iris_classifier.result_
    assert (result.metric, result.rows["test"]) == ("log_loss", 30)
    assert result.folds is not None
    assert result.trials.total == 2


def test_it_survives_a_pickle_without_its_folder(
    iris_classifier: automl.Classifier, own_machine: Path
) -> None:
    X, _ = load_iris(return_X_y=True)
    again = pickle.loads(pickle.dumps(iris_classifier))
    assert np.array_equal(again.predict_proba(X), iris_classifier.predict_proba(X))
    assert not Path(iris_classifier.result_.folder).exists()
    assert not (own_machine / "studies").exists()


def test_a_study_that_is_named_stays(studies: Path) -> None:
    X, y = make_regression(60, 3, random_state=0)
    regressor = automl.Regressor(**TINY, max_epochs=3, study="kept").fit(X, y)
    assert (studies / "kept" / "report.html").exists()
    assert regressor.result_.study == "kept"
    assert automl.load_model("kept").predict(X) == pytest.approx(regressor.predict(X))


def test_several_targets_are_predicted_by_one_network() -> None:
    X, y = load_linnerud(return_X_y=True)
    regressor = automl.Regressor(**TINY, max_epochs=5).fit(X, y)
    assert regressor.predict(X).shape == y.shape


def test_columns_of_text_are_read_from_a_frame() -> None:
    rng = np.random.default_rng(0)
    colour = rng.choice(["blue", "red"], size=200)
    frame = pd.DataFrame({"colour": colour, "size": rng.normal(size=200)})
    classifier = automl.Classifier(**TINY, max_epochs=15).fit(frame, colour == "red")
    assert classifier.score(frame, colour == "red") > 0.95
    assert classifier.feature_names_in_.tolist() == ["colour", "size"]
    with pytest.raises(ValueError, match="feature names"):
        classifier.predict(frame.rename(columns={"size": "weight"}))


def test_it_works_in_a_pipeline_and_in_cross_validation() -> None:
    X, y = load_iris(return_X_y=True)
    classifier = automl.Classifier(**TINY, max_epochs=10)
    scores = cross_val_score(make_pipeline(StandardScaler(), classifier), X, y, cv=2)
    assert scores.min() > 0.6
    assert not hasattr(clone(classifier), "model_")


def test_a_parameter_that_breaks_its_rule_is_named() -> None:
    X, y = load_iris(return_X_y=True)
    with pytest.raises(ValueError, match="trials: must be greater than or equal to 1"):
        automl.Classifier(trials=0).fit(X, y)


def test_one_baseline_is_a_name_like_several() -> None:
    X, y = load_iris(return_X_y=True)
    classifier = automl.Classifier(**{**TINY, "baselines": "dummy"}, max_epochs=1).fit(X, y)
    assert classifier.result_.baselines.keys() == {"dummy"}
    assert clone(classifier).baselines == "dummy"


class Counting(automl.Observer):
    """Counts what it hears of."""

    def __init__(self) -> None:
        self.trials = 0

    def trial_finished(self, record: automl.TrialRecord) -> None:
        self.trials += 1


def _end_at_once(search: automl.SearchProgress, trial: automl.TrialRecord) -> None:
    search.stop()


def test_a_fit_is_watched_and_ended_as_a_search_is() -> None:
    X, y = load_iris(return_X_y=True)
    observer = Counting()
    options = {**TINY, "trials": 3, "observer": observer, "callbacks": [_end_at_once]}
    classifier = automl.Classifier(**options, max_epochs=5).fit(X, y)
    assert observer.trials == 1
    assert classifier.result_.status == "interrupted"
    assert classifier.predict(X).shape == (150,)
    assert clone(classifier).fit(X, y).observer.trials == 2  # a copy, of one that had heard of one
    assert observer.trials == 1
    assert pickle.loads(pickle.dumps(classifier)).observer.trials == 1
