"""How far the times of a series are apart."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from automl.arrays import Array
from automl.data.series.step import Step, find_step
from automl.errors import DataError


def seconds(start: str, count: int, step: str) -> Array:
    times = pd.date_range(start, periods=count, freq=step).as_unit("s")
    return times.to_numpy().astype(np.int64).astype(np.float64)


@pytest.mark.parametrize(
    ("freq", "name", "season", "after"),
    [
        ("MS", "month", 12, "2021-01-01"),
        ("ME", "month", 12, "2021-01-31"),
        ("QS", "quarter", 4, "2023-01-01"),
        ("YS", "year", 1, "2032-01-01"),
        ("D", "day", 7, "2020-01-13"),
        ("7D", "week", 52, "2020-03-25"),
        ("h", "hour", 24, "2020-01-01 12:00:00"),
        ("30min", "30 minutes", 48, "2020-01-01 06:00:00"),
    ],
)
def test_the_times_tell_the_step_the_season_and_what_comes_next(
    freq: str, name: str, season: int, after: str
) -> None:
    times = seconds("2020-01-01", 12, freq)
    step = find_step([times], are_dates=True)
    assert (str(step), step.season) == (name, season)
    assert np.diff(step.places(times)).tolist() == [1] * 11
    assert step.text(step.after(float(times[-1]), 1)[0]) == after


def test_a_month_keeps_its_day() -> None:
    step = find_step(
        [seconds("2021-01-15", 1, "D"), seconds("2020-01-31", 4, "ME")], are_dates=True
    )
    found = [step.text(t) for t in step.after(float(seconds("2021-01-31", 1, "D")[0]), 3)]
    assert found == ["2021-02-28", "2021-03-31", "2021-04-30"]


def test_numbers_are_steps_too() -> None:
    step = find_step([np.array([1700.0, 1701.0, 1703.0, 1704.0])], are_dates=False)
    assert step == Step("number", 1.0)
    assert step.after(1704.0, 2) == [1705.0, 1706.0]


def test_times_between_the_steps_are_refused() -> None:
    times = np.array([0.0, 1.0, 2.0, 3.5, 4.0])
    with pytest.raises(DataError, match=r"whole steps apart.* but 3.5 is not"):
        find_step([times], are_dates=False).places(times)
