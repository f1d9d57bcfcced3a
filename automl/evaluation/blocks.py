"""Intervals and tests over blocks of rows that depend on each other, as forecasts do.

Forecasts that begin a step apart share all their steps but one. So a row is no observation: a block
of them is, which are the forecasts of one stretch of a series, or of many series all of one.
"""

from __future__ import annotations

import numpy as np

from automl.arrays import Array
from automl.metrics import Metric


def jackknife(values: Array, whole: float, level: float) -> tuple[float, float, float]:
    """Return the limits of an interval, and the two-sided p value of the whole being 0.

    Parameters
    ----------
    values : float64 array of shape (blocks,)
        The statistic without each block.
    whole : float
        The statistic of all blocks.
    level : float

    Notes
    -----
    The standard error is the jackknife's over blocks, and the quantile that of Student's t with as
    many degrees of freedom as there are blocks, less one: of two blocks the interval is as wide as
    so little deserves. Of means, such as MASE, that is the plain t interval where blocks are as
    large as each other. Neighbouring blocks of one series share some steps, and their errors may
    still go together, for which nothing is allowed.

    References
    ----------
    B. Efron and R. J. Tibshirani (1993), An Introduction to the Bootstrap, chapter 11; H. R. Künsch
    (1989), The jackknife and the bootstrap for general stationary observations, Annals of
    Statistics 17, 1217-1241.
    """
    from scipy.special import stdtr, stdtrit

    count = len(values)
    freedom = count - 1
    error = float(np.sqrt(freedom / count * np.square(values - values.mean()).sum()))
    reach = float(stdtrit(freedom, (1 + level) / 2)) * error
    p_value = float(2 * stdtr(freedom, -abs(whole) / error)) if error > 0 else float(whole == 0)
    return whole - reach, whole + reach, p_value


def without_each(metric: Metric, y_true: Array, output: Array, blocks: Array) -> Array:
    """Return the score without each block, of shape (blocks,).

    Raises
    ------
    ValueError
        When there is but one block.
    """
    names = np.unique(blocks)
    if len(names) < 2:
        raise ValueError("an interval over blocks needs two of them, but got one")
    return np.array(
        [metric.score(y_true[blocks != name], output[blocks != name]) for name in names]
    )
