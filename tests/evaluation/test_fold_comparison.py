"""Two configurations over the same folds."""

from __future__ import annotations

import numpy as np
import pytest

from automl.evaluation.fold_comparison import compare_folds


def test_the_interval_is_that_of_the_paper() -> None:
    """By hand: mean 0.03, deviation 0.015811, factor 1 / 5 + 1 / 4, quantile 2.7764."""
    found = compare_folds(np.array([0.01, 0.02, 0.03, 0.04, 0.05]), 5)
    assert found.difference == pytest.approx(0.03)
    assert (found.low, found.high) == pytest.approx((0.000552, 0.059448), abs=1e-5)
    assert found.p_value == pytest.approx(0.0474, abs=1e-3)


def test_test_and_interval_tell_one_story() -> None:
    found = compare_folds(np.array([0.01, -0.02, 0.03, 0.0, -0.01]), 5)
    assert found.low < 0 < found.high
    assert found.p_value > 0.05


@pytest.mark.parametrize(("difference", "p_value"), [(0.0, 1.0), (0.1, 0.0)])
def test_folds_that_all_agree_have_no_spread(difference: float, p_value: float) -> None:
    found = compare_folds(np.full(5, difference), 5)
    assert (found.low, found.high, found.p_value) == (difference, difference, p_value)
