"""Tables in files: CSV, TSV and their relatives, and Parquet, as a DataFrame."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Collection
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from automl.data.formats.sniff import file_kind, find_encoding, unpacked
from automl.errors import DataError
from automl.warning_filters import warnings_as

DELIMITERS = (",", ";", "\t", "|")

MISSING = ("?",)
"""Texts that stand for a missing value, beside those of pandas (empty, NA, NaN, null, None)."""

MAX_PARQUET_BYTES = 16 * 10**9
"""A Parquet file may claim this many bytes of values."""

_SAMPLE_LINES = 200
_SAMPLE_CHARACTERS = 2**20
_DECIMAL_COMMA = re.compile(r"[-+]?\d+,\d+")
_DECIMAL_POINT = re.compile(r"[-+]?\d*\.\d+")


def read_table(path: Path, as_text: Collection[str] = ()) -> tuple[Any, list[str]]:
    """Read a table.

    Parameters
    ----------
    path : Path
        CSV, TSV or with ``;`` or ``|``, plain or packed by gzip, bzip2, xz or zip; or Parquet.
        The first line names the columns.
    as_text : collection of str
        Columns whose texts stay as they are written, so that 01 is not 1.

    Returns
    -------
    frame : DataFrame
    notes : list of str
        What was assumed of the file.

    Raises
    ------
    DataError
        When it cannot be read, has no rows, or two columns have one name.
    """
    kind = file_kind(path)
    notes: list[str] = []
    if kind == "parquet":
        frame = _read_parquet(path)
    elif kind == "text":
        frame, notes = _read_text(path, as_text)
    else:
        what = "a picture" if kind == "picture" else kind.upper()
        raise DataError(f"{path}: must be a table with named columns, but is {what}")
    if not len(frame):
        raise DataError(f"{path}: must hold rows, but there are none below the header")
    return frame, notes


def _read_text(path: Path, as_text: Collection[str]) -> tuple[Any, list[str]]:
    import pandas as pd

    encoding = find_encoding(path)
    notes = [] if encoding != "cp1252" else [f"{path.name} is not UTF-8: read as Windows-1252"]
    lines = _first_lines(path, encoding)
    delimiter = _find_delimiter(path, lines)
    header, *sample = _fields(path, lines, delimiter)
    names = [name.strip() for name in header]
    _check_header(path, names, sample)
    try:
        # Of dates and types that pandas would rather be told; the columns are looked into.
        with unpacked(path) as stream, warnings_as("ignore"):
            frame = pd.read_csv(
                stream,
                sep=delimiter,
                decimal="," if _has_decimal_comma(sample, delimiter) else ".",
                header=0,
                names=names,
                index_col=False,
                dtype=dict.fromkeys(set(as_text) & set(names), str),
                na_values=list(MISSING),
                skipinitialspace=True,
                encoding=encoding,
                encoding_errors="replace",  # of the few bytes that Windows-1252 does not use
                low_memory=False,  # else a column can be text in one part and numbers in another
            )
    except (ValueError, OverflowError, MemoryError) as error:  # ParserError is a ValueError
        if isinstance(error, DataError):
            raise
        raise DataError(f"{path}: must be a table, but: {_line(error)}") from None
    return frame, notes


def _first_lines(path: Path, encoding: str) -> list[str]:
    """Return the lines of a file's beginning that are whole and not blank."""
    with unpacked(path) as stream:
        text = io.TextIOWrapper(stream, encoding, errors="replace", newline="")
        start = text.read(_SAMPLE_CHARACTERS)
        text.detach()
    whole = start
    if len(start) == _SAMPLE_CHARACTERS:  # the last line is likely cut off
        whole = start[: max(start.rfind("\n"), start.rfind("\r")) + 1]
        if not whole:
            raise DataError(
                f"{path}: the first line must end within {_SAMPLE_CHARACTERS:,} characters, but"
                " does not; a table has a header of names, then one line a row"
            )
    lines = io.StringIO(whole, newline=None)
    found = list(itertools.islice((line for line in lines if line.strip()), _SAMPLE_LINES))
    if not found:
        raise DataError(f"{path}: must hold a header and rows, but is empty")
    return found


def _fields(path: Path, lines: list[str], delimiter: str) -> list[list[str]]:
    try:
        return list(csv.reader(lines, delimiter=delimiter, skipinitialspace=True))
    except csv.Error as error:  # such as a field of more than 128 KiB
        raise DataError(f"{path}: must be a table, but: {_line(error)}") from None


def _find_delimiter(path: Path, lines: list[str]) -> str:
    """Find the delimiter that gives most lines as many fields as the header."""

    def fit(delimiter: str) -> tuple[float, int]:
        counts = [len(row) for row in _fields(path, lines, delimiter)]
        alike = sum(count == counts[0] for count in counts) / len(counts)
        return (alike if counts[0] > 1 else 0.0, counts[0])

    return max(DELIMITERS, key=fit)


def _check_header(path: Path, names: list[str], sample: list[list[str]]) -> None:
    counts = Counter(names)
    if twice := sorted(name for name, count in counts.items() if name and count > 1):
        listed = ", ".join(map(repr, twice))
        raise DataError(f"{path}: column names must differ, but {listed} comes more than once")
    if all(_is_number(name) for name in names):
        raise DataError(
            f"{path}: the first line must name the columns, but holds numbers"
            f" ({', '.join(names)[:60]}); put a line of names on top"
        )
    for i, name in enumerate(names):
        names[i] = name or f"unnamed_{i}"  # as of an index that was written along
    for number, row in enumerate(sample, start=2):
        # A delimiter at the end of every line makes an empty field, which is passed over.
        if len(row) > len(names) and any(field.strip() for field in row[len(names) :]):
            raise DataError(
                f"{path}: every row must have as many fields as the header ({len(names)}), but"
                f" row {number - 1} has {len(row)}"
            )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _has_decimal_comma(rows: list[list[str]], delimiter: str) -> bool:
    """Return whether numbers are written as 3,14."""
    if delimiter == ",":
        return False
    fields = [field.strip() for row in rows for field in row]
    commas = any(_DECIMAL_COMMA.fullmatch(field) for field in fields)
    return commas and not any(_DECIMAL_POINT.fullmatch(field) for field in fields)


def _read_parquet(path: Path) -> Any:
    if find_spec("pyarrow") is None:
        raise DataError(
            f"{path}: Parquet needs pyarrow; install it with"
            " `python -m pip install 'automl[parquet]'`, or save the table as CSV"
        )
    import pandas as pd
    import pyarrow.parquet as parquet

    try:
        found = parquet.ParquetFile(path).metadata
        if found.num_rows * max(1, found.num_columns) * 8 > MAX_PARQUET_BYTES:
            raise ValueError(f"it must unpack to less than {MAX_PARQUET_BYTES // 10**9} GB")
        frame = pd.read_parquet(path, engine="pyarrow")
    except (OSError, ValueError, MemoryError, NotImplementedError) as error:  # pyarrow's derive
        raise DataError(f"{path}: must be a Parquet file, but: {_line(error)}") from None
    return frame.reset_index(drop=True)


def _line(error: Exception) -> str:
    text = " ".join(str(error).split())
    return f"{text:.200}" if text else type(error).__name__
