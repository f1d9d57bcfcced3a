"""What baselines see in a series or an image that a flat row does not show."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.svm import SVC

from automl.baselines._gradients import WithGradients
from automl.baselines._series_features import WithConvolutions
from automl.baselines._warping import Shortened, distances
from automl.baselines.svm import BASELINE, SERIES_ROWS
from automl.task import Inputs


def test_convolutions_find_a_pattern_wherever_it_stands() -> None:
    random = np.random.RandomState(0)
    y = np.arange(240) % 2
    X = random.normal(scale=0.2, size=(240, 60))
    shape = np.array([1.0, 2.0, 3.0, -2.0, -1.0, 0.0])
    for row, label, start in zip(X, y, random.randint(0, 54, 240), strict=True):
        row[start : start + 6] += shape[::-1] if label else shape
    X = X.astype(np.float32)
    features = WithConvolutions((60, 1)).fit(X[:120])
    machine = SVC().fit(features.transform(X[:120]), y[:120])
    assert machine.score(features.transform(X[120:]), y[120:]) > 0.95
    assert SVC().fit(X[:120], y[:120]).score(X[120:], y[120:]) < 0.8


def test_series_get_them_where_they_fit_into_memory_and_nothing_else_does() -> None:
    series, params = Inputs("sequence", (60, 1)), {"kernel": "rbf"}
    assert BASELINE.transformer(params, series, SERIES_ROWS, 0) is not None
    assert BASELINE.transformer(params, series, SERIES_ROWS + 1, 0) is None
    for other in (Inputs("image", (1, 8, 8)), Inputs("vector", (60,))):
        assert BASELINE.transformer(params, other, 100, 0) is None


@pytest.mark.parametrize("size", [1, 2])
def test_a_distance_is_that_of_the_cheapest_alignment(size: int) -> None:
    random = np.random.RandomState(0)
    one, other = (random.normal(size=(rows, 30, size)).astype(np.float32) for rows in (2, 3))
    found = distances(one, other)
    for i, j in np.ndindex(2, 3):
        costs = np.full((31, 31), np.inf)
        costs[0, 0] = 0.0
        for a, b in np.ndindex(30, 30):
            if abs(a - b) <= 3:
                here = np.square(one[i, a] - other[j, b]).sum()
                costs[a + 1, b + 1] = here + min(costs[a, b], costs[a, b + 1], costs[a + 1, b])
        assert found[i, j] == pytest.approx(costs[30, 30], rel=1e-4)


def test_a_series_that_is_late_is_near() -> None:
    steps = np.linspace(0, 1, 60)
    early, late, other = (np.exp(-(((steps - at) / 0.1) ** 2)) for at in (0.4, 0.45, 0.8))
    near, far = distances(early[None, :, None], np.stack([late, other])[:, :, None])[0]
    assert near < 0.01 < far


def test_a_long_series_becomes_means_of_windows() -> None:
    X = np.arange(2 * 130 * 2, dtype=np.float32).reshape(2, -1)
    found = Shortened((130, 2)).fit(X).transform(X)
    assert found.shape == (2, 64, 2)
    assert found[0, 0].tolist() == [1.0, 2.0]


def test_gradients_tell_the_direction_of_stripes_whatever_their_place_and_brightness() -> None:
    random = np.random.RandomState(0)
    y = np.arange(80) % 2
    wave = np.sin(np.arange(14)[None] * 1.2 + random.uniform(0, 6, 80)[:, None])
    wave *= random.uniform(0.2, 2, 80)[:, None]
    images = np.repeat(wave[:, None], 14, axis=1)
    images[y == 1] = images[y == 1].swapaxes(1, 2)
    X = images.reshape(80, -1).astype(np.float32)
    features = WithGradients((1, 14, 14)).fit(X[:40])
    assert (
        SVC().fit(features.transform(X[:40]), y[:40]).score(features.transform(X[40:]), y[40:]) == 1
    )
