"""One column of a frame as numbers, texts or dates; what cannot be read names column and row.

Missing is NaN in every array, whatever the frame has for it; a text of spaces only is missing,
too. Rows are counted from 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import numpy as np

from automl.arrays import Array
from automl.data.formats.numbers import example_of, is_gap, parse_numbers
from automl.errors import DataError

Series = Any
"""A pandas Series; pandas is imported when a table is read, and never before."""

PAIRS = (("no", "yes"), ("false", "true"), ("n", "y"), ("f", "t"), ("off", "on"))
"""Words for false and true, in any case."""

_DURATION = re.compile(r"-?\d{1,6} days?(?:,? \+?\d{1,2}:\d\d:\d\d(?:\.\d{1,9})?)?")

_TRUTH = {word: float(i) for pair in PAIRS for i, word in enumerate(pair)} | {"0": 0.0, "1": 1.0}


def is_text(cells: Series) -> bool:
    """Return whether a column has to be looked into: pandas gives it no type of its own."""
    from pandas.api.types import is_object_dtype, is_string_dtype

    # A categorical of texts calls itself a string dtype as well.
    plain = is_object_dtype(cells) or is_string_dtype(cells)
    return bool(plain and cells.dtype != "category")


def to_texts(name: str, cells: Series) -> Array:
    """Read every cell as text without spaces around it, or None where it is missing.

    Raises
    ------
    DataError
        When a cell is no single value.
    """
    import pandas as pd

    if isinstance(cells.dtype, pd.StringDtype):  # of which pandas strips all at once
        stripped = cells.str.strip()
        texts = stripped.astype(object).to_numpy(copy=True)
        texts[(stripped.isna() | (stripped == "")).to_numpy(dtype=bool, na_value=True)] = None
        return np.asarray(texts)
    values = cells.astype(object).to_numpy()
    missing = cells.isna().to_numpy()
    texts = np.empty(len(values), dtype=object)
    for row in np.flatnonzero(~missing).tolist():
        texts[row] = _text(name, row, values[row]) or None
    return texts


def _text(name: str, row: int, value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))  # a missing value beside it made 1 into 1.0
    if isinstance(value, (bytes, Iterable)):
        raise DataError(
            f"column {name!r} must hold one value a row, but row {row + 1} has"
            f" {value!r:.60} ({type(value).__name__})"
        )
    return str(value)


def to_numbers(name: str, cells: Series, written: str = "") -> Array:
    """Read every cell as float64, durations in seconds.

    Parameters
    ----------
    name : str
    cells : Series
    written : str
        How numbers are written as text; see `automl.data.formats.numbers`. Empty for the way that
        Python writes them.

    Raises
    ------
    DataError
        When a cell is no number, or infinite.
    """
    from pandas.api.types import is_complex_dtype, is_numeric_dtype, is_timedelta64_dtype

    if is_complex_dtype(cells):
        raise DataError(f"column {name!r} must hold real numbers, but holds complex ones")
    if is_timedelta64_dtype(cells):
        cells = cells.dt.total_seconds()
    if is_numeric_dtype(cells):  # booleans, too
        values = cells.to_numpy(dtype=np.float64, na_value=np.nan)
    else:
        texts = without_gaps(to_texts(name, cells))
        values = parse_numbers(texts, written) if written else parse_plain(texts)
        if written[:1] == "," and "." not in written:  # 1.5 can only be what Python writes so
            values = np.where(np.isnan(values), parse_numbers(texts, "."), values)
        rule = f"a number such as {example_of(written)}" if written else "a number"
        _refuse_first(np.isnan(values) & (texts != None), name, texts, rule)  # noqa: E711
    _refuse_first(np.isinf(values), name, values, "a finite number or nothing")
    return np.asarray(values)


def without_gaps(texts: Array) -> Array:
    """Return texts of a column of numbers with None for those that say that there is no number."""
    gaps = {text for text in set(texts.tolist()) if text is not None and is_gap(text)}
    return np.array([None if t in gaps else t for t in texts.tolist()], dtype=object)


def parse_plain(texts: Array) -> Array:
    """Texts as float64, and NaN for what is no number as Python writes it.

    Durations as Python and pandas write them, such as ``1 days 06:00:00``, are in seconds.
    """
    import pandas as pd

    words = {"True": "1", "False": "0"}
    plain = pd.Series([words.get(text, text) for text in texts], dtype=object)
    values = pd.to_numeric(plain, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    spans = [i for i in np.flatnonzero(np.isnan(values)).tolist() if is_duration(texts[i])]
    if spans:
        values = values.copy()
        values[spans] = pd.to_timedelta(plain.iloc[spans], errors="coerce").dt.total_seconds()
    return np.asarray(values)


def is_duration(text: str | None) -> bool:
    """Return whether a text is a number of days, with a time or without."""
    return text is not None and _DURATION.fullmatch(text) is not None


def to_booleans(name: str, cells: Series) -> Array:
    """Read every cell as 0 or 1.

    Raises
    ------
    DataError
        When a cell is neither a boolean, nor 0 or 1, nor one of the words of `PAIRS`.
    """
    texts = to_texts(name, cells)
    values = np.array([np.nan if t is None else _TRUTH.get(t.lower(), 2.0) for t in texts])
    _refuse_first(values == 2.0, name, texts, "yes or no")
    return values


def to_dates(name: str, cells: Series, format_: str) -> Array:
    """Read every cell as seconds since 1970-01-01; without a time zone it is taken as UTC.

    Parameters
    ----------
    name : str
    cells : Series
        Dates, or texts.
    format_ : str
        Format of the texts, in the codes of `strptime`. ISO 8601 is understood as well.

    Raises
    ------
    DataError
        When a cell is no date.
    """
    import pandas as pd

    if not pd.api.types.is_datetime64_any_dtype(cells):
        texts = pd.Series(to_texts(name, cells), dtype=object)
        moments = parse_dates(texts, "ISO8601")
        if format_:
            moments = moments.fillna(parse_dates(texts, format_))
        unread = (moments.isna() & texts.notna()).to_numpy()
        _refuse_first(unread, name, texts.to_numpy(), f"a date such as {_example(format_)}")
    else:
        moments = pd.to_datetime(cells, utc=True)
    # In microseconds, because nanoseconds end in the year 2262.
    plain = moments.dt.tz_localize(None).to_numpy().astype("datetime64[us]")
    return np.where(np.isnat(plain), np.nan, plain.astype(np.int64) / 1e6)


def parse_dates(texts: Any, format_: str) -> Any:
    """Texts as moments in UTC, and NaT for what is no date."""
    import pandas as pd

    try:
        return pd.to_datetime(texts, format=format_, utc=True, errors="coerce")
    except (ValueError, OverflowError):  # beyond what pandas can count to
        return pd.Series(pd.NaT, index=texts.index).dt.tz_localize("UTC")


def _example(format_: str) -> str:
    from datetime import datetime

    return datetime(2026, 4, 23, 18, 30).strftime(format_ or "%Y-%m-%d")


def _refuse_first(wrong: Array, name: str, values: Array, rule: str) -> None:
    """Raise a DataError for the first row that is wrong, if there is one."""
    if wrong.any():
        row = int(np.argmax(wrong))
        more = int(wrong.sum()) - 1
        others = f", and {more:,} more" if more else ""
        value = values[row] if isinstance(values[row], str) else float(values[row])
        raise DataError(
            f"column {name!r} must hold {rule}, but row {row + 1} has {value!r:.60}{others};"
            " correct it, or search without that column"
        )
