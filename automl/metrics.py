"""Metrics by name, with the direction in which they are better and what they read.

Called by training on the validation split after each epoch, so these import numpy alone:
scikit-learn's own take 1.3 s to import in every worker. Tests hold them to scikit-learn's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from automl.arrays import Array
from automl.errors import ConfigError, UnknownNameError
from automl.task import Task

Uses = Literal["classes", "scores", "probabilities", "numbers"]
"""What a metric reads of a model: the predicted class, anything that orders the rows by class,
probabilities, or numbers in the target's own units."""

Direction = Literal["maximize", "minimize"]
"""Which way is better, in Optuna's words."""

Resampled = Callable[[NDArray[np.int64]], float]


@dataclass(frozen=True, slots=True)
class Metric:
    """One number that says how good predictions are.

    Attributes
    ----------
    name : str
    direction : {"maximize", "minimize"}
        Which way is better, in Optuna's words.
    uses : {"classes", "scores", "probabilities", "numbers"}
    score : callable
        ``score(y_true, output) -> float``. `y_true` holds codes or numbers; `output` is what
        `uses` says: codes of shape ``(rows,)``, ``(rows, classes)``, or numbers of the targets'
        shape. `takes` makes it of a model's output.
    label : str
        The name in a sentence.
    percent : bool
        Whether it is shown as a percentage.
    forecast : bool
        Whether it is for forecasts. `y_true` and `output` are divided by the mean absolute error
        of the seasonal naive forecast in the series' past then; see `automl.data.series`.
    resampler : callable or None
        ``resampler(y_true, output)`` returns a function that scores the rows it is given, where
        there is a faster way than to score them anew; see `resampled`.
    """

    name: str
    direction: Direction
    uses: Uses
    score: Callable[[Array, Array], float]
    label: str = ""
    percent: bool = False
    resampler: Callable[[Array, Array], Resampled] | None = None
    forecast: bool = False

    @property
    def classification(self) -> bool:
        """For classes, not for numbers."""
        return self.uses != "numbers"

    def better(self, a: float, b: float) -> bool:
        """Return whether score `a` is better than score `b`."""
        return a > b if self.direction == "maximize" else a < b

    def sort_key(self, score: float) -> float:
        """Return a number that sorts ascending with the best score first."""
        return -score if self.direction == "maximize" else score

    def takes(self, output: Array) -> Array:
        """Return what `score` reads of a model's output.

        Parameters
        ----------
        output : array
            Class probabilities of shape ``(rows, classes)``, or numbers.
        """
        return np.asarray(output.argmax(axis=1)) if self.uses == "classes" else output

    def resampled(self, y_true: Array, output: Array) -> Resampled:
        """Return a function from row numbers to their score; a repeated row counts repeatedly."""
        if self.resampler is not None:
            return self.resampler(y_true, output)
        return lambda rows: self.score(y_true[rows], output[rows])

    def check_defined(self, n_classes: int, rows: str) -> None:
        """Refuse rows on which the metric has no value.

        Parameters
        ----------
        n_classes : int
            Different classes among these rows.
        rows : str
            Which rows they are, for the message.

        Raises
        ------
        ConfigError
            When it orders rows of one class before those of another, and there is but one.
        """
        if self.uses == "scores" and n_classes < 2:
            raise ConfigError(
                f"metric {self.name!r} needs rows of two classes, but the {rows} are all of one;"
                " choose another with --metric, or another split"
            )


def _accuracy(y_true: Array, codes: Array) -> float:
    return float(np.mean(y_true == codes))


def _balanced_accuracy(y_true: Array, codes: Array) -> float:
    """Mean recall of the classes that have rows."""
    rows = np.bincount(y_true)
    right = np.bincount(y_true, weights=y_true == codes)
    return float(np.mean(right[rows > 0] / rows[rows > 0]))


def _f1_macro(y_true: Array, codes: Array) -> float:
    """Mean F1 of the classes that have rows or are predicted; 0 for one that is never right."""
    size = int(max(y_true.max(), codes.max())) + 1
    right = np.bincount(y_true[y_true == codes], minlength=size)
    both = np.bincount(y_true, minlength=size) + np.bincount(codes, minlength=size)
    return float(np.mean(2 * right[both > 0] / both[both > 0]))


def _log_loss(y_true: Array, probabilities: Array) -> float:
    """Mean of minus the logarithm of the true class's probability.

    A probability of 0 counts as the smallest step of its type, as in scikit-learn: one row would
    otherwise make the mean infinite.
    """
    smallest = np.finfo(probabilities.dtype).eps
    p = probabilities[np.arange(len(y_true)), y_true].astype(np.float64)
    return float(-np.mean(np.log(np.clip(p, smallest, 1 - smallest))))


def _roc_auc(y_true: Array, scores: Array) -> float:
    """Area under the receiver operating characteristic: Hanley and McNeil 1982.

    That is how often a row of a class scores higher in it than a row of another class, ties
    counting half. For more than two classes, the plain mean over each class against the rest
    (scikit-learn's ``multi_class="ovr", average="macro"``).

    A class that has no rows here, or all of them, has no such pairs: it is left out of the mean,
    where scikit-learn refuses. NaN when that leaves none.
    """
    return _mean_defined(
        [_auc(scores[y_true == c, c], scores[y_true != c, c]) for c in _sides(scores)]
    )


def _sides(scores: Array) -> range:
    """Return the classes that are compared with the rest; of two, one is enough."""
    return range(1, 2) if scores.shape[1] == 2 else range(scores.shape[1])


