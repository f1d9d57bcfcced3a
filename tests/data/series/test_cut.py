"""Windows of series: nothing in a row comes from behind its window, and the last part tests."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from automl.data import DataOptions, Dataset
from automl.data.read.memory import from_memory
from automl.data.split.folds import Folds, make_splits
from automl.errors import ConfigError, DataError

OPTIONS = DataOptions(target=("sold",), task="forecast", time="month", horizon=3)


def months(count: int, start: str = "2015-01-01") -> pd.DataFrame:
    times = pd.date_range(start, periods=count, freq="MS")
    return pd.DataFrame({"month": times, "sold": np.arange(count, dtype=float) ** 2 + 1})


def shops(count: int, steps: int) -> pd.DataFrame:
    frames = [
        months(steps).assign(shop=f"s{i}", sold=lambda f, i=i: f.sold * 10**i) for i in range(count)
    ]
    return pd.concat(frames, ignore_index=True)


def load(frame: pd.DataFrame, **options: object) -> Dataset:
    return from_memory(frame, None, replace(OPTIONS, **options))  # type: ignore[arg-type]


def own(dataset: Dataset, X: np.ndarray, scale: float) -> np.ndarray:
    """The roots of the values are their places in time."""
    return np.rint(np.sqrt(np.maximum(X * scale - 1, 0)))


def test_windows_end_before_their_targets_and_the_last_steps_test() -> None:
    data = load(months(60))
    assert data.windows is not None
    scale = float(data.windows.scales[0])
    assert data.task.to_json() == {
        "kind": "forecast",
        "classes": [],
        "n_targets": 3,
        "season": 12,
    }
    for X, y in ((data.train.X, data.train.y), (data.test.X, data.test.unlock())):
        first = own(data, y, scale)
        assert np.array_equal(np.diff(first, axis=1), np.ones((len(y), 2)))
        assert np.array_equal(own(data, X[:, -1, 0], scale), first[:, 0] - 1)
    test = own(data, data.test.unlock(), scale)
    assert test.min() == 48  # a fifth of 60
    assert own(data, data.train.y, scale).max() < own(data, data.valid.y, scale).max() < 48
    # Seasonal differences of the steps before the test split, and of no other.
    assert scale == pytest.approx(np.mean(np.abs(np.arange(12, 48) ** 2 - np.arange(36) ** 2.0)))


@pytest.mark.parametrize("folds", [None, Folds(3), Folds(3, 2)])
def test_no_step_is_forecast_in_training_and_in_validation(folds: Folds | None) -> None:
    data = load(months(60))
    splits = make_splits(data, folds)
    for split in splits if folds is None else splits[:-1]:
        assert min(len(split.train), len(split.valid)) > 0
        steps = [{v for row in part.y for v in row} for part in (split.train, split.valid)]
        assert not steps[0] & steps[1]
    if folds is not None:
        judged = sum(len(split.valid) for split in splits[:-1])
        assert judged == folds.repeats * (len(data.train) + len(data.valid))


def test_series_of_any_size_and_order_are_alike() -> None:
    frame = shops(2, 60).sample(frac=1, random_state=0)
    data = load(frame, sequence="shop")
    plain = load(months(60))
    assert len(data.test) == 2 * len(plain.test)
    half = len(data.test) // 2
    assert data.test.X[:half] == pytest.approx(data.test.X[half:])
    assert data.windows is not None
    assert len(set(data.windows.blocks[:half]) & set(data.windows.blocks[half:])) == 0
    assert data.windows.scales[half] == pytest.approx(10 * data.windows.scales[0])


def test_of_many_series_each_is_a_block() -> None:
    data = load(shops(12, 40), sequence="shop")
    assert data.windows is not None
    assert len(np.unique(data.windows.blocks)) == 12


def test_missing_steps_have_the_value_before_them_and_are_said() -> None:
    frame = months(60).drop(index=[10, 20])
    frame.loc[30, "sold"] = np.nan
    data = load(frame)
    assert any("3 missing steps of 'sold' have the value before them" in n for n in data.notes)
    assert data.windows is not None
    assert "1 series of 60 steps, one month apart, with a season of 12" in data.windows.about


def test_what_is_known_ahead_stands_in_the_window_a_horizon_earlier() -> None:
    frame = months(60).assign(day=np.arange(60.0), rain=np.arange(60.0) ** 3)
    data = load(frame, known=("day",))
    *_, day, ahead = data.train.X[0, -1]
    assert data.train.X.shape[2] == 4  # the target, rain, and the day twice
    assert ahead == day + 3


@pytest.mark.parametrize(
    ("frame", "options", "said"),
    [
        (months(60), {"horizon": None}, "horizon: must be given with --task forecast"),
        (months(60), {"time": None}, "time: must be given with --task forecast"),
        (months(60), {"group": "month"}, "--group: does not go with --task forecast"),
        (months(60), {"season": 40}, "season: must come three times before the test split"),
        (months(60), {"drop": ("sold",)}, "column 'sold' must be one of target, time"),
        (months(13), {}, "a forecast of 3 steps needs series of 14 steps or more"),
        (pd.concat([months(60)] * 2), {}, "rows 1 and 61 have the same; if there are several"),
        (months(60).assign(place="x"), {}, "'place' holds texts; leave it out"),
        (months(60).assign(month="no"), {}, "must hold dates or numbers"),
        (months(60).drop(columns="month"), {}, "month"),
        (months(60), {"task": None}, "--horizon: is for forecasts"),
    ],
)
def test_what_cannot_be_forecast_is_refused_in_a_line(
    frame: pd.DataFrame, options: dict[str, object], said: str
) -> None:
    with pytest.raises((ConfigError, DataError)) as error:
        load(frame, **options)
    assert said in str(error.value)
    assert "\n" not in str(error.value)
