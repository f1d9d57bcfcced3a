from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from automl.data.preprocess.standardise import Preprocessing, TargetScaling
from automl.errors import DataError

FINITE = st.floats(-1e6, 1e6)
# Thousandths: numbers that differ in their last bit only have no exact mean between them.
NUMBERS = st.integers(-(10**9), 10**9).map(lambda number: number / 1000)
TABLES = hnp.arrays(np.float64, hnp.array_shapes(min_dims=2, max_dims=2), elements=NUMBERS)


@given(X=TABLES)
def test_what_it_was_fitted_on_gets_mean_0_and_deviation_1_or_0(X: Any) -> None:
    rows = Preprocessing.fit(X, "vector").transform(X)
    assert rows.dtype == np.float32
    assert rows.shape == X.shape
    np.testing.assert_allclose(rows.mean(axis=0), 0, atol=1e-4)
    constant = X.min(axis=0) == X.max(axis=0)
    np.testing.assert_array_equal(rows[:, constant], 0)
    np.testing.assert_allclose(rows.std(axis=0)[~constant], 1, atol=1e-4)


@given(value=FINITE, rows=st.integers(1, 300))
def test_a_constant_column_becomes_0(value: float, rows: int) -> None:
    X = np.full((rows, 1), value)
    preprocessing = Preprocessing.fit(X, "vector")
    assert preprocessing.scale.tolist() == [1.0]
    assert not preprocessing.transform(X).any()
    assert preprocessing.transform(X + 1).tolist() == [[pytest.approx(1)]] * rows


def test_a_small_spread_far_from_0_survives() -> None:
    times = 1.6e9 + np.arange(200.0)[:, None]
    rows = Preprocessing.fit(times, "vector").transform(times)
    assert len(np.unique(rows)) == 200
    assert rows.std() == pytest.approx(1, abs=1e-5)


def test_only_the_rows_it_was_fitted_on_count() -> None:
    X = np.arange(10.0)[:, None]
    preprocessing = Preprocessing.fit(X[:5], "vector")
    assert preprocessing.mean.tolist() == [2.0]
    assert preprocessing.transform(np.array([[2.0]])).tolist() == [[0.0]]


@pytest.mark.parametrize("shape", [(4, 4), (1, 4, 4), (3, 4, 4)])
def test_an_image_is_standardised_a_channel_at_a_time(shape: tuple[int, ...]) -> None:
    X = np.random.RandomState(0).randint(0, 256, (50, *shape)).astype(np.uint8)
    preprocessing = Preprocessing.fit(X, "image")
    channels = shape[0] if len(shape) == 3 else 1
    assert preprocessing.mean.shape == (channels, 1, 1)
    rows = preprocessing.transform(X)
    assert rows.shape == (50, channels, 4, 4)
    np.testing.assert_allclose(rows.mean(axis=(0, 2, 3)), 0, atol=1e-5)
    np.testing.assert_allclose(rows.std(axis=(0, 2, 3)), 1, atol=1e-5)


def test_an_image_may_come_with_its_channel_or_without() -> None:
    X = np.arange(32, dtype=np.uint8).reshape(2, 4, 4)
    preprocessing = Preprocessing.fit(X, "image")
    np.testing.assert_array_equal(preprocessing.transform(X), preprocessing.transform(X[:, None]))


def test_bytes_and_floats_of_the_same_value_are_standardised_alike() -> None:
    X = np.arange(256, dtype=np.uint8).reshape(16, 16)
    preprocessing = Preprocessing.fit(X, "vector")
    floats = preprocessing.transform(X.astype(np.float64))
    np.testing.assert_allclose(preprocessing.transform(X), floats, atol=1e-6)


@given(X=TABLES, images=st.booleans())
def test_json_keeps_every_bit(X: Any, images: bool) -> None:
    kind = "image" if images else "vector"
    preprocessing = Preprocessing.fit(X[:, None] if images else X, kind)  # type: ignore[arg-type]
    again = Preprocessing.from_json(json.loads(json.dumps(preprocessing.to_json())))
    assert again.inputs == preprocessing.inputs
    assert again.raw_shape == preprocessing.raw_shape
    assert again.mean.tobytes() == preprocessing.mean.tobytes()
    assert again.scale.tobytes() == preprocessing.scale.tobytes()
    assert again.mean.shape == preprocessing.mean.shape


@pytest.mark.parametrize("shape", [(3,), (5, 3), (5, 2, 1), (5,)])
def test_rows_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    preprocessing = Preprocessing.fit(np.zeros((4, 2)), "vector")
    with pytest.raises(DataError, match=r"shape \(2,\), but got"):
        preprocessing.transform(np.zeros(shape))


def test_one_row_is_told_how_to_be_rows() -> None:
    preprocessing = Preprocessing.fit(np.zeros((4, 2)), "vector")
    with pytest.raises(DataError, match=r"shape \(2,\); if that is one row, give \[X\]"):
        preprocessing.transform(np.zeros(2))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e300])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_value_that_is_not_finite_is_refused(bad: float, dtype: type) -> None:
    preprocessing = Preprocessing.fit(np.arange(4.0)[:, None], "vector")
    with np.errstate(over="ignore"):
        X: Any = np.array([[0.0], [bad]]).astype(dtype)
    with pytest.raises(DataError, match="must be finite"):
        preprocessing.transform(X)


@given(y=hnp.arrays(np.float32, st.integers(1, 50), elements=st.floats(-1e6, 1e6, width=32)))
def test_a_target_comes_back_from_its_scaling(y: Any) -> None:
    scaling = TargetScaling.fit(y)
    assert scaling.scale > 0
    back = scaling.inverse(scaling.transform(y))
    np.testing.assert_allclose(back, y, rtol=1e-5, atol=1e-5 * float(np.abs(y).max()) + 1e-30)


@given(value=st.floats(-1e6, 1e6, width=32), rows=st.integers(1, 300))
def test_a_constant_target_keeps_scale_1(value: float, rows: int) -> None:
    assert TargetScaling.fit(np.full(rows, value, np.float32)) == TargetScaling(value, 1.0)


def test_every_target_has_a_scaling_of_its_own() -> None:
    y = np.random.RandomState(0).normal([5.0, -300.0, 7.0], [1.0, 100.0, 0.0], (50, 3))
    scaling = TargetScaling.fit(y)
    scaled = scaling.transform(y)
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(scaled.std(axis=0), [1, 1, 0], atol=1e-5)
    np.testing.assert_allclose(scaling.inverse(scaled), y, rtol=1e-5)
    for one in (scaling, TargetScaling.fit(y[:, 0]), TargetScaling()):
        assert TargetScaling.from_json(json.loads(json.dumps(one.to_json()))) == one
