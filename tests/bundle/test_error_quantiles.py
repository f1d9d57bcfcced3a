"""Quantiles of forecasts, from the errors of windows that validated."""

from __future__ import annotations

import json

import numpy as np
import pytest

from automl.bundle.error_quantiles import LEVELS, ErrorQuantiles, read_error_quantiles, spread_of
from automl.errors import BundleError, ConfigError


def windows(count: int, seed: int) -> np.ndarray:
    return np.random.RandomState(seed).normal(size=(count, 12, 1)).cumsum(axis=1)


def errors_of(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Windows, targets and forecasts whose errors grow with the step and with the window."""
    X = windows(count, seed)
    noise = np.random.RandomState(seed + 1).normal(size=(count, 3)) * [1.0, 2.0, 4.0]
    return X, noise * spread_of(X, 1)[:, None], np.zeros((count, 3))


def test_they_cover_as_much_as_they_say_where_rows_can_be_exchanged() -> None:
    X, y, out = errors_of(2_000)
    found = ErrorQuantiles.fit(X, y, [out], 1)
    assert found is not None
    new, y, out = errors_of(2_000, seed=7)
    quantiles = found.apply(new, out, (0.1, 0.5, 0.9))
    assert (y[:, :, None] <= quantiles).mean(axis=(0, 1)) == pytest.approx(
        [0.1, 0.5, 0.9], abs=0.04
    )
    assert (np.diff(quantiles, axis=2) > 0).all()


def test_a_band_goes_with_the_size_of_its_series() -> None:
    X, y, out = errors_of(50)
    found = ErrorQuantiles.fit(X, y, [out], 1)
    again = ErrorQuantiles.fit(X * 1_000, y * 1_000, [out], 1)
    assert found is not None
    assert again is not None
    assert again.steps == pytest.approx(found.steps)
    assert found.apply(X * 7, out, (0.1,)) == pytest.approx(7 * found.apply(X, out, (0.1,)))


def test_few_windows_tell_no_far_quantile() -> None:
    X, y, out = errors_of(9)
    found = ErrorQuantiles.fit(X, y, [out], 1)
    assert found is not None
    assert (found.levels[0], found.levels[-1]) == (0.1, 0.9)
    # Nine errors cut the line into ten parts: the outermost of them are the quantiles.
    assert found.steps[:, 0] == pytest.approx((y / spread_of(X, 1)[:, None]).min(axis=0))
    with pytest.raises(ConfigError, match=r"from 0\.1 to 0\.9 .* 9 windows, but got 0\.05"):
        found.apply(X, out, (0.05,))
    assert ErrorQuantiles.fit(X[:1], y[:1], [out[:1]], 1) is None


def test_a_window_that_never_changes_has_none() -> None:
    X, y, out = errors_of(20)
    found = ErrorQuantiles.fit(X, y, [out], 1)
    assert found is not None
    assert np.isnan(found.apply(np.ones((1, 12, 1)), np.ones((1, 3)))).all()


def test_they_are_kept_as_json_and_checked() -> None:
    found = ErrorQuantiles.fit(*errors_of(200)[:2], [np.zeros((200, 3))], 1)
    assert found is not None
    assert found.levels == LEVELS
    kept = json.loads(json.dumps(found.to_json()))
    again = read_error_quantiles({"quantiles": kept}, 3)
    assert again is not None
    assert again.steps == pytest.approx(found.steps, rel=1e-5)
    assert read_error_quantiles({}, 3) is None
    for change, said in [
        ({"windows": 0}, "windows"),
        ({"levels": [0.5, 0.1]}, "levels"),
        ({"steps": kept["steps"][:2]}, "steps"),
        ({"steps": [row[::-1] for row in kept["steps"]]}, "ascend"),
        ({"season": None}, "season"),
        ({"levels": "x"}, "levels"),
    ]:
        with pytest.raises(BundleError, match=said):
            read_error_quantiles({"quantiles": {**kept, **change}}, 3)
    with pytest.raises(BundleError, match="fields"):
        read_error_quantiles({"quantiles": [1]}, 3)