def _mean_defined(areas: list[float]) -> float:
    defined = [area for area in areas if not np.isnan(area)]
    return float(np.mean(defined)) if defined else float("nan")


def _auc(inside: Array, outside: Array) -> float:
    if not len(inside) or not len(outside):
        return float("nan")
    ordered = np.sort(outside)
    lower, upper = (np.searchsorted(ordered, inside, side) for side in ("left", "right"))
    return float((lower + upper).sum() / (2 * len(inside) * len(outside)))


def _roc_auc_resampler(y_true: Array, scores: Array) -> Resampled:
    """Sorts the rows once: sorting every resample anew takes ten times as long."""
    rankings = [_Ranking.of(y_true == c, scores[:, c]) for c in _sides(scores)]

    def score(rows: NDArray[np.int64]) -> float:
        counts = np.bincount(rows, minlength=len(y_true))
        return _mean_defined([ranking.auc(counts) for ranking in rankings])

    return score


@dataclass(frozen=True, slots=True)
class _Ranking:
    """Rows in the order of their score; `starts` are where the score changes."""

    order: NDArray[np.int64]
    starts: NDArray[np.int64]
    inside: Array

    @classmethod
    def of(cls, inside: Array, score: Array) -> _Ranking:
        order = np.argsort(score, kind="stable")
        ordered = score[order]
        changes = np.concatenate([[True], ordered[1:] != ordered[:-1]])
        return cls(order, np.flatnonzero(changes), inside[order])

    def auc(self, counts: NDArray[np.int64]) -> float:
        """Return the area with every row counting as often as `counts` says."""
        counts = counts[self.order]
        inside = np.add.reduceat(counts * self.inside, self.starts)
        outside = np.add.reduceat(counts, self.starts) - inside
        pairs = int(inside.sum()) * int(outside.sum())
        higher = inside * (np.cumsum(outside) - outside / 2)
        return float(higher.sum() / pairs) if pairs else float("nan")


# Several targets: the plain mean over them, scikit-learn's "uniform_average".


def _rmse(y_true: Array, numbers: Array) -> float:
    squares = np.square(np.asarray(y_true, dtype=np.float64) - numbers)
    return float(np.mean(np.sqrt(np.mean(squares, axis=0))))


def _mae(y_true: Array, numbers: Array) -> float:
    return float(np.mean(np.abs(np.asarray(y_true, dtype=np.float64) - numbers)))


def _r2(y_true: Array, numbers: Array) -> float:
    """Coefficient of determination; of a constant target 1 when it is met, and 0 otherwise."""
    y = np.asarray(y_true, dtype=np.float64).reshape(len(y_true), -1)
    residual = np.square(y - np.reshape(numbers, y.shape)).sum(axis=0)
    total = np.square(y - y.mean(axis=0)).sum(axis=0)
    constant = total == 0
    found = np.where(constant, residual == 0, 1 - residual / np.where(constant, 1, total))
    return float(np.mean(found))


def _smape(y_true: Array, numbers: Array) -> float:
    """Symmetric mean absolute percentage error: 200 |y - f| / (|y| + |f|), as in M3 and M4.

    Both 0 is an error of 0.
    """
    y = np.asarray(y_true, dtype=np.float64)
    size = np.abs(y) + np.abs(numbers)
    return float(np.mean(200 * np.abs(y - numbers) / np.where(size > 0, size, 1.0)))


def _rmsse(y_true: Array, numbers: Array) -> float:
    """Root mean squared scaled error: over all rows and steps at once."""
    return float(np.sqrt(np.mean(np.square(np.asarray(y_true, dtype=np.float64) - numbers))))


METRICS = {
    m.name: m
    for m in (
        Metric("accuracy", "maximize", "classes", _accuracy, "accuracy", percent=True),
        Metric(
            "balanced_accuracy",
            "maximize",
            "classes",
            _balanced_accuracy,
            "balanced accuracy",
            percent=True,
        ),
        Metric("f1_macro", "maximize", "classes", _f1_macro, "macro F1"),
        Metric("roc_auc", "maximize", "scores", _roc_auc, "ROC AUC", False, _roc_auc_resampler),
        Metric("log_loss", "minimize", "probabilities", _log_loss, "log loss"),
        Metric("rmse", "minimize", "numbers", _rmse, "RMSE"),
        Metric("mae", "minimize", "numbers", _mae, "MAE"),
        Metric("r2", "maximize", "numbers", _r2, "R²"),
        # The mean absolute scaled error of Hyndman and Koehler (2006), for scaled targets.
        Metric("mase", "minimize", "numbers", _mae, "MASE", forecast=True),
        Metric("smape", "minimize", "numbers", _smape, "sMAPE", forecast=True),
        Metric("rmsse", "minimize", "numbers", _rmsse, "RMSSE", forecast=True),
    )
}


def find_metric(name: str) -> Metric:
    """Find the metric of that name.

    Raises
    ------
    UnknownNameError
        When there is none.
    """
    if name not in METRICS:
        raise UnknownNameError("metric", name, METRICS)
    return METRICS[name]


def get_metric(name: str | None, task: Task) -> Metric:
    """Find the metric of that name, or the task's default.

    Raises
    ------
    UnknownNameError
        When there is none of that name.
    ConfigError
        When it is for another kind of task.
    """
    metric = find_metric(name or task.default_metric)
    fits = [
        m.name
        for m in METRICS.values()
        if m.classification == task.is_classification and m.forecast == task.is_forecast
    ]
    if metric.name not in fits:
        raise ConfigError(
            f"metric {metric.name!r} does not fit a {task.kind} task; one of: {', '.join(fits)}"
        )
    return metric
