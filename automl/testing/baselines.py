"""What every baseline must do."""

from __future__ import annotations

import pickle

import numpy as np

from automl.arrays import Array
from automl.baselines import Baseline
from automl.baselines._fit import fit_quietly
from automl.baselines._job import BaselineJob
from automl.data import PreparedData, build
from automl.data.preprocess.variants import BASELINE
from automl.data.raw import Raw
from automl.task import InputKind, Task, TaskKind


def check_baseline(baseline: Baseline) -> None:
    """Hold a baseline to its contract, on a small problem of each kind.

    Parameters
    ----------
    baseline : Baseline

    Raises
    ------
    AssertionError
        With what is broken.
    """
    if baseline.of_series:
        check_forecast(baseline)
        return
    for kind in ("binary", "multiclass", "regression"):
        data = made_data(kind)
        check_space(baseline, data)
        check_fit(baseline, data)
    for rows in ("sequence", "image"):
        check_fit(baseline, made_rows(rows))


def check_forecast(baseline: Baseline) -> None:
    """Check that it forecasts from whole series, and nothing else."""
    past, spans = np.arange(30.0) + 1, np.array([[0, 10], [0, 20], [20, 30]])
    task = Task("forecast", (), 3, 4)
    found = baseline.forecast({}, task, past, spans)
    assert found.shape == (3, 3), f"{found.shape}, not (3, 3)"
    assert np.isfinite(found).all()
    description = baseline.describe({}, task, 30, 0)
    assert description, "describe says nothing"
    assert "\n" not in description, "describe is one line"


def check_space(baseline: Baseline, data: PreparedData) -> None:
    """Check that what is tuned has trials, rows, and known good configurations in its space."""
    space = baseline.space(data.task, data.preprocessing.inputs.n_features)
    for start in space.start:
        assert start.keys() <= space.domains.keys(), f"start names {start.keys()}"
        outside = [name for name, value in start.items() if not space.domains[name].holds(value)]
        assert not outside, f"start lies outside of the space in {outside}"
    if space.domains:
        assert baseline.tuning_trials > 0
        assert baseline.tuning_rows > 0
    else:
        assert baseline.tuning_trials == 0, "there is nothing to tune"


def check_fit(baseline: Baseline, data: PreparedData) -> None:
    """Check that it is fitted and predicts a class or a number for every row."""
    X, y = _flat(data), data.train_y
    space = baseline.space(data.task, X.shape[1])
    params = space.start[0] if space.start else {}
    transformer = baseline.transformer(params, data.preprocessing.inputs, len(X), 0)
    if transformer is not None:
        X = transformer.fit_transform(X)
        one, all_rows = transformer.transform(_flat(data)[:1]), transformer.transform(_flat(data))
        assert np.allclose(one, all_rows[:1], atol=1e-5), "a row depends on those beside it"
    description = baseline.describe(params, data.task, len(X), X.shape[1])
    assert description, "describe says nothing"
    assert "\n" not in description, "describe is one line"
    predictions = []
    for _ in range(2):
        estimator = baseline.build(params, data.task, len(X), X.shape[1], 0)
        fit_quietly(estimator, X, y)
        predictions.append(np.asarray(estimator.predict(X)))
    assert predictions[0].shape == y.shape, f"{predictions[0].shape}, not {y.shape}"
    assert np.isfinite(predictions[0]).all()
    assert np.array_equal(predictions[0], predictions[1]), "one seed, two results"
    if data.task.is_classification:
        assert set(predictions[0]) <= set(range(len(data.task.classes)))
    job = BaselineJob(0, "any", params, None, 0, "accuracy")
    assert pickle.loads(pickle.dumps(job)) == job, "parameters do not travel"  # noqa: S301


def _flat(data: PreparedData) -> Array:
    return np.asarray(data.train_X).reshape(len(data.train_X), -1)


def made_rows(kind: InputKind) -> PreparedData:
    """Return a few series of 5 steps, or images of 5 by 6 pixels, that a sign tells apart."""
    y = np.arange(40) % 2
    shape = (5, 2) if kind == "sequence" else (2, 5, 6)
    X = np.random.RandomState(0).normal(size=(len(y), *shape)) + y.reshape(-1, *[1] * len(shape))
    return PreparedData.fit(build("made", kind, Raw(X, y, ("no", "yes"))), BASELINE)


def made_data(kind: TaskKind, rows: int = 120) -> PreparedData:
    """Return a small problem that a good baseline solves, prepared as a search does."""
    random = np.random.RandomState(0)
    X = random.normal(size=(rows, 4))
    plane = X @ np.array([1.0, -1.0, 0.5, 0.0])
    if kind == "regression":
        raw = Raw(X, 50.0 + 10.0 * plane)
    elif kind == "binary":
        raw = Raw(X, (plane > 0).astype(np.int64), ("no", "yes"))
    else:
        cuts = np.quantile(plane, [1 / 3, 2 / 3])
        raw = Raw(X, np.searchsorted(cuts, plane).astype(np.int64), (0, 1, 2))
    return PreparedData.fit(build("made", "vector", raw), BASELINE)
