"""Metrics by name, with the direction in which they are better.

Called by training on the validation split after each epoch, so these import numpy alone:
scikit-learn's own take 1.3 s to import in every worker.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from automl.errors import ConfigError, UnknownNameError
from automl.task import Task

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Metric:
    """One number that says how good predictions are.

    Attributes
    ----------
    name : str
    direction : {"maximize", "minimize"}
        In Optuna's words.
    classification : bool
        For classes (given as codes) or for numbers (in the target's own units).
    score : callable
        ``score(y_true, y_pred) -> float``.
    """

    name: str
    direction: Literal["maximize", "minimize"]
    classification: bool
    score: Callable[[Array, Array], float]

    def better(self, a: float, b: float) -> bool:
        """Whether score `a` is better than score `b`."""
        return a > b if self.direction == "maximize" else a < b

    @property
    def worst(self) -> float:
        """A score that every other one beats."""
        return -np.inf if self.direction == "maximize" else np.inf

    def sort_key(self, score: float) -> float:
        """Sorts ascending with the best score first."""
        return -score if self.direction == "maximize" else score


def _accuracy(y_true: Array, y_pred: Array) -> float:
    return float(np.mean(y_true == y_pred))


def _rmse(y_true: Array, y_pred: Array) -> float:
    return float(np.sqrt(np.mean(np.square(np.asarray(y_true, dtype=np.float64) - y_pred))))


METRICS = {
    m.name: m
    for m in (
        Metric("accuracy", "maximize", True, _accuracy),
        Metric("rmse", "minimize", False, _rmse),
    )
}


def get_metric(name: str | None, task: Task) -> Metric:
    """The metric of that name, or the task's default.

    Raises
    ------
    UnknownNameError
        When there is none of that name.
    ConfigError
        When it is for the other kind of task.
    """
    name = name or task.default_metric
    if name not in METRICS:
        raise UnknownNameError("metric", name, METRICS)
    metric = METRICS[name]
    if metric.classification != task.is_classification:
        fits = [m.name for m in METRICS.values() if m.classification == task.is_classification]
        raise ConfigError(
            f"metric {name!r} does not fit a {task.kind} task; one of: {', '.join(fits)}"
        )
    return metric
