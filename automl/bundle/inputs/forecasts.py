"""Tables of series as the windows that a forecast reads, and the times that it is for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from automl.arrays import Array
from automl.bundle.inputs.schema import InputSchema
from automl.data.series.cut import LEAST, TimeSeries, window
from automl.data.series.form import ForecastForm
from automl.errors import DataError


@dataclass(frozen=True, slots=True, eq=False)
class LastWindows:
    """The last window of every series, sorted by their names.

    Attributes
    ----------
    rows : array of shape (series, lookback, features)
    names : list of str
    times : list of list of str
        Times of the steps behind each window, a horizon of them.
    """

    rows: Array
    names: list[str]
    times: list[list[str]]


def read_last_windows(path: Path, inputs: InputSchema) -> LastWindows:
    """Read a file as that which the model was trained on.

    Raises
    ------
    DataError
        When it cannot be read, or has other columns.
    """
    from automl.data.read.table.encode import reading_options, texts_of
    from automl.data.read.table.file import read_table

    assert inputs.forecast is not None
    form = inputs.forecast
    named = [] if form.series is None else [form.series]
    table = read_table(path, [*texts_of(form.columns), *named], reading_options(path, inputs.form))
    try:
        return last_windows(table.frame, inputs)
    except DataError as error:
        raise DataError(f"{path}: {error}") from None


def last_windows(frame: Any, inputs: InputSchema) -> LastWindows:
    """Return the last window of every series of a frame.

    Raises
    ------
    DataError
        When it has other columns, or a series is too short.
    """
    from automl.data.read.table.forecast import read_series

    assert inputs.forecast is not None
    form = inputs.forecast
    series = read_series(frame, form, ignore=inputs.ignored)
    if not series:
        raise DataError(f"column {form.target.name!r} must have values to forecast from")
    for one in series:
        if len(one) < LEAST:
            of = f"series {one.name!r:.60}" if one.name else "it"
            raise DataError(
                f"a series must have {LEAST} steps or more to forecast from, but {of} has"
                f" {len(one)}"
            )
    rows = np.array([_last(one, form) for one in series])
    times = [
        [_text(time, form) for time in form.step.after(one.last, form.horizon)] for one in series
    ]
    return LastWindows(rows, [one.name for one in series], times)


def _last(series: TimeSeries, form: ForecastForm) -> Array:
    ahead = series.values[:, len(series.values[0]) - len(form.known) :]
    if form.known:
        ahead = np.concatenate([ahead, series.ahead])
    else:
        ahead = np.empty((len(series) + form.horizon, 0))
    return window(series.values, ahead, len(series), form)


def _text(time: float, form: ForecastForm) -> str:
    """Return a time as the table of the training has it."""
    if "%" not in form.time.format:
        return form.step.text(time)
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=time)
    return moment.strftime(form.time.format)
