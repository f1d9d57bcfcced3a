"""How far a forecast is off, step by step: quantiles of the errors on windows that validated.

The errors of the windows are those of networks that had not seen them. Each is divided by how much
its own window changes, so that they are alike for series of all sizes; so is what is added to a
forecast later. That is split conformal prediction with errors that are normalised:
Papadopoulos, Gammerman and Vovk (2008), Normalized nonconformity measures for regression conformal
prediction, for each tail and each step of the horizon by itself. Its guarantee is of rows that can
be exchanged, which windows of series cannot; what is covered is therefore measured on the test
split.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from automl.arrays import Array
from automl.errors import BundleError, ConfigError

LEVELS = (0.01, 0.025, *(round(0.05 * i, 2) for i in range(1, 20)), 0.975, 0.99)
"""Quantiles that are kept, those of the forecast hubs (Bracher et al. 2021, Evaluating epidemic
forecasts in an interval format, PLOS Computational Biology 17). Others lie between them."""

LEAST_LEVELS = 3
"""Fewest of them of which a band can be made."""

USUAL = (0.1, 0.5, 0.9)
"""Quantiles where nobody names others."""


@dataclass(frozen=True, slots=True, eq=False)
class ErrorQuantiles:
    """Quantiles of the errors of each step, as shares of how much a window changes.

    Attributes
    ----------
    windows : int
        Number of windows that they are of.
    season : int
        Steps of a season, by which the change of a window is measured.
    levels : tuple of float
        Those of `LEVELS` for which there are windows enough.
    steps : float64 array of shape (horizon, levels)
    """

    windows: int
    season: int
    levels: tuple[float, ...]
    steps: Array

    @classmethod
    def fit(
        cls, X: Array, y: Array, outputs: Sequence[Array], season: int
    ) -> ErrorQuantiles | None:
        """Return the quantiles of errors; None where there are too few windows for a band.

        Parameters
        ----------
        X : array of shape (windows, steps, features)
            The target is the first feature.
        y : array of shape (windows,) or (windows, horizon)
        outputs : sequence of array of the shape of `y`
            Forecasts of one model or more, that were not trained on these windows.
        season : int

        Notes
        -----
        Of n errors, the quantile above the median is the smallest that a new one would stay below
        with at least its probability, if all could be exchanged: number ``ceil((n + 1) * level)``
        in their order; below the median it is the mirror image. A level for which there is no such
        number is left out.
        """
        spread = spread_of(X, season)
        used = spread > 0
        count = int(used.sum())
        levels = tuple(q for q in LEVELS if min(q, 1 - q) * (count + 1) >= 1 - 1e-9)
        if len(levels) < LEAST_LEVELS:
            return None
        errors = [
            (np.asarray(y, float) - out).reshape(len(X), -1)[used] / spread[used, None]
            for out in outputs
        ]
        found = [_quantile(np.concatenate(errors), level, count) for level in levels]
        return cls(count, season, levels, np.stack(found, axis=1))

    def apply(self, X: Array, forecasts: Array, quantiles: Sequence[float] = USUAL) -> Array:
        """Return quantiles of forecasts, in the precision of these.

        Parameters
        ----------
        X : array of shape (rows, steps, features)
            Windows, in the units of the forecasts.
        forecasts : array of shape (rows,) or (rows, horizon)
        quantiles : sequence of float

        Returns
        -------
        array of shape (rows, horizon, quantiles)
            NaN for a window in which nothing changes: it does not tell how far a step may go.

        Raises
        ------
        ConfigError
            When a quantile lies beyond those that the windows tell.
        """
        low, high = self.levels[0], self.levels[-1]
        for level in quantiles:
            if not low <= level <= high:
                raise ConfigError(
                    f"quantiles: must be from {low:g} to {high:g} for this model, whose errors are"
                    f" known of {self.windows:,} windows, but got {level:g}"
                )
        spread = spread_of(X, self.season)
        spread[spread <= 0] = np.nan
        points = forecasts.reshape(len(X), -1).astype(float)
        reach = [np.interp(quantiles, self.levels, step) for step in self.steps]
        found = points[:, :, None] + spread[:, None, None] * np.array(reach)[None]
        return np.asarray(found.astype(forecasts.dtype))

    def to_json(self) -> dict[str, Any]:
        """Plain types for JSON, in six digits."""
        steps = [[float(f"{value:.6g}") for value in step] for step in self.steps.tolist()]
        levels = list(self.levels)
        return {"windows": self.windows, "season": self.season, "levels": levels, "steps": steps}


def read_error_quantiles(info: Mapping[str, Any], horizon: int) -> ErrorQuantiles | None:
    """Return what the fields of ``model.json`` hold of them; None where there are none.

    Raises
    ------
    BundleError
        When they break a rule.
    """
    found = info.get("quantiles")
    if found is None:
        return None
    if not isinstance(found, dict) or found.keys() != {"windows", "season", "levels", "steps"}:
        raise BundleError("quantiles: must have the fields windows, season, levels and steps")
    for name in ("windows", "season"):
        if type(found[name]) is not int or found[name] < 1:
            raise BundleError(f"quantiles.{name}: must be 1 or more, but got {found[name]!r:.80}")
    try:
        levels, steps = (np.asarray(found[name], float) for name in ("levels", "steps"))
    except (TypeError, ValueError):
        raise BundleError(
            "quantiles.levels and quantiles.steps: must be lists of numbers"
        ) from None
    in_order = levels.ndim == 1 and len(levels) > 1 and (np.diff(levels) > 0).all()
    if not in_order or not (levels[0] > 0 and levels[-1] < 1):
        raise BundleError("quantiles.levels: must ascend between 0 and 1")
    if steps.shape != (horizon, len(levels)) or not np.isfinite(steps).all():
        raise BundleError(
            f"quantiles.steps: must be {horizon} steps of {len(levels)} finite numbers, but have"
            f" the shape {steps.shape}"
        )
    if (np.diff(steps, axis=1) < 0).any():
        raise BundleError("quantiles.steps: must ascend within every step")
    return ErrorQuantiles(found["windows"], found["season"], tuple(levels.tolist()), steps)


def spread_of(X: Array, season: int) -> Array:
    """Return how much each window changes: its mean absolute difference over a season.

    Where a season, or nothing, never changes, it is that of one step to the next, or 0.

    Parameters
    ----------
    X : array of shape (rows, steps, features)
    season : int

    Returns
    -------
    float64 array of shape (rows,)
    """
    target = np.asarray(X[:, :, 0], np.float64)
    found = np.zeros(len(target))
    for lag in (season, 1):
        if target.shape[1] > lag:
            changes = np.abs(target[:, lag:] - target[:, :-lag]).mean(axis=1)
            found = np.where(found > 0, found, changes)
    return found


def _quantile(errors: Array, level: float, count: int) -> Array:
    """Return the quantile of each column, as of `count` rows and one more."""
    if level == 0.5:
        return np.asarray(np.median(errors, axis=0))
    sign = 1.0 if level > 0.5 else -1.0
    share = math.ceil((count + 1) * max(level, 1 - level) - 1e-9) / count
    found = np.quantile(sign * errors, min(1.0, share), axis=0, method="inverted_cdf")
    return np.asarray(sign * found)
