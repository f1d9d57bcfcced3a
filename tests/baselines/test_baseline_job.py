from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from automl.baselines import BASELINES, Baseline


class Recorder(Baseline):
    """A baseline that notes what it is given, and is not good for anything else."""

    def __init__(self, limit=None, error=None):
        self.limit, self.error = limit, error
        self.fitted = None

    def row_limit(self, params):
        return self.limit

    def build(self, params, task, n_rows, n_features, seed):
        self.built = (n_rows, n_features, seed)
        return self

    def describe(self, params, task, n_rows, n_features):
        return f"recorder of {n_rows} rows"

    def fit(self, X, y):
        if self.error:
            raise self.error
        self.fitted = (X, y)

    def predict(self, X):
        return np.zeros(len(X), dtype=np.int64)


@pytest.fixture
def recorder(monkeypatch):
    def install(**values):
        baseline = Recorder(**values)
        monkeypatch.setattr(BASELINES, "get", lambda name: baseline)
        return baseline

    return install


@pytest.fixture
def iris(prepared):
    return prepared("iris")


@pytest.fixture
def recorded(job, iris):
    def make(**values):
        return replace(job("dummy", iris), name="recorder", **values)

    return make


def test_the_final_fit_takes_train_and_validation_rows_together(recorded, recorder, iris, run):
    baseline = recorder()
    result = run(recorded(), iris)
    X, y = baseline.fitted
    assert len(X) == len(y) == len(iris.train_X) + len(iris.valid_X)
    assert np.array_equal(X[len(iris.train_X) :], iris.valid_X)
    assert baseline.built == (len(X), 4, 0)
    assert result.valid_score is None


def test_tuning_fits_a_stratified_part_of_the_training_rows(recorded, recorder, iris, run):
    baseline = recorder()
    result = run(recorded(rows=30), iris)
    assert np.bincount(baseline.fitted[1]).tolist() == [10, 10, 10]
    assert result.valid_score == np.mean(iris.valid_y == 0)


def test_more_tuning_rows_than_there_are_take_all_of_them(recorded, recorder, iris, run):
    baseline = recorder()
    run(recorded(rows=10_000), iris)
    assert np.array_equal(baseline.fitted[0], iris.train_X)


def test_jobs_of_one_seed_are_fitted_on_the_same_rows(recorded, recorder, iris, run):
    baseline = recorder()
    seen = []
    for number, seed in ((0, 1), (1, 1), (2, 2)):
        run(recorded(number=number, seed=seed, rows=30), iris)
        seen.append(baseline.fitted[0])
    assert np.array_equal(seen[0], seen[1])
    assert not np.array_equal(seen[0], seen[2])


def test_beyond_its_limit_a_baseline_gets_a_stratified_subsample(recorded, recorder, iris, run):
    baseline = recorder(limit=60)
    result = run(recorded(), iris)
    assert baseline.built[0] == 60
    assert np.bincount(baseline.fitted[1]).tolist() == [20, 20, 20]
    assert result.description == f"recorder of {len(iris.train_X) + len(iris.valid_X)} rows"


def test_images_are_flattened(job, prepared, recorder, run):
    baseline = recorder()
    data = prepared("digits")
    run(replace(job("dummy", data), name="recorder"), data)
    assert baseline.built[1] == 64
    assert baseline.fitted[0].shape[1:] == (64,)


def test_a_failing_estimator_is_a_result_with_one_line(recorded, recorder, iris, run):
    recorder(error=ValueError("no good\nat all"))
    result = run(recorded(rows=30, number=3), iris)
    assert (result.error, result.valid_score, result.number) == ("ValueError: no good", None, 3)


def test_data_of_one_class_is_an_error_and_not_a_crash(job, iris, run):
    single = replace(iris, train_y=iris.train_y * 0, valid_y=iris.valid_y * 0)
    result = run(job("svm", iris), single)
    assert result.error.startswith("ValueError: ")
    assert "\n" not in result.error


def test_told_to_stop_it_does_not_begin(recorded, recorder, iris, run):
    baseline = recorder()
    result = run(recorded(), iris, should_stop=lambda: True)
    assert result.error == "stopped before it began"
    assert baseline.fitted is None


def test_predictions_replace_older_ones_and_leave_nothing_behind(job, iris, run, tmp_path):
    path = tmp_path / "predictions.npz"
    path.write_text("an older file")
    run(job("dummy", iris, predictions=str(path)), iris)
    assert np.load(path)["pred"].shape == (len(iris.test_X),)
    assert [p.name for p in tmp_path.iterdir()] == ["predictions.npz"]


def test_a_class_that_was_never_seen_has_probability_zero(job, iris, run, tmp_path):
    known = iris.train_y != 1, iris.valid_y != 1
    data = replace(
        iris,
        train_X=iris.train_X[known[0]],
        train_y=iris.train_y[known[0]],
        valid_X=iris.valid_X[known[1]],
        valid_y=iris.valid_y[known[1]],
    )
    path = tmp_path / "predictions.npz"
    run(job("logistic", data, metric="log_loss", predictions=str(path)), data)
    proba = np.load(path)["proba"]
    assert proba.shape == (len(iris.test_X), 3)
    assert (proba[:, 1] == 0).all()
    assert proba.sum(axis=1) == pytest.approx(1)


def test_a_fit_that_did_not_converge_says_so(job, iris, run, monkeypatch):
    monkeypatch.setattr("automl.baselines.svm._max_iter", lambda rows: 1)
    result = run(job("svm", iris), iris)
    assert result.error is None
    assert result.description.endswith(", stopped before it converged")


def test_no_baseline_reads_a_test_label(datasets, job, prepared, run):
    for name in (n for n in BASELINES.names() if not BASELINES.get(n).needs):
        run(job(name, prepared("iris")), prepared("iris"))
    assert datasets("iris").test.reads == 0


def test_naming_the_baselines_loads_no_heavy_library():
    code = (
        "import sys, automl.baselines, automl.evaluation, automl.baselines._fit as j;"
        "b = automl.baselines.BASELINES; [b.get(n) for n in b.names()];"
        "print(*({'sklearn', 'scipy', 'optuna', 'torch', 'pandas'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
