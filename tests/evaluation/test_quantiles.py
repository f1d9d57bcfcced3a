"""Coverage and the weighted interval score."""

from __future__ import annotations

import numpy as np
import pytest

from automl.evaluation.quantiles import coverage, weighted_interval_score


def test_the_median_alone_scores_the_absolute_error() -> None:
    y = np.array([[1.0, 3.0]])
    assert weighted_interval_score(y, np.array([[[2.0], [2.5]]]), (0.5,)) == pytest.approx(0.75)


def test_it_is_the_interval_score_of_a_band() -> None:
    # Gneiting and Raftery (2007): width + 2 / alpha * distance outside, times alpha / 2, here
    # 0.1 * (2 + 10 * 1), and the mean over the two quantiles is that of twice the pinball loss.
    y, band = np.array([[5.0]]), np.array([[[2.0, 4.0]]])
    assert weighted_interval_score(y, band, (0.1, 0.9)) == pytest.approx(0.1 * 12)


def test_coverage_counts_the_limits_and_no_missing_band() -> None:
    y = np.array([[1.0, 2.0, 3.0, 4.0]])
    band = np.array([[[1.0, 2.0], [0.0, 1.0], [2.0, 3.0], [np.nan, np.nan]]])
    assert coverage(y, band, 0, 1) == 0.5
