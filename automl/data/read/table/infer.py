"""What the columns of a frame hold: numbers, categories, booleans or dates.

A column of texts is numbers, booleans or dates when all of its texts are. Else they are the
names of categories, unless there are so many of them that it is free text or an identifier.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np

from automl.arrays import Array
from automl.data.formats.numbers import find_format, find_unit, is_gap
from automl.data.formats.picture_files import SUFFIXES
from automl.data.options import NO_OPTIONS, DataOptions
from automl.data.read.table.cells import (
    PAIRS,
    Series,
    is_text,
    parse_plain,
    to_texts,
)
from automl.data.read.table.date_texts import are_likely_dates, date_formats, is_written
from automl.data.schema import Column
from automl.errors import DataError

MAX_CATEGORIES = 10_000
"""Different texts that a column of categories may have."""

FEW = 20
"""As many different texts are categories however few rows there are."""

_CODE = re.compile(r"[-+]?0\d")


class _Refusal(Exception):
    """A column cannot be used; the reason is told together with those of other columns."""


def infer_columns(
    frame: Any, options: DataOptions = NO_OPTIONS, number_format: str = ""
) -> tuple[Column, ...]:
    """Infer the schema of a frame.

    Parameters
    ----------
    frame : DataFrame
    options : DataOptions
        How numbers and dates are written.
    number_format : str
        How the numbers were written that the frame has as numbers.

    Raises
    ------
    DataError
        When two columns have one name, or columns cannot be used; the line names all of these,
        and how to leave them out.
    """
    names = column_names(frame)
    columns, refused = [], {}
    for i, name in enumerate(names):
        try:
            column = _infer(name, frame.iloc[:, i], options)
            if column.kind == "number" and not column.format:
                column = replace(column, format=number_format)
            columns.append(column)
        except _Refusal as reason:
            refused[name] = str(reason)
    if refused:
        reasons = "; ".join(f"column {name!r} {why}" for name, why in list(refused.items())[:5])
        more = f"; and {len(refused) - 5} more" if len(refused) > 5 else ""
        drops = " ".join(f"--drop {_quoted(name)}" for name in list(refused)[:5])
        raise DataError(f"{reasons}{more}; leave them out ({drops}), or encode them yourself")
    return tuple(columns)


def column_names(frame: Any) -> list[str]:
    """Return the names of a frame's columns as text; raise DataError for two of one name."""
    names = [str(name) for name in frame.columns]
    counts = Counter(names)
    if twice := sorted(name for name, count in counts.items() if count > 1):
        raise DataError(f"column names must differ, but {_listed(twice)} comes more than once")
    return names


def infer_column(
    name: str, cells: Series, options: DataOptions = NO_OPTIONS, *, any_number: bool = False
) -> Column:
    """Infer what one column holds.

    Parameters
    ----------
    name : str
    cells : Series
    options : DataOptions
        How numbers and dates are written.
    any_number : bool
        Whether there may be any number of categories, as of a target.

    Raises
    ------
    DataError
        When it cannot be used.
    """
    try:
        return _infer(name, cells, options, any_number=any_number)
    except _Refusal as reason:
        raise DataError(f"column {name!r} {reason}") from None


def _infer(name: str, cells: Series, options: DataOptions, *, any_number: bool = False) -> Column:
    from pandas.api import types

    if types.is_bool_dtype(cells):
        return Column(name, "boolean")
    if types.is_numeric_dtype(cells) or types.is_timedelta64_dtype(cells):
        return Column(name, "number")
    if types.is_datetime64_any_dtype(cells):
        return Column(name, "date")
    if is_text(cells):
        match types.infer_dtype(cells, skipna=True):
            case "boolean":
                return Column(name, "boolean")
            case "integer" | "floating" | "mixed-integer-float" | "decimal" | "empty":
                return Column(name, "number")
            case "date" | "datetime" | "datetime64":
                return Column(name, "date")
    texts = to_texts(name, cells)
    present = texts[texts != None]  # noqa: E711 - one comparison an element
    distinct = sorted(set(present))
    if cells.dtype != "category" and (column := _plainer(name, distinct, options)):
        return column
    if not any_number:
        _refuse_many(distinct, texts, options.date_format)
    return Column(name, "category", tuple(distinct))


def _plainer(name: str, texts: list[str], options: DataOptions) -> Column | None:
    """Return the column, if all of its texts are numbers, booleans or dates."""
    if tuple(sorted({text.lower() for text in texts})) in PAIRS:
        return Column(name, "boolean")
    if not texts:
        return Column(name, "number")
    if options.date_format is not None and is_written(texts, options.date_format):
        return Column(name, "date", format=options.date_format)
    if (written := _number_format(texts, options)) is not None:
        return Column(name, "number", format=written)
    format_ = _date_format(texts, options.date_format)
    return None if format_ is None else Column(name, "date", format=format_)


def _number_format(texts: list[str], options: DataOptions) -> str | None:
    """Return how numbers are written; empty for the way of Python, None when they are none."""
    present = [text for text in texts if not is_gap(text)]
    is_free = options.decimal in (None, ".") and options.thousands is None
    is_plain = present and is_free and not any(map(_CODE.match, present))
    if is_plain and not np.isnan(parse_plain(np.array(present, dtype=object))).any():
        return ""
    return find_format(present, options.number_formats)


def _date_format(texts: list[str], named: str | None) -> str | None:
    """Return how these dates are written; empty for ISO 8601, None when they are no dates."""
    fitting = date_formats(texts, named)
    if len(fitting) > 1:
        raise _Refusal(
            f"holds dates that can be read in two ways, such as {texts[0]!r}; say which with"
            f" --date-format {fitting[0]}, or write them as 2026-04-23"
        )
    return fitting[0] if fitting else None


def _refuse_many(distinct: list[str], texts: Array, named: str | None) -> None:
    """Raise when so many different texts are no names of categories."""
    present = texts[texts != None]  # noqa: E711 - one comparison an element
    if len(distinct) <= FEW or (
        len(distinct) <= MAX_CATEGORIES and len(distinct) <= len(present) / 2
    ):
        return
    numbers = parse_plain(present)
    wrong = np.isnan(numbers)
    example = max(distinct[:100], key=len)
    if wrong.mean() < 0.5:
        first = str(present[np.argmax(wrong)])
        row = int(np.flatnonzero(texts == first)[0]) + 1
        raise _Refusal(
            f"mixes numbers with texts such as {first!r:.60} in row {row:,}; correct these"
        )
    such = f"{len(distinct):,} different texts in {len(present):,} rows, such as {example!r:.60}"
    if are_likely_dates(distinct):
        unfit = "" if named is None else f", which --date-format {named} does not fit"
        raise _Refusal(
            f"may hold dates or times ({such}{unfit}); say how they are written, as in"
            " --date-format '%d/%m/%y' or --date-format %H:%M:%S"
        )
    if (unit := find_unit(distinct)) is not None:
        raise _Refusal(f"holds numbers with {unit!r} behind them ({such}), which must be taken out")
    if all(text.lower().endswith(SUFFIXES) for text in distinct):
        raise _Refusal(
            f"names pictures ({such}); a data set of pictures is a folder with one folder a class"
        )
    if np.mean([" " in text for text in distinct]) > 0.5 or len(example) > 40:
        raise _Refusal(f"holds free text ({such})")
    raise _Refusal(
        f"names nearly every row differently ({such}), so nothing can be learned from it"
    )


def _listed(names: list[str]) -> str:
    return ", ".join(map(repr, names))


def _quoted(name: str) -> str:
    import shlex

    return shlex.quote(name)
