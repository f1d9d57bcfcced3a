"""Exponential smoothing: the statistical forecast that a network has to beat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from automl.arrays import Array
from automl.baselines import Baseline, OfSeries
from automl.space.domains import Params
from automl.task import Task

STEPS = 2_000
"""Last steps of a series that are smoothed. Of hourly values, they are twelve weeks; what is
earlier has a weight of nothing, and a fit takes as long as it has steps."""

HOW_TO_ADD = "exponential smoothing needs statsmodels: python -m pip install 'automl[forecast]'"


TRIALS = 3
"""Forecasts before the first one that is asked for, which say whether there is a season."""


class ExponentialSmoothing(OfSeries):
    """Holt and Winters' methods of statsmodels, of which one is chosen for each series.

    There are up to nine: a trend, a damped trend or none, beside a season that is added, multiplied
    (where all values are positive) or none. The method is chosen before the first forecast of a
    series, and its weights are fitted again for every one. AICc chooses one with a season and one
    without, and the forecasts just before that choose between them: AICc by itself took a season of
    48 half hours for 48 parameters too many.
    """

    def forecast(self, params: Params, task: Task, past: Array, spans: Array) -> Array:
        try:
            import statsmodels.tsa.holtwinters  # noqa: F401 - whether it is there
        except ImportError:
            raise ValueError(HOW_TO_ADD) from None
        chosen: dict[int, dict[str, Any]] = {}
        found = []
        for begin, end in spans.tolist():
            series = past[max(begin, end - STEPS) : end]
            if begin not in chosen:
                chosen[begin] = _choose(series, task.season, task.n_targets)
            found.append(_forecast(series, chosen[begin], task.n_targets))
        return np.array(found)

    def describe(self, params: Params, task: Task, n_rows: int, n_features: int) -> str:
        return "one of Holt and Winters' methods a series, by AICc and earlier forecasts"


def _choose(series: Array, season: int, horizon: int) -> dict[str, Any]:
    """Return the best method by AICc with a season or without, whichever forecast better lately."""
    methods = _methods(series, season)
    plain = _least_aicc(series, [method for method in methods if "seasonal" not in method])
    seasonal = _least_aicc(series, [method for method in methods if "seasonal" in method])
    ends = [len(series) - i * horizon for i in range(1, TRIALS + 1)]
    ends = [end for end in ends if end >= 2 * season + 3]
    if seasonal is None or plain is None or not ends:
        return seasonal or plain or {}

    def error(method: dict[str, Any]) -> float:
        found = [_forecast(series[:e], method, horizon) - series[e : e + horizon] for e in ends]
        return float(np.mean(np.abs(found)))

    return min(plain, seasonal, key=error)


def _least_aicc(series: Array, methods: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    best, least = None, np.inf
    for method in methods:
        fitted = _fit(series, method)
        if fitted is not None and fitted.aicc < least:
            best, least = method, fitted.aicc
    return best


def _methods(series: Array, season: int) -> list[dict[str, Any]]:
    trends: list[dict[str, Any]] = [{}]
    if len(series) >= 8:  # fewer have no AICc with the five numbers of a damped trend
        trends += [{"trend": "add"}, {"trend": "add", "damped_trend": True}]
    seasons: list[dict[str, Any]] = [{}]
    if season > 1 and len(series) >= 2 * season + 3:
        kinds = ("add", "mul") if (series > 0).all() else ("add",)
        seasons += [{"seasonal": kind, "seasonal_periods": season} for kind in kinds]
    return [trend | seasonal for trend in trends for seasonal in seasons]


def _forecast(series: Array, method: dict[str, Any], horizon: int) -> Array:
    fitted = _fit(series, method)
    found = None if fitted is None else np.asarray(fitted.forecast(horizon))
    if found is None or not np.isfinite(found).all():
        return np.full(horizon, series[-1])
    return found


def _fit(series: Array, method: dict[str, Any]) -> Any:
    """Fit, or return None where the method cannot be fitted."""
    from statsmodels.tsa.holtwinters import ExponentialSmoothing as HoltWinters

    from automl.warning_filters import warnings_as

    with warnings_as("ignore"), np.errstate(all="ignore"):
        try:
            return HoltWinters(series, initialization_method="estimated", **method).fit()
        except (ValueError, ArithmeticError, np.linalg.LinAlgError):
            return None


BASELINE: Baseline = ExponentialSmoothing()
