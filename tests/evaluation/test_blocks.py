"""Intervals and tests over blocks of forecasts that depend on each other."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from automl.evaluation import compare, score_with_interval
from automl.metrics import METRICS

MASE = METRICS["mase"]


def test_of_blocks_that_are_alike_it_is_the_t_interval_of_their_means() -> None:
    errors = np.random.RandomState(0).rand(8, 5)
    y, blocks = np.zeros((40, 1)), np.repeat(np.arange(8), 5)
    found = score_with_interval(MASE, y, errors.reshape(40, 1), blocks)
    means = errors.mean(axis=1)
    low, high = stats.t.interval(0.95, 7, means.mean(), stats.sem(means))
    assert (found.low, found.score, found.high) == pytest.approx((low, means.mean(), high))


def test_rows_that_repeat_each_other_are_no_evidence() -> None:
    random = np.random.RandomState(0)
    a, b, y = random.rand(6, 1), random.rand(6, 1) + 0.2, np.zeros((6, 1))
    once = compare(MASE, y, a, b, blocks=np.arange(6))
    many = compare(
        MASE, *(np.repeat(x, 50, axis=0) for x in (y, a, b)), blocks=np.repeat(np.arange(6), 50)
    )
    assert many.p_value == pytest.approx(once.p_value)
    assert once.p_value == pytest.approx(stats.ttest_rel(b, a).pvalue[0])
    assert once.difference == pytest.approx((b - a).mean())
    assert once.method == "t test over blocks"


def test_scaled_errors_and_percentages_are_as_their_papers_say() -> None:
    y, f = np.array([[1.0, 2.0], [0.0, 4.0]]), np.array([[2.0, 2.0], [0.0, 1.0]])
    assert MASE.score(y, f) == pytest.approx(4 / 4)
    assert METRICS["smape"].score(y, f) == pytest.approx(200 * (1 / 3 + 3 / 5) / 4)
    assert METRICS["rmsse"].score(y, f) == pytest.approx(np.sqrt(10 / 4))
