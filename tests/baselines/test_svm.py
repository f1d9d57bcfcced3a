from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.svm import SVC

from automl.baselines import BASELINES
from automl.baselines._scaling import UnitNorm
from automl.baselines.svm import EXACT_ROWS
from automl.data import SOURCES
from automl.task import Task

SVM = BASELINES.get("svm")
TEN = Task("multiclass", tuple(range(10)))
NUMBER = Task("regression")
RBF = {"kernel": "rbf", "C": 10.0, "gamma": 1.0, "components": 60, "epsilon": 0.1}
LINEAR = {**RBF, "kernel": "linear"}


def names_in_space(task, n_features):
    return set(SVM.space(task, n_features).domains)


def test_kernel_c_and_gamma_are_tuned_and_epsilon_for_numbers():
    assert names_in_space(TEN, 64) == {"kernel", "C", "gamma"}
    assert names_in_space(NUMBER, 64) == {"kernel", "C", "gamma", "epsilon"}


def test_pca_is_tuned_where_there_are_many_features():
    assert "components" in names_in_space(TEN, 784)
    assert "components" not in names_in_space(TEN, 64)


def test_a_table_may_keep_all_its_columns():
    assert SVM.space(TEN, 300).domains["components"].high == 300


def test_pca_never_asks_for_more_components_than_there_are_rows():
    X = np.random.default_rng(0).normal(size=(20, 200))
    machine = SVM.build(RBF, Task.classification((0, 1)), 20, 200, 0)
    machine.fit(X, np.tile([0, 1], 10))
    pca = next(step for _, step in machine.steps if isinstance(step, PCA))
    assert pca.n_components_ == 20
    assert "PCA to 20 components" in SVM.describe(RBF, TEN, 20, 200)


def test_gamma_one_is_what_scikit_learn_calls_scale():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(80, 3)) * 5, rng.integers(2, size=80)
    ours = SVM.build({"kernel": "rbf", "C": 2.0, "gamma": 1.0}, TEN, 80, 3, 0).fit(X, y)
    theirs = SVC(C=2.0, gamma="scale").fit(X, y)
    decided = ours.decision_function(X)
    # Not quite the same: "scale" measures the variance around one mean of all columns.
    assert np.corrcoef(decided, theirs.decision_function(X))[0, 1] > 0.999


def test_rows_come_out_with_a_mean_squared_norm_of_one_in_float64():
    X = np.random.default_rng(0).normal(size=(50, 7)).astype(np.float32) * 100
    scaled = UnitNorm().fit(X).transform(X)
    assert scaled.dtype == np.float64
    assert np.mean(np.sum(scaled**2, axis=1)) == pytest.approx(1)


def test_rows_of_zeros_stay_as_they_are():
    assert (UnitNorm().fit(np.zeros((3, 2))).transform(np.zeros((3, 2))) == 0).all()


def test_the_units_of_the_features_do_not_matter():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 3)), rng.integers(2, size=60)
    small, large = (SVM.build(RBF, TEN, 60, 3, 0).fit(X * s, y).predict(X * s) for s in (1, 1000))
    assert np.array_equal(small, large)


def test_the_units_of_a_number_do_not_matter():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 3))
    y = X[:, 0] ** 2
    small, large = (SVM.build(RBF, NUMBER, 60, 3, 0).fit(X, y * s).predict(X) for s in (1, 1000))
    # libsvm stops at a tolerance of 0.001, relative to the scaled target.
    assert large == pytest.approx(1000 * small, abs=5e-3 * np.std(1000 * y))


def test_very_many_rows_are_named_with_what_was_done_about_them():
    said = SVM.describe(RBF, TEN, 5 * EXACT_ROWS, 784)
    assert f"subsample of {EXACT_ROWS:,} of {5 * EXACT_ROWS:,} rows" in said
    assert SVM.row_limit(RBF) == EXACT_ROWS
    assert "subsample" not in SVM.describe(RBF, TEN, EXACT_ROWS, 784)


def test_a_linear_kernel_takes_any_number_of_rows():
    assert SVM.row_limit(LINEAR) is None
    assert "subsample" not in SVM.describe(LINEAR, TEN, 5 * EXACT_ROWS, 784)


def test_a_final_fit_beyond_the_limit_says_so(job, prepared, run, monkeypatch):
    monkeypatch.setattr("automl.baselines.svm.EXACT_ROWS", 200)
    data = prepared("digits")
    rows = len(data.train_X) + len(data.valid_X)
    result = run(job("svm", data), data)
    assert f"subsample of 200 of {rows:,} rows" in result.description
    # 64 numbers and 9 coefficients for each of at most 200 support vectors, and some change.
    assert result.size_bytes < 200 * (64 + 9) * 8 + 20_000


@pytest.mark.parametrize("kernel", ["rbf", "linear"])
@pytest.mark.parametrize("name", ["breast-cancer", "digits", "diabetes"])
def test_both_kernels_fit_every_task(name, kernel, job, prepared, run):
    data = prepared(name)
    start = next(
        s
        for s in SVM.space(data.task, data.preprocessing.inputs.n_features).start
        if s["kernel"] == kernel
    )
    result = run(job("svm", data, params=start, rows=200), data)
    assert result.error is None
    assert kernel in result.description.lower()


def test_it_reads_the_small_digits(datasets, job, prepared, run, tmp_path):
    data = prepared("digits")
    path = tmp_path / "svm.npz"
    run(job("svm", data, predictions=str(path)), data)
    truth = datasets("digits").test.unlock()
    assert np.mean(np.load(path)["pred"] == truth) > 0.98


@pytest.mark.skipif(not SOURCES.get("mnist").on_disk(), reason="MNIST is not on this machine")
def test_it_reads_the_large_digits_from_a_tenth_of_them(job, prepared, run):
    data = prepared("mnist")
    result = run(job("svm", data, rows=6000), data)
    assert result.valid_score > 0.96
