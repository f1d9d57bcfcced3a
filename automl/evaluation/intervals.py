"""Intervals around one model's score.

Called for every model whose test score is reported.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from automl.arrays import Array
from automl.evaluation.blocks import jackknife, without_each
from automl.metrics import Metric


@dataclass(frozen=True, slots=True)
class Interval:
    """A score and the interval that it comes with.

    Attributes
    ----------
    score, low, high : float
        The score and its limits, in the metric's own units.
    """

    score: float
    low: float
    high: float

    def to_json(self) -> dict[str, float]:
        """Plain types for JSON."""
        return {"score": self.score, "low": self.low, "high": self.high}


def normal_quantile(level: float) -> float:
    """Return how many standard deviations around the mean hold `level` of a normal distribution.

    Raises
    ------
    ValueError
        When the level is not between 0 and 1.
    """
    if not 0 < level < 1:
        raise ValueError(f"`0 < level < 1` must hold, but got level={level}")
    return NormalDist().inv_cdf((1 + level) / 2)


def wilson(correct: int, rows: int, level: float = 0.95) -> Interval:
    """Wilson's score interval for a proportion.

    Unlike the textbook interval of plus and minus 1.96 standard errors, it stays within 0 and 1
    and has a width even when every row is right.

    Parameters
    ----------
    correct, rows : int
        How many rows were right, out of how many.
    level : float
        Share of such intervals that hold the true proportion.

    Raises
    ------
    ValueError
        When there are no rows, or more right rows than rows.

    References
    ----------
    E. B. Wilson (1927), Probable inference, the law of succession, and statistical inference,
    JASA 22, 209-212; method 3 of R. G. Newcombe (1998), Statistics in Medicine 17, 857-872.
    """
    if rows < 1 or not 0 <= correct <= rows:
        raise ValueError(
            f"`0 <= correct <= rows` and `rows >= 1` must hold, but got {correct=}, {rows=}"
        )
    z = normal_quantile(level)
    p = correct / rows
    centre = (p + z**2 / (2 * rows)) / (1 + z**2 / rows)
    half = z / (1 + z**2 / rows) * np.sqrt(p * (1 - p) / rows + z**2 / (4 * rows**2))
    # Rounding must not push a limit past the score that it belongs to.
    return Interval(
        p, float(max(0.0, min(centre - half, p))), float(min(1.0, max(centre + half, p)))
    )


def bootstrap(
    metric: Metric,
    y_true: Array,
    output: Array,
    *,
    level: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> Interval:
    """Percentile interval from rows drawn with replacement.

    Parameters
    ----------
    metric : Metric
    y_true : array of shape (rows,) or (rows, targets)
    output : array
        What the metric takes; see `Metric.score`.
    level : float
    resamples : int
        2,000 puts the noise of a 95 % limit itself at about a tenth of the interval's half width.
    seed : int
        Decides which rows are drawn; the same seed gives the same interval.

    Raises
    ------
    ValueError
        When there are no rows, or as many predictions as rows are not given.

    References
    ----------
    B. Efron and R. J. Tibshirani (1993), An Introduction to the Bootstrap, section 13.3.
    """
    check_output(metric, y_true, output)
    score = metric.resampled(y_true, output)
    scores = np.array([score(rows) for rows in draws(len(y_true), resamples, seed)])
    low, high = percentile_limits(scores, level)
    return Interval(metric.score(y_true, output), low, high)


def score_with_interval(
    metric: Metric, y_true: Array, output: Array, blocks: Array | None = None
) -> Interval:
    """Compute the score with its 95 % interval: Wilson's for accuracy, else the bootstrap's.

    With `blocks`, the block of each row, it is that of `interval_over_blocks`.

    Wilson's is for the share of rows that are right. No other metric here is such a share; the
    bootstrap asks nothing of a statistic but that it can be computed again on other rows.
    """
    check_output(metric, y_true, output)
    if blocks is not None:
        return interval_over_blocks(metric, y_true, output, blocks)
    if metric.name == "accuracy":
        return wilson(int(np.sum(y_true == output)), len(y_true))
    return bootstrap(metric, y_true, output)


def interval_over_blocks(
    metric: Metric, y_true: Array, output: Array, blocks: Array, level: float = 0.95
) -> Interval:
    """Compute the score with its interval over blocks of rows; see `automl.evaluation.blocks`."""
    score = metric.score(y_true, output)
    low, high, _ = jackknife(without_each(metric, y_true, output, blocks), score, level)
    return Interval(score, max(0.0, low) if metric.direction == "minimize" else low, high)


def draws(rows: int, resamples: int, seed: int) -> Iterator[NDArray[np.int64]]:
    """Row numbers of every resample, of shape (rows,) each.

    They are drawn one by one: 2,000 resamples of 10,000 rows at once would take 160 MB.
    """
    generator = np.random.default_rng(seed)
    for _ in range(resamples):
        yield generator.integers(rows, size=rows)


def percentile_limits(values: Array, level: float) -> tuple[float, float]:
    """Return the limits that hold the middle `level` of the values.

    A resample can be one on which the metric has no value, such as one with a single class;
    those are left out.
    """
    normal_quantile(level)  # checks it
    finite = values[np.isfinite(values)]
    if not len(finite):
        return float("nan"), float("nan")
    low, high = np.quantile(finite, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def check_output(metric: Metric, y_true: Array, *outputs: Array) -> None:
    """Refuse outputs that are not what the metric takes, or do not belong to these rows.

    Raises
    ------
    ValueError
        See `check_rows`.
    """
    if metric.uses in ("classes", "numbers"):
        check_rows(y_true, *outputs)
        return
    check_rows(y_true)
    for output in outputs:
        if output.ndim != 2 or len(output) != len(y_true):
            raise ValueError(
                f"{metric.uses} must have the shape ({len(y_true)}, classes), but got"
                f" {output.shape}"
            )


def check_rows(y_true: Array, *predictions: Array) -> None:
    """Refuse predictions that do not belong to these rows.

    Raises
    ------
    ValueError
        When there are no rows, or another number of predictions: numpy would broadcast some of
        these mistakes into a plausible score.
    """
    if not len(y_true):
        raise ValueError("a score needs at least one row, but got none")
    for y_pred in predictions:
        if y_pred.shape != y_true.shape:
            raise ValueError(
                f"predictions must have the shape of the targets, {y_true.shape},"
                f" but got {y_pred.shape}"
            )
