"""What every baseline promises, on one data set of every kind of task."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from automl.baselines import BASELINES
from automl.metrics import get_metric
from automl.testing import check_baseline

TASKS = ["breast-cancer", "digits", "diabetes"]


def _installed(name: str) -> str:
    """Return the name; skips the test where an extra that it needs is not there."""
    for package in BASELINES.get(name).needs:
        pytest.importorskip(package)
    return name


OF_SERIES = [name for name in BASELINES.names() if BASELINES.get(name).of_series]


@pytest.fixture(params=[name for name in BASELINES.names() if name not in OF_SERIES])
def name(request):
    return _installed(request.param)


@pytest.fixture(params=TASKS)
def data(request, prepared):
    return prepared(request.param)


def test_it_predicts_a_class_or_a_number_for_every_test_row(name, data, job, run, tmp_path):
    path = tmp_path / "new folder" / "predictions.npz"
    result = run(job(name, data, predictions=str(path)), data)
    assert result.error is None
    assert result.predictions == str(path)
    with np.load(path) as arrays:
        assert arrays["pred"].shape == (len(data.test_X),)
        assert np.isfinite(arrays["pred"]).all()
        if data.task.is_classification:
            assert arrays["pred"].dtype.kind == "i"
            assert set(arrays["pred"]) <= set(range(len(data.task.classes)))
        if "proba" in arrays:
            assert arrays["proba"].shape == (len(data.test_X), len(data.task.classes))
            assert arrays["proba"].sum(axis=1) == pytest.approx(1)


@pytest.mark.parametrize("name", BASELINES.names())
def test_it_keeps_its_contract(name):
    check_baseline(BASELINES.get(_installed(name)))


@pytest.mark.parametrize("name", OF_SERIES)
def test_one_of_series_says_that_it_is_for_forecasts(name, prepared, job, run, tmp_path):
    data = prepared("diabetes")
    result = run(job(name, data, predictions=str(tmp_path / "p.npz")), data)
    assert result.error == "ValueError: it is for forecasts, and this task is none"


def test_it_beats_the_dummy_on_validation(name, data, job, run):
    if name == "dummy":
        pytest.skip("nobody beats themselves")
    rows = len(data.train_X)
    result = run(job(name, data, rows=rows), data)
    dummy = run(job("dummy", data, rows=rows), data)
    assert result.error is None
    assert get_metric(None, data.task).better(result.valid_score, dummy.valid_score)


def test_it_says_what_it_is_and_what_it_cost(name, data, job, run):
    result = run(job(name, data, rows=60), data)
    assert result.description
    assert "\n" not in result.description
    assert 0 < result.seconds_fit <= result.seconds
    assert result.seconds_predict_1000 > 0
    assert result.size_bytes > 0


def test_the_same_seed_gives_the_same_score(name, data, job, run):
    first, second = (run(job(name, data, rows=100, seed=7), data) for _ in range(2))
    assert first.error is None
    assert first.valid_score == second.valid_score


def test_job_and_result_travel_between_processes(name, data, job, run):
    sent = job(name, data, rows=60)
    result = run(pickle.loads(pickle.dumps(sent)), data)
    assert pickle.loads(pickle.dumps(result)) == result
    assert (result.number, result.name, result.params) == (sent.number, sent.name, sent.params)
