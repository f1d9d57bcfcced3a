"""Long tables: several lines a sequence, told apart by one column and ordered by another."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.arrays import Array
from automl.data.options import NO_OPTIONS, DataOptions
from automl.data.read.table.cells import Series, to_dates, to_numbers, to_texts
from automl.data.read.table.encode import encode
from automl.data.read.table.infer import infer_column
from automl.data.schema import Column, LongForm
from automl.data.sequences import check_room, pad
from automl.errors import DataError


def sequence_columns(columns: Sequence[Column]) -> tuple[Column, ...]:
    """Return the features of a step; raise DataError unless they are numbers and booleans."""
    for column in columns:
        if column.kind not in ("number", "boolean"):
            what = "dates" if column.kind == "date" else "texts"
            raise DataError(
                f"the steps of a sequence must be numbers, but column {column.name!r} holds {what};"
                f" leave it out (--drop {column.name}), or encode it yourself"
            )
    return tuple(columns)


def take_sequences(
    frame: Any, long: LongForm, alike: Sequence[str] = (), *, ignore: Collection[str] = ()
) -> tuple[Array, Any, list[str]]:
    """Sequences of a long table, in the order in which they begin.

    Parameters
    ----------
    frame : DataFrame
    long : LongForm
    alike : sequence of str
        Columns that must be the same in all lines of a sequence, such as the target.
    ignore : collection of str
        Columns that may be there and do not count.

    Returns
    -------
    X : float64 array of shape (sequences, longest, features)
        With NaN behind the end of each.
    frame : DataFrame
        The columns of `alike`, a row a sequence.
    names : list of str
        What the lines call each sequence.

    Raises
    ------
    DataError
        When a column is missing, a value is missing or infinite, a sequence has two lines of one
        place in the order, or differs where it must not; the message names the row.
    """
    lines_by = [name for name in (long.sequence, long.order) if name is not None]
    values = encode(frame, long.columns, ignore=[*ignore, *alike, *lines_by])
    for name in lines_by:
        if list(frame.columns).count(name) != 1:
            raise DataError(f"the table must have one column {name!r}, by which steps are found")
    names, code = _sequences(long.sequence, frame[long.sequence])
    _check_steps(values, long.columns)
    by = long.order
    order = np.arange(len(code)) if by is None else _order(by, frame[by], long.order_format)
    lines = np.lexsort((order, code))
    code, order = code[lines], order[lines]
    if long.order is not None:
        _check_order(long.order, code, order, lines, names)
    lengths = np.bincount(code)
    check_room(len(names), int(lengths.max()), len(long.columns))
    starts = np.cumsum(lengths) - lengths
    X = np.zeros((len(names), lengths.max(), len(long.columns)))
    X[code, np.arange(len(code)) - starts[code]] = values[lines]
    first = lines[starts]
    for name in alike:
        _check_alike(name, frame[name], first, code, lines, names)
    one_each = frame[list(alike)].iloc[first].reset_index(drop=True)
    return pad(X, lengths), one_each, names


def _sequences(name: str, cells: Series) -> tuple[list[str], NDArray[np.int64]]:
    """Names of the sequences in the order in which they begin, and that of each line."""
    texts = to_texts(name, cells)
    missing = texts == None  # noqa: E711 - one comparison an element
    if missing.any():
        raise DataError(
            f"sequence: column {name!r} must be filled in every row, but row {_row(missing)} is not"
        )
    names, first, code = np.unique(texts.astype(str), return_index=True, return_inverse=True)
    begun = np.argsort(first, kind="stable")
    place = np.empty(len(names), np.int64)
    place[begun] = np.arange(len(names))
    return [str(text) for text in names[begun]], place[code]


def _check_steps(values: Array, columns: Sequence[Column]) -> None:
    for i, column in enumerate(columns):
        wrong = ~np.isfinite(values[:, i])
        if wrong.any():
            raise DataError(
                f"the steps of a sequence must be finite numbers, but column {column.name!r} has"
                f" none in row {_row(wrong)}"
            )


def order_format(name: str, cells: Series, options: DataOptions) -> str:
    """Return how the order of a training table is written as text.

    Raises
    ------
    DataError
        When it can be read in two ways.
    """
    return infer_column(name, cells, options, any_number=True).format


def _order(name: str, cells: Series, format_: str) -> Array:
    options = DataOptions(date_format=format_) if "%" in format_ else NO_OPTIONS
    column = infer_column(name, cells, options, any_number=True)
    if column.kind not in ("date", "number"):
        raise DataError(f"order: column {name!r} must hold dates or numbers, but holds texts")
    is_date = column.kind == "date"
    order = (to_dates if is_date else to_numbers)(name, cells, column.format)
    if np.isnan(order).any():
        raise DataError(
            f"order: column {name!r} must be filled in every row, but row"
            f" {_row(np.isnan(order))} is not"
        )
    return order


def _check_order(name: str, code: Array, order: Array, lines: Array, names: list[str]) -> None:
    """Refuse two lines of one place, whose order nobody knows."""
    twice = np.flatnonzero((code[1:] == code[:-1]) & (order[1:] == order[:-1]))
    if len(twice):
        one, other = sorted(lines[twice[0] : twice[0] + 2] + 1)
        raise DataError(
            f"order: column {name!r} must differ within a sequence, but rows {one} and {other},"
            f" of sequence {names[code[twice[0]]]!r:.60}, have the same"
        )


def _check_alike(
    name: str, cells: Series, first: Array, code: Array, lines: Array, names: list[str]
) -> None:
    """Refuse a line that differs from the first of its sequence."""
    texts = to_texts(name, cells)
    wrong = texts[lines] != texts[first][code]
    if wrong.any():
        line = int(lines[wrong].min())
        of = names[code[np.flatnonzero(lines == line)[0]]]
        raise DataError(
            f"column {name!r} must be the same in every row of a sequence, but row {line + 1}"
            f" differs from the others of sequence {of!r:.60}"
        )


def _row(wrong: Array) -> int:
    """Return the first row that is wrong, counted from 1 below the header."""
    return int(np.argmax(wrong)) + 1
