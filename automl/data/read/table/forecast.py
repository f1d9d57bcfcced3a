"""Series of a table, in which every line is a step, as windows of a forecast."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from automl.arrays import Array
from automl.data.options import NO_OPTIONS, DataOptions, find_columns
from automl.data.raw import Raw
from automl.data.read.table.cells import Series, to_dates, to_numbers, to_texts
from automl.data.read.table.encode import encode
from automl.data.read.table.file import Table
from automl.data.read.table.infer import column_names, infer_column, infer_columns
from automl.data.read.table.notes import describe_reading
from automl.data.schema import Column, TableForm
from automl.data.series.cut import TimeSeries, cut, plan_windows
from automl.data.series.form import ForecastForm
from automl.data.series.step import Step, find_step
from automl.errors import ConfigError, DataError

NEEDED = "a forecast needs a table with a column of time (--time) and the target (--target)"


def raw_forecast(table: Table, options: DataOptions) -> Raw:
    """Cut a table into windows.

    Parameters
    ----------
    table : Table
    options : DataOptions
        `target`, `time` and `horizon` must be given.

    Raises
    ------
    ConfigError
        When an option is missing, or does not go with a forecast.
    DataError
        When the series cannot be used.
    """
    names = column_names(table.frame)
    frame = table.frame.set_axis(names, axis=1)
    if table.number_format and options.decimal is None:
        options = replace(options, decimal=table.number_format)
    form, left_out, ignored = _form(frame, options)
    columns = (*form.past, *form.known)
    said = [*table.notes, *describe_reading(frame[[c.name for c in columns]], columns)]
    lines = _read_lines(frame, form, left_out)
    step = find_step([lines.times[rows] for rows in lines.series()], are_dates=_is_date(form.time))
    form = replace(form, step=step, season=options.season or step.season)
    series = take_series(lines, form)
    planned = plan_windows(series, form)
    if options.season is not None and planned.season != options.season:
        raise ConfigError(
            f"season: must come three times before the test split, but got {options.season} steps,"
            f" and the series have {max(map(len, series)):,} in all"
        )
    raw = cut(series, planned)
    return replace(
        raw,
        left_out=ignored,
        notes=(*said, *raw.notes),
        form=TableForm(
            options.missing, table.has_header, options.encoding or "", options.delimiter or ""
        ),
    )


def _form(frame: Any, options: DataOptions) -> tuple[ForecastForm, list[str], tuple[str, ...]]:
    """Return what the columns are, those that are none of them, and those that do not count."""
    for name in ("target", "time", "horizon"):
        if not getattr(options, name):
            raise ConfigError(f"{name}: must be given with --task forecast; {NEEDED}")
    options.refuse(("group", "order", "test_data"), "does not go with --task forecast")
    names = list(frame.columns)
    (*more, target) = reversed(find_columns(options.target, names))
    if more:
        raise ConfigError(f"target: a forecast has one target, but got {len(more) + 1}")
    by = [name for name in (options.time, options.sequence) if name is not None]
    by, known = find_columns(by, names), find_columns(options.known, names)
    dropped = find_columns(options.drop, names)
    special = [target, *by, *known, *dropped]
    if twice := sorted({name for name in special if special.count(name) > 1}):
        raise ConfigError(
            f"column {twice[0]!r} must be one of target, time, series, known and dropped, but is"
            " named twice"
        )
    others = [n for n in names if n not in (target, *by, *known, *dropped)]
    time = infer_column(by[0], frame[by[0]], options, any_number=True)
    if time.kind not in ("date", "number"):
        raise DataError(f"time: column {by[0]!r} must hold dates or numbers, but holds texts")
    of_target = infer_column(target, frame[target], options, any_number=True)
    if of_target.kind not in ("number", "boolean"):
        raise DataError(f"target {target!r} must hold numbers for a forecast, but does not")
    form = ForecastForm(
        time,
        options.sequence,
        of_target,
        _covariates(frame, others, options),
        _covariates(frame, known, options),
        Step("number", 1.0),
        int(options.horizon or 0),
        1,
        1,
    )
    return form, [*dropped], (*by, *dropped)


def _covariates(frame: Any, names: Sequence[str], options: DataOptions) -> tuple[Column, ...]:
    columns = infer_columns(frame[list(names)], options) if names else ()
    for column in columns:
        if column.kind not in ("number", "boolean"):
            what = "dates" if column.kind == "date" else "texts"
            raise DataError(
                f"what is known of a step must be numbers, but column {column.name!r} holds {what};"
                f" leave it out (--drop {column.name}), or name the series by it (--sequence)"
            )
    return tuple(columns)


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """Lines of a table, sorted by series and time.

    Attributes
    ----------
    names : list of str
        Names of the series.
    code : int64 array of shape (lines,)
        Number of the series of each line.
    times : float64 array of shape (lines,)
    values : float64 array of shape (lines, columns)
        With NaN for what is missing.
    """

    names: list[str]
    code: Array
    times: Array
    values: Array

    def series(self) -> list[Array]:
        """Return the lines of each series."""
        return np.split(np.arange(len(self.code)), np.flatnonzero(np.diff(self.code)) + 1)


def read_series(
    frame: Any, form: ForecastForm, *, ignore: Collection[str] = ()
) -> list[TimeSeries]:
    """Return the series of a table to forecast from; see `ForecastForm`.

    Lines behind the last value of the target tell what is known ahead.

    Raises
    ------
    DataError
        When they are not as those that the model was trained on.
    """
    return take_series(_read_lines(frame, form, ignore), form, ahead=bool(form.known))


def _read_lines(frame: Any, form: ForecastForm, ignore: Collection[str]) -> Lines:
    by = [form.time.name, *([] if form.series is None else [form.series])]
    for name in (*by, form.target.name):
        if list(frame.columns).count(name) != 1:
            raise DataError(f"the table must have one column {name!r}")
    covariates = (*form.past, *form.known)
    target = to_numbers(form.target.name, frame[form.target.name], form.target.format)
    values = target[:, None]
    if covariates:
        others = [n for n in frame.columns if n not in {c.name for c in covariates}]
        values = np.hstack([values, encode(frame, covariates, ignore=[*ignore, *others])])
    times = _times(form.time, frame[form.time.name])
    names, code = [""], np.zeros(len(frame), np.int64)
    if form.series is not None:
        texts = to_texts(form.series, frame[form.series])
        _check_filled(form.series, texts == None)  # noqa: E711 - one comparison an element
        distinct, code = np.unique(texts.astype(str), return_inverse=True)
        names = [str(text) for text in distinct]
    order = np.lexsort((times, code))
    lines = Lines(names, code[order].astype(np.int64), times[order], values[order])
    _check_times(lines, form, order)
    return lines


def _is_date(column: Column) -> bool:
    return column.kind == "date"


def _times(column: Column, cells: Series) -> Array:
    format_ = column.format
    options = DataOptions(date_format=format_) if "%" in format_ else NO_OPTIONS
    found = infer_column(column.name, cells, options, any_number=True)
    if found.kind != column.kind:
        what = {"date": "dates", "number": "numbers"}
        raise DataError(
            f"column {column.name!r} must hold {what[column.kind]}, as that of the training data"
        )
    times = (to_dates if _is_date(column) else to_numbers)(column.name, cells, column.format)
    _check_filled(column.name, np.isnan(times))
    return times


def _check_filled(name: str, missing: Array) -> None:
    if missing.any():
        row = int(np.argmax(missing)) + 1
        raise DataError(f"column {name!r} must be filled in every row, but row {row} is not")


def _check_times(lines: Lines, form: ForecastForm, order: Array) -> None:
    """Refuse two lines of one step."""
    same = (lines.code[1:] == lines.code[:-1]) & (lines.times[1:] == lines.times[:-1])
    if same.any():
        at = int(np.argmax(same))
        one, other = sorted(int(row) + 1 for row in order[at : at + 2])
        of = f", of series {lines.names[lines.code[at]]!r:.60}," if form.series else ""
        name = "" if form.series else "; if there are several series, name their column: --sequence"
        raise DataError(
            f"column {form.time.name!r} must differ from row to row of a series, but rows {one} and"
            f" {other}{of} have the same{name}"
        )


def take_series(lines: Lines, form: ForecastForm, *, ahead: bool = False) -> list[TimeSeries]:
    """Return every series without gaps: a missing value is the one before it.

    What comes later must not tell what was missing, so nothing is interpolated.
    """
    return [
        _series(
            lines.names[lines.code[rows[0]]], lines.times[rows], lines.values[rows], form, ahead
        )
        for rows in lines.series()
        if np.isfinite(lines.values[rows, 0]).any()
    ]


def _series(name: str, times: Array, values: Array, form: ForecastForm, ahead: bool) -> TimeSeries:
    there = np.flatnonzero(np.isfinite(values[:, 0]))
    begin, end = there[0], there[-1] + 1
    try:
        places = form.step.places(times[begin:])
    except DataError as error:
        of = f" of series {name!r:.60}" if name else ""
        raise DataError(f"column {form.time.name!r}{of}: {error}") from None
    count = int(places[end - 1 - begin] - places[0]) + 1
    total = int(places[-1] - places[0]) + 1
    if total > 100 * (len(places) + 1_000):
        raise DataError(
            f"column {form.time.name!r} must have a line for most steps, but from"
            f" {form.step.text(times[begin])} to {form.step.text(times[-1])} there are {total:,}"
            f" steps one {form.step} apart, and {len(places):,} lines"
        )
    grid = np.full((total, values.shape[1]), np.nan)
    grid[places - places[0]] = values[begin:]
    filled = int(np.isnan(grid[:count, 0]).sum())
    future = grid[count : count + form.horizon, grid.shape[1] - len(form.known) :]
    if ahead and (len(future) < form.horizon or np.isnan(future).any()):
        known = ", ".join(repr(column.name) for column in form.known)
        of = f" of series {name!r:.60}" if name else ""
        raise DataError(
            f"the {form.horizon} steps to forecast must be lines of the table too, without a target"
            f" and with {known}, but not all of them{of} are there behind"
            f" {form.step.text(times[end - 1])}"
        )
    rest = _filled(grid[:count], name, form)
    return TimeSeries(name, int(places[0]), rest, float(times[end - 1]), future, filled)


def _filled(grid: Array, name: str, form: ForecastForm) -> Array:
    """Carry each value on to the missing ones behind it."""
    steps = np.arange(len(grid))[:, None]
    last = np.maximum.accumulate(np.where(np.isnan(grid), -1, steps), axis=0)
    if (last < 0).any():
        column = form.columns[int(np.argmax((last < 0).any(axis=0)))]
        of = f" of series {name!r:.60}" if name else ""
        raise DataError(f"column {column.name!r}{of} must have a value in its first step")
    return np.take_along_axis(grid, last, axis=0)
