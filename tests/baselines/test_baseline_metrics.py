"""Baselines are judged by every metric, whether the estimator has probabilities or not."""

from __future__ import annotations

import numpy as np
import pytest

from automl.baselines._outputs import KEPT_AS
from automl.metrics import METRICS


@pytest.mark.parametrize("dataset", ["iris", "breast-cancer"])
@pytest.mark.parametrize("name", ["svm", "logistic", "dummy"])
@pytest.mark.parametrize("metric", ["balanced_accuracy", "roc_auc", "log_loss"])
def test_a_baseline_is_tuned_and_fitted_for_the_metric(
    job, prepared, run, tmp_path, dataset, name, metric
):
    data = prepared(dataset)
    tuned = run(job(name, data, rows=60, metric=metric), data)
    assert tuned.error is None
    path = tmp_path / "fitted.npz"
    fitted = run(job(name, data, metric=metric, predictions=str(path)), data)
    assert fitted.error is None
    with np.load(path) as kept:
        output, pred = kept[KEPT_AS[METRICS[metric].uses]], kept["pred"]
    assert pred.shape == (len(data.test_X),)
    assert output.shape[:1] == pred.shape
    if name != "dummy":
        good = {"balanced_accuracy": 0.7, "roc_auc": 0.9}
        if metric == "log_loss":
            assert np.allclose(output.sum(axis=1), 1)
            assert tuned.valid_score < 0.6
        else:
            assert tuned.valid_score > good[metric]
    if (name, metric) == ("svm", "log_loss"):
        assert "probabilities by Platt scaling over 5 folds" in fitted.description
    else:
        assert "probabilities" not in fitted.description


@pytest.mark.parametrize("kernel", ["rbf", "linear"])
def test_an_svm_orders_rows_by_its_decision_values(job, prepared, run, tmp_path, kernel):
    data = prepared("iris")
    one = job("svm", data)
    path = tmp_path / "fitted.npz"
    asked = job(
        "svm",
        data,
        metric="roc_auc",
        predictions=str(path),
        params={**one.params, "kernel": kernel},
    )
    run(asked, data)
    with np.load(path) as kept:
        scores = kept["scores"]
    assert scores.shape == (len(data.test_X), 3)
    assert scores.min() < 0, "they are no probabilities"
