"""Judge the quantiles of a forecast on the test split, and keep what the report draws of them.

Called with labels that the caller has unlocked, and counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from automl import result as r
from automl.arrays import Array
from automl.baselines._windows import repeat_season
from automl.bundle.error_quantiles import ErrorQuantiles, spread_of
from automl.data import Dataset
from automl.data.split.folds import Folds
from automl.evaluation.quantiles import coverage, weighted_interval_score
from automl.orchestrator.ensemble_units import features_that_choose, rows_that_choose

BANDS = ((0.25, 0.75), (0.1, 0.9), (0.025, 0.975))
"""Quantiles of the bands of which the coverage is told."""

MOST_PICTURES = 4
"""Series that the report draws."""


def judge_quantiles(
    dataset: Dataset, folds: Folds | None, y: Array, output: Array, errors: ErrorQuantiles | None
) -> r.Quantiles | None:
    """Return what the quantiles cover, and their score beside those of the seasonal naive forecast.

    Parameters
    ----------
    dataset : Dataset
    folds : Folds or None
    y : array of shape (rows,) or (rows, horizon)
        Test targets, divided by their series' scale.
    output : array
        Forecasts of what is handed over.
    errors : ErrorQuantiles or None
        How far it is off.
    """
    if errors is None or dataset.windows is None:
        return None
    X, horizon = np.asarray(dataset.test.X), dataset.windows.form.horizon
    true, levels = y.reshape(len(y), -1), errors.levels
    found = errors.apply(X, output, levels)
    scores = {"model": weighted_interval_score(true, found, levels)}
    rows = features_that_choose(dataset, folds)
    season = dataset.windows.form.season
    naive = [repeat_season(part[:, :, 0], season, horizon) for part in (rows, X)]
    targets = rows_that_choose(dataset, folds).reshape(len(rows), -1)
    theirs = ErrorQuantiles.fit(rows, targets, [naive[0]], season)
    if theirs is not None:
        scores["seasonal-naive"] = weighted_interval_score(
            true, theirs.apply(X, naive[1], levels), levels
        )
    bands = [
        r.Band(
            low=low,
            high=high,
            coverage=coverage(true, found, levels.index(low), levels.index(high)),
        )
        for low, high in BANDS
        if low in levels and high in levels
    ]
    unknown = int((spread_of(X, errors.season) <= 0).sum())
    return r.Quantiles(
        windows=errors.windows, levels=len(levels), unknown=unknown, bands=bands, scores=scores
    )


def drawn_forecasts(
    dataset: Dataset, output: Array, errors: ErrorQuantiles | None
) -> Mapping[str, Any]:
    """Return what a picture of forecasts needs: arrays for the file of what was judged.

    The last forecast of the test split is drawn, of a few series; see `automl.report.facts.Drawn`.
    """
    windows = dataset.windows
    if windows is None:
        return {}
    ends = np.flatnonzero(np.diff(windows.spans[:, 0], append=-1))
    places = np.linspace(0, len(ends) - 1, min(MOST_PICTURES, len(ends))).round().astype(int)
    rows = ends[places]
    scales = windows.scales[rows]
    found = {
        "drawn": rows,
        "scales": scales,
        "before": dataset.test.X[rows, :, 0] * scales[:, None],
    }
    if errors is not None and {0.1, 0.9} <= set(errors.levels):
        bands = errors.apply(dataset.test.X[rows], output[rows], (0.1, 0.9))
        found["bands"] = bands * scales[:, None, None]
    return found
