"""Two models on the same rows: how far they are apart, and whether that is more than luck.

Called for the winner against each baseline, and by the ensemble against its best member. Both
models saw the same rows, so the rows that both got right or both got wrong say nothing; only a
paired test uses that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from automl.arrays import Array
from automl.evaluation.blocks import jackknife, without_each
from automl.evaluation.intervals import (
    check_output,
    check_rows,
    draws,
    normal_quantile,
    percentile_limits,
)
from automl.metrics import Metric


@dataclass(frozen=True, slots=True)
class Comparison:
    """Model a against model b.

    Attributes
    ----------
    difference : float
        Difference of the scores, in the metric's units and signed so that positive means that a is
        better, whatever the metric's direction.
    low, high : float
        Interval of the difference, 95 % unless another level was asked for.
    p_value : float
        Two-sided: how often models that do not differ would come out this far apart.
    method : {"McNemar exact", "paired bootstrap", "corrected t test over folds", \
              "t test over blocks"}
    a_only, b_only : int or None
        Rows that only one of them got right; None for a metric that does not look at the
        predicted class.
    """

    difference: float
    low: float
    high: float
    p_value: float
    method: Literal[
        "McNemar exact", "paired bootstrap", "corrected t test over folds", "t test over blocks"
    ]
    a_only: int | None = None
    b_only: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain types for JSON."""
        return asdict(self)


def compare(
    metric: Metric,
    y_true: Array,
    a: Array,
    b: Array,
    *,
    level: float = 0.95,
    seed: int = 0,
    blocks: Array | None = None,
) -> Comparison:
    """Compare two models with the test that fits the metric.

    McNemar's test is about the share of right rows and so for accuracy. Any other metric is
    compared by the bootstrap, which asks nothing of it but that it can be computed again on other
    rows: macro F1, ROC AUC and R² are no means of something that each row has.

    Parameters
    ----------
    metric : Metric
    y_true : array of shape (rows,) or (rows, targets)
        Codes, or numbers in the target's own units.
    a, b : array
        Output of each model as the metric takes it; see `Metric.score`.
    level : float
        Level of the difference's interval.
    seed : int
        Seed of the bootstrap.
    blocks : int64 array of shape (rows,), optional
        The block of each row, where rows of one depend on each other: forecasts that overlap. Then
        it is the t test over blocks.

    Raises
    ------
    ValueError
        When there are no rows, or the shapes differ.
    """
    check_output(metric, y_true, a, b)
    if blocks is not None:
        return compare_blocks(metric, y_true, a, b, blocks, level=level)
    if metric.name == "accuracy":
        return mcnemar_exact(a == y_true, b == y_true, level=level)
    return paired_bootstrap(metric, y_true, a, b, level=level, seed=seed)


def compare_blocks(
    metric: Metric, y_true: Array, a: Array, b: Array, blocks: Array, *, level: float = 0.95
) -> Comparison:
    """Compare over blocks of rows; see `automl.evaluation.blocks`."""
    sign = 1.0 if metric.direction == "maximize" else -1.0
    of_a, of_b = (without_each(metric, y_true, output, blocks) for output in (a, b))
    apart = sign * (metric.score(y_true, a) - metric.score(y_true, b))
    low, high, p_value = jackknife(sign * (of_a - of_b), apart, level)
    return Comparison(apart, low, high, p_value, "t test over blocks")


def mcnemar_exact(correct_a: Array, correct_b: Array, *, level: float = 0.95) -> Comparison:
    """McNemar's exact test, with Tango's interval for the difference of the two accuracies.

    Parameters
    ----------
    correct_a, correct_b : bool array of shape (rows,)
        Which rows each model got right.
    level : float

    Notes
    -----
    Among the rows that only one of them got right, each model is as likely as the other to be
    that one if they do not differ: a binomial with probability one half. The exact test is a
    little conservative (Fagerland, Lydersen and Laake 2013, BMC Medical Research Methodology 13,
    91), so with few rows the interval may exclude 0 when the test, which decides, does not.

    References
    ----------
    Q. McNemar (1947), Psychometrika 12, 153-157; T. G. Dietterich (1998), Neural Computation 10,
    1895-1923, on why it is the one for classifiers that were trained once.
    """
    check_rows(correct_a, correct_b)
    a_only = int(np.sum(correct_a & ~correct_b))
    b_only = int(np.sum(correct_b & ~correct_a))
    rows = len(correct_a)
    low, high = tango(a_only, b_only, rows, level)
    p_value = _two_sided_half(a_only, b_only)
    difference = (a_only - b_only) / rows
    return Comparison(difference, low, high, p_value, "McNemar exact", a_only, b_only)


