"""A baseline that is kept gives what scikit-learn's estimator gives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from automl.baselines import BASELINES
from automl.data import PreparedData, build, load
from automl.data.preprocess.variants import BASELINE
from automl.data.raw import Raw

RBF = {"kernel": "rbf", "C": 1.0, "gamma": 1.0, "epsilon": 0.1}
LINEAR = {**RBF, "kernel": "linear"}


@pytest.fixture(scope="module")
def flat():
    made = {}

    def get(name):
        if name not in made:
            made[name] = PreparedData.fit(load(name), BASELINE)
        return made[name]

    return get


@pytest.mark.parametrize("params", [RBF, LINEAR], ids=["rbf", "linear"])
@pytest.mark.parametrize("metric", ["accuracy", "log_loss"])
@pytest.mark.parametrize("dataset", ["iris", "breast-cancer"])
def test_an_svm_of_classes_is_kept(job, flat, run, tmp_path, dataset, metric, params):
    _same(job("svm", flat(dataset), params=params, metric=metric), flat(dataset), run, tmp_path)


@pytest.mark.parametrize("dataset", ["diabetes", "linnerud"])
@pytest.mark.parametrize("params", [RBF, LINEAR], ids=["rbf", "linear"])
def test_an_svm_of_numbers_is_kept(job, flat, run, tmp_path, dataset, params):
    _same(job("svm", flat(dataset), params=params), flat(dataset), run, tmp_path)


@pytest.mark.parametrize("name", ["logistic", "boosting", "dummy", "mlp-sklearn", "lightgbm"])
@pytest.mark.parametrize("dataset", ["iris", "linnerud"])
def test_other_baselines_are_kept(job, flat, run, tmp_path, name, dataset):
    for package in BASELINES.get(name).needs:
        pytest.importorskip(package)
    data = flat(dataset)
    metric = "log_loss" if data.task.is_classification else "rmse"
    _same(job(name, data, metric=metric), data, run, tmp_path)


@pytest.mark.parametrize("dataset", ["iris", "diabetes"])
def test_products_of_columns_are_kept(job, flat, run, tmp_path, dataset):
    data, params = flat(dataset), {"C": 0.1, "products": True}
    _same(job("logistic", data, params=params), data, run, tmp_path)


def test_the_svm_of_series_is_kept_with_its_convolutions(job, run, tmp_path):
    random, y = np.random.default_rng(0), np.arange(60) % 3
    X = np.sin(np.arange(20) * (0.3 + 0.2 * y[:, None])) + 0.1 * random.normal(size=(60, 20))
    raw = Raw(X[:, :, None], y, ("slow", "middle", "fast"))
    data = PreparedData.fit(build("made", "sequence", raw), BASELINE)
    _same(job("svm", data, params=RBF), data, run, tmp_path)


def test_an_svm_of_images_is_kept_with_its_gradients(job, flat, run, tmp_path):
    _same(job("hog", flat("digits")), flat("digits"), run, tmp_path)


def _same(made, data, run, folder):
    """What is reported of the kept model is what scikit-learn computes."""
    plain, kept = folder / "plain.npz", folder / "kept.npz"
    assert run(replace(made, predictions=str(plain)), data).error is None
    model = folder / "model.safetensors"
    result = run(replace(made, predictions=str(kept), model=str(model)), data)
    assert (result.error, result.not_kept) == (None, None)
    assert model.exists()
    with np.load(plain) as one, np.load(kept) as other:
        for name in one:
            assert other[name] == pytest.approx(one[name], rel=1e-4, abs=1e-4)


def test_a_class_that_was_never_seen_stays_impossible(job, flat, run, tmp_path):
    digits = flat("digits")
    known = digits.train_y != 1, digits.valid_y != 1
    data = replace(
        digits,
        train_X=digits.train_X[known[0]],
        train_y=digits.train_y[known[0]],
        valid_X=digits.valid_X[known[1]],
        valid_y=digits.valid_y[known[1]],
    )
    path, model = tmp_path / "kept.npz", tmp_path / "model.safetensors"
    made = job("logistic", data, metric="log_loss", predictions=str(path), model=str(model))
    assert run(made, data).not_kept is None
    assert (np.load(path)["proba"][:, 1] == 0).all()


def test_what_has_no_layers_says_so_and_is_judged_all_the_same(job, flat, run, tmp_path):
    path, model = tmp_path / "kept.npz", tmp_path / "model.safetensors"
    made = job("dtw", flat("iris"), predictions=str(path), model=str(model))
    result = run(made, flat("iris"))
    assert result.layers is None
    assert "no layers for" in result.not_kept
    assert path.exists()
    assert not model.exists()
