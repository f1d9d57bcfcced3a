"""Windows for baselines: relative to the same centre and spread that networks get them with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from automl.arrays import Array
from automl.baselines import Baseline
from automl.data.preprocess.prepared import PreparedData
from automl.space.domains import Params
from automl.task import Centre, Window


@dataclass(frozen=True, slots=True)
class WindowScaling:
    """Rows and targets relative to their windows.

    Attributes
    ----------
    window : Window
    shape : tuple of int
        Steps and features of a row.
    """

    window: Window
    shape: tuple[int, ...]

    def rows(self, X: Array) -> Array:
        """Return flat rows whose targets are relative."""
        rows = X.reshape(len(X), *self.shape).astype(np.float64)
        target = rows[:, :, 0]
        level = target.mean(axis=1, keepdims=True) if self._is_mean else target[:, -1:]
        rows[:, :, 0] = (target - level) / self._divisor(target)
        return rows.reshape(len(X), -1)

    def relative(self, X: Array, y: Array) -> Array:
        """Return targets of shape ``(rows,)`` or ``(rows, horizon)`` relative to their rows."""
        target = self._target(X)
        numbers = (y.reshape(len(y), -1) - self._level(target, y)) / self._divisor(target)
        return np.asarray(numbers.reshape(y.shape))

    def own(self, X: Array, y: Array) -> Array:
        """Return what `relative` was made of."""
        target = self._target(X)
        spread = target.std(axis=1, keepdims=True)
        numbers = y.reshape(len(y), -1) * spread + self._level(target, y)
        return np.asarray(numbers.reshape(y.shape))

    @property
    def _is_mean(self) -> bool:
        return self.window.centre == "mean"

    def _target(self, X: Array) -> Array:
        return X.reshape(len(X), *self.shape)[:, :, 0].astype(np.float64)

    def _divisor(self, target: Array) -> Array:
        spread = target.std(axis=1, keepdims=True)
        return np.where(spread > 0, spread, 1.0)

    def _level(self, target: Array, y: Array) -> Array:
        if self.window.centre == "season":
            return repeat_season(target, self.window.season, y[0].size)
        return np.asarray(target.mean(axis=1, keepdims=True) if self._is_mean else target[:, -1:])


@dataclass(frozen=True, slots=True)
class Rescaled:
    """A fitted regressor of relative rows and targets, for rows and targets as they are."""

    regressor: Any
    scaling: WindowScaling

    def predict(self, X: Array) -> Array:
        """Forecast in own units."""
        return self.scaling.own(X, np.asarray(self.regressor.predict(self.scaling.rows(X))))


def repeat_season(past: Array, season: int, horizon: int) -> Array:
    """Return the last season of each row, again and again, for `horizon` steps."""
    season = min(season, past.shape[1])
    last = past[:, past.shape[1] - season :]
    return np.asarray(np.tile(last, (1, -(-horizon // season)))[:, :horizon])


def window_scaling(params: Params, data: PreparedData) -> WindowScaling:
    """Return how a baseline reads windows: as it was tuned, or relative to the last season."""
    season = data.task.season
    centre = str(params.get("centre", "season" if season > 1 else "last"))
    window = Window(cast(Centre, centre), season)
    return WindowScaling(window, data.preprocessing.inputs.shape)


def forecast_rows(baseline: Baseline, params: Params, data: PreparedData) -> Array:
    """Return the forecasts of a baseline that reads whole series, for the test rows.

    Raises
    ------
    ValueError
        When nothing is forecast in this data.
    """
    if data.past is None or data.spans is None:
        raise ValueError("it is for forecasts, and this task is none")
    found = baseline.forecast(params, data.task, np.asarray(data.past), np.asarray(data.spans))
    return found[:, 0] if data.task.n_targets == 1 else found