def _two_sided_half(a_only: int, b_only: int) -> float:
    from scipy.special import bdtr

    discordant = a_only + b_only
    return min(1.0, 2 * float(bdtr(min(a_only, b_only), discordant, 0.5)))


def tango(a_only: int, b_only: int, rows: int, level: float = 0.95) -> tuple[float, float]:
    """Tango's score interval for the difference of two paired proportions.

    Parameters
    ----------
    a_only, b_only : int
        Discordant pairs.
    rows : int
        All pairs.
    level : float

    Returns
    -------
    low, high : float
        Interval of the proportion of a minus that of b, within -1 and 1.

    Notes
    -----
    The limits are the differences that the score test (equation 6 of the paper) just does not
    reject; at a difference of 0 that test is McNemar's, so interval and test tell one story.

    References
    ----------
    T. Tango (1998), Equivalence test and confidence interval for the difference in proportions
    for the paired-sample design, Statistics in Medicine 17, 891-908.
    """
    z = normal_quantile(level)
    estimate = (a_only - b_only) / rows

    def rejected(difference: float) -> bool:
        return abs(_tango_statistic(difference, a_only, b_only, rows)) > z

    return _boundary(rejected, -1.0, estimate), _boundary(rejected, 1.0, estimate)


def _tango_statistic(difference: float, a_only: int, b_only: int, rows: int) -> float:
    """Score statistic for that true difference, which lies between -1 and 1."""
    linear = (2 * rows - a_only + b_only) * difference - a_only - b_only
    constant = -b_only * difference * (1 - difference)
    # The most likely probability of "only b is right", given the difference.
    root = np.sqrt(max(linear**2 - 8 * rows * constant, 0.0))
    q = (root - linear) / (4 * rows)
    variance = rows * (2 * q + difference * (1 - difference))
    gap = a_only - b_only - rows * difference
    return float(gap / np.sqrt(variance)) if variance > 0 else float(np.copysign(np.inf, gap))


def _boundary(rejected: Callable[[float], bool], outside: float, inside: float) -> float:
    """Find where the test begins to reject, by bisection to the last bit that matters."""
    for _ in range(60):
        middle = (outside + inside) / 2
        if rejected(middle):
            outside = middle
        else:
            inside = middle
    return inside


def paired_bootstrap(
    metric: Metric,
    y_true: Array,
    a: Array,
    b: Array,
    *,
    level: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> Comparison:
    """Both models on the same resampled rows.

    Parameters
    ----------
    metric : Metric
    y_true, a, b : array
        As in `compare`.
    level : float
    resamples : int
    seed : int

    Notes
    -----
    The p value is the level at which the percentile interval begins to hold 0, never below
    ``2 / (resamples + 1)``: test and interval cannot disagree.

    References
    ----------
    B. Efron and R. J. Tibshirani (1993), An Introduction to the Bootstrap, sections 13.3 and 15.4.
    X. Robin et al. (2011), pROC, BMC Bioinformatics 12, 77, compare ROC curves by it.
    """
    check_output(metric, y_true, a, b)
    sign = 1.0 if metric.direction == "maximize" else -1.0
    of_a, of_b = metric.resampled(y_true, a), metric.resampled(y_true, b)
    drawn = np.array(
        [sign * (of_a(rows) - of_b(rows)) for rows in draws(len(y_true), resamples, seed)]
    )
    drawn = drawn[np.isfinite(drawn)]
    fewest = min(int(np.sum(drawn <= 0)), int(np.sum(drawn >= 0)))
    p_value = min(1.0, 2 * (fewest + 1) / (len(drawn) + 1))
    low, high = percentile_limits(drawn, level)
    a_only = b_only = None
    if metric.uses == "classes":
        right_a, right_b = a == y_true, b == y_true
        a_only, b_only = int(np.sum(right_a & ~right_b)), int(np.sum(right_b & ~right_a))
    apart = sign * (metric.score(y_true, a) - metric.score(y_true, b))
    return Comparison(apart, low, high, p_value, "paired bootstrap", a_only, b_only)
