"""What the columns of a frame hold: numbers, categories, booleans or dates.

A column of texts is numbers, booleans or dates when all of its texts are. Else they are the
names of categories, unless there are so many of them that it is free text or an identifier.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from automl.arrays import Array
from automl.data.formats.numbers import find_format, is_gap
from automl.data.options import NO_OPTIONS, DataOptions
from automl.data.read.table.cells import (
    PAIRS,
    Series,
    is_text,
    parse_dates,
    parse_plain,
    to_texts,
)
from automl.data.schema import Column
from automl.errors import DataError

MAX_CATEGORIES = 10_000
"""Different texts that a column of categories may have."""

FEW = 20
"""As many different texts are categories however few rows there are."""

_ISO = re.compile(
    r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?\s?(Z|UTC|[+-]\d\d(:?\d\d)?)?)?"
)
_CODE = re.compile(r"[-+]?0\d")
_DATE = re.compile(r"(\d{1,4})([/.-])(\d{1,2})\2(\d{1,4})( \d{1,2}:\d\d(:\d\d)?)?")


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
        _refuse_many(distinct, present)
    return Column(name, "category", tuple(distinct))


def _plainer(name: str, texts: list[str], options: DataOptions) -> Column | None:
    """Return the column, if all of its texts are numbers, booleans or dates."""
    if tuple(sorted({text.lower() for text in texts})) in PAIRS:
        return Column(name, "boolean")
    if not texts:
        return Column(name, "number")
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


def _date_format(texts: Iterable[str], named: str | None) -> str | None:
    """Return how these dates are written; empty for ISO 8601, None when they are no dates."""
    import pandas as pd

    series = pd.Series(texts, dtype=object)
    if named is not None and not parse_dates(series, named).isna().any():
        return named
    if all(_ISO.fullmatch(text) for text in texts):
        return None if parse_dates(series, "ISO8601").isna().any() else ""
    found = [_DATE.fullmatch(text) for text in texts]
    matches = [match for match in found if match is not None]
    if len(matches) < len(found):
        return None
    shapes = {(m[2], len(m[1]) == 4, bool(m[5]), bool(m[6])) for m in matches}
    if len(shapes) > 1 or not all(4 in (len(m[1]), len(m[4])) for m in matches):
        return None  # not all written alike, or a year of two digits
    (separator, year_first, has_time, has_seconds), *_ = shapes
    orders = ["Ymd"] if year_first else ["dmY"] if separator == "." else ["dmY", "mdY"]
    time = (" %H:%M:%S" if has_seconds else " %H:%M") if has_time else ""
    formats = [separator.join(f"%{part}" for part in order) + time for order in orders]
    fitting = [f for f in formats if not parse_dates(series, f).isna().any()]
    if len(fitting) > 1:
        raise _Refusal(
            f"holds dates that can be read in two ways, such as {matches[0][0]!r}; say which with"
            f" --date-format {formats[0]}, or write them as 2026-04-23"
        )
    return fitting[0] if fitting else None


def _refuse_many(distinct: list[str], texts: Array) -> None:
    """Raise when so many different texts are no names of categories."""
    if len(distinct) <= FEW or (
        len(distinct) <= MAX_CATEGORIES and len(distinct) <= len(texts) / 2
    ):
        return
    numbers = parse_plain(texts)
    wrong = np.isnan(numbers)
    example = max(distinct[:100], key=len)
    if wrong.mean() < 0.5:
        first = str(texts[np.argmax(wrong)])
        raise _Refusal(f"mixes numbers with texts such as {first!r:.60}; correct these")
    if np.mean([" " in text for text in distinct]) > 0.5 or len(example) > 40:
        raise _Refusal(
            f"holds free text ({len(distinct):,} different ones in {len(texts):,} rows, such as"
            f" {example!r:.60})"
        )
    raise _Refusal(
        f"names nearly every row differently ({len(distinct):,} different texts in"
        f" {len(texts):,} rows, such as {example!r:.60}), so nothing can be learned from it"
    )


def _listed(names: list[str]) -> str:
    return ", ".join(map(repr, names))


def _quoted(name: str) -> str:
    import shlex

    return shlex.quote(name)
