"""Any metric can be what a search optimises and is judged by."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import automl
from automl.data import load
from automl.errors import ConfigError, StudyError, UnknownNameError
from automl.metrics import METRICS
from automl.result import SearchResult

Search = Callable[..., SearchResult]


@pytest.mark.parametrize("metric", ["roc_auc", "log_loss", "f1_macro"])
def test_the_winner_is_judged_by_the_metric_that_was_asked_for(
    run_search: Search, metric: str
) -> None:
    result = run_search(
        "wine",
        metric=metric,
        trials=2,
        finalists=2,
        max_epochs=6,
        pruner="none",
        baselines=("svm", "dummy"),
    )
    assert (result.metric, result.direction) == (metric, METRICS[metric].direction)
    dataset, model = load("wine"), automl.load_model("wine")
    output = METRICS[metric].takes(model.predict_proba(dataset.test.X))
    assert result.test is not None
    assert result.test.score == pytest.approx(
        METRICS[metric].score(dataset.test.unlock(), output), abs=1e-6
    )
    assert result.test.low <= result.test.score <= result.test.high
    assert result.ensemble is not None
    for name in ("svm", "dummy"):
        comparison = result.baselines[name].comparison
        assert comparison is not None
        assert comparison.method == "paired bootstrap"
        assert np.isfinite([comparison.low, comparison.high, comparison.p_value]).all()
    dummy = result.baselines["dummy"].comparison
    assert dummy is not None
    assert dummy.difference > 0
    assert METRICS[metric].label in str(result.verdict)
    assert result.confusion, "classes are told apart whatever the metric"


def test_a_study_keeps_its_metric(run_search: Search) -> None:
    run_search(metric="roc_auc", trials=1)
    with pytest.raises(StudyError, match="its metric is 'roc_auc', this one's is 'accuracy'"):
        run_search(trials=2)
    assert run_search(metric="roc_auc", trials=2).trials.total == 2


def test_a_metric_that_cannot_be_is_refused_before_anything_is_made(
    run_search: Search, studies: Path
) -> None:
    with pytest.raises(UnknownNameError, match="unknown metric 'auc'"):
        run_search(metric="auc")
    with pytest.raises(ConfigError, match="'r2' does not fit a multiclass task"):
        run_search(metric="r2")
    assert not studies.exists()
