"""The estimator of forecasts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

import automl

TINY: dict[str, Any] = {
    "horizon": 3,
    "season": 12,
    "trials": 1,
    "finalists": 0,
    "folds": 0,
    "max_epochs": 1,
    "executor": "inline",
    "random_state": 0,
}


def series() -> np.ndarray:
    """Two series with a season."""
    noise = np.random.RandomState(0).normal(size=(2, 120))
    return 50 + 10 * np.sin(np.arange(120) * np.pi / 6) + noise


def test_an_array_is_forecast_as_its_long_table_is() -> None:
    X = series()
    forecaster = automl.Forecaster(**TINY).fit(X)
    found = forecaster.predict(X)
    assert found.shape == (2, 3)
    assert forecaster.predict(X[1]) == pytest.approx(found[1:])
    quantiles = forecaster.predict_quantiles(X, (0.2, 0.8))
    assert (quantiles[:, :, 0] < quantiles[:, :, 1]).all()
    frame = pd.concat(
        pd.DataFrame({"shop": shop, "day": range(120), "sold": values})
        for shop, values in zip("ab", X, strict=True)
    )
    columns = {"target": "sold", "time": "day", "sequence": "shop"}
    named = automl.Forecaster(**TINY, **columns).fit(frame)
    assert named.predict(frame) == pytest.approx(found)
    assert clone(named).get_params()["sequence"] == "shop"


def test_what_is_no_series_is_refused_in_a_line() -> None:
    with pytest.raises(ValueError, match=r"shape \(1, 2, 3\)"):
        automl.Forecaster(**TINY).fit(np.zeros((1, 2, 3)))
    with pytest.raises(ValueError, match="y must be None"):
        automl.Forecaster(**TINY).fit(series(), series())
