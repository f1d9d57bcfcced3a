from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from automl.evaluation import compare, mcnemar_exact, paired_bootstrap
from automl.evaluation.paired import tango
from automl.metrics import METRICS, Metric

ACCURACY, RMSE = METRICS["accuracy"], METRICS["rmse"]

counts = st.integers(0, 60)


def right(both, a_only, b_only, neither):
    """Which rows a and b got right, from the four counts of a paired table."""
    a = np.repeat([True, True, False, False], [both, a_only, b_only, neither])
    b = np.repeat([True, False, True, False], [both, a_only, b_only, neither])
    return a, b


@pytest.mark.parametrize(
    ("table", "p_value"),
    [
        # Two media for the tubercle bacillus: Armitage and Berry (1994), p. 127.
        ((20, 12, 2, 16), 0.0129),
        # Airways before and after a transplantation: Fagerland, Lydersen and Laake (2013).
        ((1, 1, 7, 12), 0.0703),
        # By hand: of 5 rows all 5 on one side, 2 * (1/2)**5.
        ((10, 5, 0, 10), 0.0625),
        ((10, 3, 3, 10), 1.0),
        ((10, 0, 0, 10), 1.0),
    ],
)
def test_mcnemar_gives_the_published_p_value(table, p_value):
    assert mcnemar_exact(*right(*table)).p_value == pytest.approx(p_value, abs=5e-5)


@given(both=counts, a_only=counts, b_only=counts, neither=st.integers(1, 60))
def test_mcnemar_is_the_sign_test_on_the_rows_that_differ(both, a_only, b_only, neither):
    found = mcnemar_exact(*right(both, a_only, b_only, neither))
    assert (found.a_only, found.b_only) == (a_only, b_only)
    if a_only + b_only:
        expected = stats.binomtest(a_only, a_only + b_only, 0.5).pvalue
        assert found.p_value == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("a_only", "b_only", "rows", "level", "limits"),
    [
        # Contact lenses: the example of Tango (1998).
        (0, 1, 44, 0.90, (-0.096, 0.037)),
        # Fagerland, Lydersen and Laake (2017), Statistical Analysis of Contingency Tables,
        # chapter 8, as their R package contingencytables prints them.
        (1, 7, 21, 0.95, (-0.517, -0.026)),
        (6, 16, 161, 0.95, (-0.1240, -0.0054)),
    ],
)
def test_tango_gives_the_published_limits(a_only, b_only, rows, level, limits):
    digits = max(len(str(limit).split(".")[1]) for limit in limits)
    assert tango(a_only, b_only, rows, level) == pytest.approx(limits, abs=0.5 * 10**-digits)


@given(both=counts, a_only=counts, b_only=counts, neither=st.integers(1, 60))
def test_tango_leaves_out_zero_when_mcnemars_asymptotic_test_rejects(both, a_only, b_only, neither):
    low, high = tango(a_only, b_only, both + a_only + b_only + neither)
    apart = a_only + b_only
    chi2 = (a_only - b_only) ** 2 / apart if apart else 0.0
    assert (low > 0 or high < 0) == (chi2 > stats.chi2.isf(0.05, 1))


@given(both=counts, a_only=counts, b_only=counts, neither=counts)
def test_swapping_the_models_mirrors_the_comparison(both, a_only, b_only, neither):
    if not both + a_only + b_only + neither:
        return
    a, b = right(both, a_only, b_only, neither)
    there, back = mcnemar_exact(a, b), mcnemar_exact(b, a)
    assert -1 <= there.low <= there.difference <= there.high <= 1
    assert there.difference == -back.difference
    assert there.p_value == back.p_value
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low), abs=1e-9)


def test_equal_models_are_rarely_called_different():
    rng = np.random.default_rng(0)
    p_values = [
        mcnemar_exact(rng.random(200) < 0.8, rng.random(200) < 0.8).p_value for _ in range(400)
    ]
    assert np.mean(np.array(p_values) < 0.05) <= 0.05


def noisy(seed, scale, rows=200):
    rng = np.random.default_rng(seed)
    y = np.random.default_rng(99).normal(size=rows)
    return y, y + scale * rng.normal(size=rows)


def test_the_smaller_error_is_the_better_one():
    y, good = noisy(0, 0.5)
    _, bad = noisy(1, 1.0)
    found = paired_bootstrap(RMSE, y, good, bad)
    assert found.difference == pytest.approx(RMSE.score(y, bad) - RMSE.score(y, good))
    assert 0 < found.low < found.difference < found.high
    assert found.p_value < 0.01
    assert (found.a_only, found.b_only) == (None, None)


def test_a_model_does_not_differ_from_itself():
    y, pred = noisy(0, 1.0)
    found = paired_bootstrap(RMSE, y, pred, pred)
    assert (found.difference, found.low, found.high, found.p_value) == (0, 0, 0, 1)


@pytest.mark.parametrize("seed", range(8))
def test_the_bootstraps_test_and_interval_agree(seed):
    y, a = noisy(seed, 1.0, rows=40)
    _, b = noisy(seed + 100, 1.2, rows=40)
    found = paired_bootstrap(RMSE, y, a, b, resamples=500)
    assert (found.p_value < 0.05) == (found.low > 0 or found.high < 0)


def test_pairing_sees_a_small_difference_that_is_everywhere():
    y, a = noisy(0, 1.0)
    b = y + 1.05 * (a - y)
    assert paired_bootstrap(RMSE, y, a, b).p_value < 0.01


def test_accuracy_is_compared_by_mcnemar_and_rmse_by_the_bootstrap():
    y, a, b = np.array([0, 1, 1, 0]), np.array([0, 1, 0, 0]), np.array([0, 0, 1, 0])
    assert compare(ACCURACY, y, a, b).method == "McNemar exact"
    assert compare(RMSE, y * 1.0, a * 1.0, b * 1.0).method == "paired bootstrap"


def test_another_metric_of_classes_is_bootstrapped_and_still_counts_the_rows():
    def recall(y, pred):
        return float(np.mean(pred[y == 1] == 1)) if (y == 1).any() else float("nan")

    metric = Metric("recall", "maximize", "classes", recall)
    y, a, b = np.array([0, 1, 1, 0]), np.array([0, 1, 1, 1]), np.array([0, 0, 1, 0])
    found = compare(metric, y, a, b)
    assert (found.method, found.a_only, found.b_only) == ("paired bootstrap", 1, 1)
    assert found.difference == 0.5
    assert np.isfinite([found.low, found.high, found.p_value]).all()


def test_predictions_for_other_rows_are_refused():
    with pytest.raises(ValueError, match="shape"):
        compare(ACCURACY, np.zeros(4), np.zeros(4), np.zeros(3))


@pytest.mark.parametrize("name", ["roc_auc", "log_loss"])
def test_metrics_of_probabilities_are_bootstrapped_and_count_no_rows(name):
    rng = np.random.default_rng(0)
    y = rng.integers(2, size=300)
    good = np.clip(y * 0.4 + 0.3 + 0.2 * rng.normal(size=300), 0.01, 0.99)
    bad = np.clip(y * 0.1 + 0.45 + 0.2 * rng.normal(size=300), 0.01, 0.99)
    a, b = (np.column_stack([1 - p, p]) for p in (good, bad))
    found = compare(METRICS[name], y, a, b)
    assert (found.method, found.a_only, found.b_only) == ("paired bootstrap", None, None)
    assert 0 < found.low < found.difference < found.high
    back = compare(METRICS[name], y, b, a)
    assert (back.difference, back.p_value) == (-found.difference, found.p_value)
