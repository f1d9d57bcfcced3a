"""How good quantiles of forecasts are: what they cover, and their weighted interval score."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from automl.arrays import Array


def coverage(y: Array, quantiles: Array, low: int, high: int) -> float:
    """Return the share of values that lie between two quantiles, both of them included.

    Parameters
    ----------
    y : array of shape (rows, horizon)
    quantiles : array of shape (rows, horizon, levels)
        NaN covers nothing.
    low, high : int
        Places of the two among the levels.
    """
    return float(np.mean((quantiles[:, :, low] <= y) & (y <= quantiles[:, :, high])))


def weighted_interval_score(y: Array, quantiles: Array, levels: Sequence[float]) -> float:
    """Return twice the mean pinball loss of all levels, which is the weighted interval score.

    Of the median alone it is the mean absolute error. Lower is better.

    Parameters
    ----------
    y : array of shape (rows, horizon)
    quantiles : array of shape (rows, horizon, levels)
        Rows with NaN are left out.
    levels : sequence of float
        As many below the median as above it, each with its mirror image.

    References
    ----------
    J. Bracher, E. L. Ray, T. Gneiting and N. G. Reich (2021), Evaluating epidemic forecasts in an
    interval format, PLOS Computational Biology 17, equations 1 and 3.
    """
    errors = y[:, :, None] - quantiles
    above = np.asarray(levels) * errors
    return float(np.nanmean(2.0 * np.maximum(above, above - errors)))
