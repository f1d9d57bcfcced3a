"""Windows of series: each is a row, and the steps behind it are its targets.

The last part of every series is the test split. A window that ends before it, and whose targets do,
is for training and validation; nothing of a row comes from a step behind its window.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from automl.arrays import Array
from automl.data.raw import Raw
from automl.data.series.form import ForecastForm, Windows
from automl.errors import DataError

TEST_SHARE = 0.2
"""Share of a series that is its test split, and of the rest that validates."""

MANY = 10
"""Series from which on each is one observation for an interval."""

TEST_ROWS = 100
"""Test rows up to which a forecast begins at every step of the test split. Of more, they begin
further apart, but no further than they are long."""

TRAIN_ROWS = 50_000
"""The same for training."""

LOOKBACK = 24
"""Steps of a window, at least, where there is no season."""

LEAST = 3
"""Fewest steps before a forecast; the window is filled up with the first of them."""


@dataclass(frozen=True, slots=True, eq=False)
class TimeSeries:
    """One series, without gaps.

    Attributes
    ----------
    name : str
        What the table calls it; empty where there is but one.
    start : int
        Place of its first step in time; see `Step.places`.
    values : float64 array of shape (steps, columns)
        In the order of `ForecastForm.columns`.
    last : float
        Time of the last step.
    ahead : float64 array of shape (horizon, known columns)
        What is known of the steps behind; empty unless it was asked for.
    filled : int
        Steps that were missing.
    """

    name: str
    start: int
    values: Array
    last: float
    ahead: Array
    filled: int = 0

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    """Where the rows of one series begin to forecast."""

    series: TimeSeries
    scale: float
    train: Array
    valid: Array
    test: Array


def test_steps(length: int, horizon: int, count: int) -> int:
    """Return how many steps of a series are its test split.

    A fifth of it, and at least one horizon, or two where there are few series.
    """
    least = horizon if count >= MANY else 2 * horizon
    return max(least, round(TEST_SHARE * length))


def plan_windows(series: Sequence[TimeSeries], form: ForecastForm) -> ForecastForm:
    """Choose the window: three seasons, or two horizons, as far as the series are that long.

    Of few series, half of the steps before the test split are left to be forecast; many have rows
    enough without that. A season that does not come three times before the test split is none.
    """
    h, count = form.horizon, len(series)
    before = float(np.median([len(s) - test_steps(len(s), h, count) for s in series]))
    season = form.season if 3 * form.season <= before else 1
    wanted = max(3 * season if season > 1 else LOOKBACK, 2 * h)
    room = int(before - h) // (1 if count >= MANY else 2)
    least = max(season, h if form.known else 2)
    return replace(form, season=season, lookback=max(least, min(wanted, room)))


def cut(series: Sequence[TimeSeries], form: ForecastForm) -> Raw:
    """Cut all series into rows.

    Parameters
    ----------
    series : sequence of TimeSeries
    form : ForecastForm

    Raises
    ------
    DataError
        When no series is long enough.
    """
    h, count = form.horizon, len(series)
    long = [s for s in series if len(s) >= test_steps(len(s), h, count) + LEAST]
    origins = sum(test_steps(len(s), h, count) - h + 1 for s in long)
    stride = min(h, max(1, math.ceil(origins / TEST_ROWS)))
    every = max(1, math.ceil(sum(map(len, long)) / TRAIN_ROWS))
    places = [_place(s, form, count, stride, every) for s in long]
    if sum(len(p.train) for p in places) < 2 or not any(len(p.valid) for p in places):
        longest = max(map(len, series), default=0)
        raise DataError(
            f"a forecast of {h} steps needs series of {3 * h + LEAST + 2} steps or more, but the"
            f" longest of {count:,} has {longest:,}; forecast fewer steps with --horizon"
        )
    rows = [np.concatenate([p.train, p.valid]) for p in places]
    of = np.repeat(np.arange(len(places)), [len(r) for r in rows])
    X, y = _rows(places, rows, form)
    test_X, test_y = _rows(places, [p.test for p in places], form)
    validates = np.concatenate([np.isin(r, p.valid) for r, p in zip(rows, places, strict=True)])
    first = np.concatenate([r + p.series.start for r, p in zip(rows, places, strict=True)])
    windows = _windows(places, form, count)
    left = [s.name for s in series if len(s) < test_steps(len(s), h, count) + LEAST]
    return Raw(
        X,
        y,
        test_X=test_X,
        test_y=test_y,
        targets=(form.target.name,),
        notes=tuple(_notes(series, form, left)),
        why="--task forecast",
        validates=validates,
        windows=replace(
            windows,
            series=of.astype(np.int64),
            first=first.astype(np.int64),
            about=_about(series, form),
        ),
    )


def window(values: Array, ahead: Array, origin: int, form: ForecastForm) -> Array:
    """Return the row before one step.

    Parameters
    ----------
    values : array of shape (steps, columns)
    ahead : array of shape (steps, known columns)
        What is known of each step: those of the forecast included.
    origin : int
        First step of the forecast.
    form : ForecastForm

    Returns
    -------
    array of shape (lookback, features)
        What is known ahead stands there twice: at its step, and a horizon before it.
    """
    steps = np.clip(np.arange(origin - form.lookback, origin), 0, None)
    return np.concatenate([values[steps], ahead[steps + form.horizon]], axis=1)


def _place(s: TimeSeries, form: ForecastForm, count: int, stride: int, every: int) -> _Place:
    h = form.horizon
    before = len(s) - test_steps(len(s), h, count)
    # Where there are windows enough, none is filled up.
    least = form.lookback if before >= 2 * (form.lookback + h) else max(LEAST, form.season)
    valid_from = before - max(h, round(TEST_SHARE * before))
    origins = np.arange(before - h, least - 1, -every)[::-1]
    return _Place(
        s,
        _scale(s.values[:before, 0], form.season),
        origins[origins < valid_from],
        origins[origins >= valid_from],
        np.arange(len(s) - h, before - 1, -stride)[::-1],
    )


def _scale(values: Array, season: int) -> float:
    """Return the mean absolute error of the seasonal naive forecast, one step ahead.

    Hyndman and Koehler (2006), Another look at measures of forecast accuracy, equation for the
    MASE. Of a series in which a season, or nothing, ever changes, it is that of the plain naive
    forecast, the mean size, or 1.
    """
    candidates = [np.abs(values[lag:] - values[:-lag]) for lag in (season, 1) if len(values) > lag]
    means = [float(np.mean(found)) for found in (*candidates, np.abs(values))]
    return next((mean for mean in means if mean > 0), 1.0)


def _rows(
    places: Sequence[_Place], origins: Sequence[Array], form: ForecastForm
) -> tuple[Array, Array]:
    X, y = [], []
    for place, firsts in zip(places, origins, strict=True):
        values = place.series.values.copy()
        values[:, 0] /= place.scale
        ahead = values[:, len(values[0]) - len(form.known) :]
        for first in firsts.tolist():
            X.append(window(values, ahead, first, form))
            y.append(values[first : first + form.horizon, 0])
    return np.array(X), np.array(y)


def _windows(places: Sequence[_Place], form: ForecastForm, count: int) -> Windows:
    blocks, scales, spans, past, begin = [], [], [], [], 0
    for number, place in enumerate(places):
        block = np.zeros_like(place.test)
        if count < MANY:
            block = (place.test - place.test[0]) // form.horizon
        blocks.append(block + number * (len(place.series) + 1))
        scales.append(np.full(len(place.test), place.scale))
        known = place.series.values[: place.test[-1], 0] / place.scale
        past.append(known)
        spans.append(np.stack([np.full(len(place.test), begin), begin + place.test], axis=1))
        begin += len(known)
    none = np.empty(0, np.int64)
    _, codes = np.unique(np.concatenate(blocks), return_inverse=True)
    return Windows(
        form,
        none,
        none,
        codes.astype(np.int64),
        np.concatenate(scales),
        np.concatenate(past),
        np.concatenate(spans).astype(np.int64),
    )


def _about(series: Sequence[TimeSeries], form: ForecastForm) -> str:
    lengths = [len(s) for s in series]
    shortest, longest = min(lengths), max(lengths)
    span = f"{longest:,}" if shortest == longest else f"{shortest:,} to {longest:,}"
    what = "1 series" if len(series) == 1 else f"{len(series):,} series"
    season = f"a season of {form.season}" if form.season > 1 else "no season"
    return (
        f"{what} of {span} steps, one {form.step} apart, with {season}; a forecast of"
        f" {form.horizon} steps reads the {form.lookback} before it"
    )


def _notes(series: Sequence[TimeSeries], form: ForecastForm, left: Sequence[str]) -> list[str]:
    said = []
    if gaps := sum(s.filled for s in series):
        said.append(f"{gaps:,} missing steps of {form.target.name!r} have the value before them")
    if left:
        said.append(
            f"{len(left):,} series are left out, for they have fewer steps than a test split and"
            f" {LEAST} before it, such as {left[0]!r:.60}"
        )
    return said
