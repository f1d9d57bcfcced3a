"""Tables in files: CSV, TSV and their relatives, and Parquet, as a DataFrame."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from automl.data.formats.numbers import LARGEST_WHOLE
from automl.data.formats.sniff import file_kind, unpacked
from automl.data.options import NO_OPTIONS, TEXT, DataOptions
from automl.data.read.table.blanks import blank_cells
from automl.data.read.table.date_texts import is_written
from automl.data.read.table.dialect import Dialect, find_dialect
from automl.errors import DataError, one_line
from automl.warning_filters import warnings_as

MISSING = (
    *("NA", "N/A", "n/a", "#N/A", "#NA", "<NA>", "#N/A N/A", "NaN", "nan", "-NaN", "-nan"),
    *("null", "NULL", "?", "1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN"),
)
"""Texts that stand for a missing value, beside an empty cell: those of pandas without None, which
is the name of a class in some tables, and with ?."""

MAX_PARQUET_BYTES = 16 * 10**9
"""A Parquet file may claim this many bytes of values."""

_CODE = r"^[-+]?0\d"
_LEADING_ZERO = re.compile(rb"[,;\t|\n\r\"' ][-+]?0\d")
_PIECE = 2**22


AsText = Collection[str] | Callable[[Sequence[str]], Collection[str]]
"""Columns whose texts stay as they are written, or a function from all names to these."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it was read.

    Attributes
    ----------
    frame : DataFrame
    notes : list of str
        What was assumed of it.
    is_text : bool
        Whether it comes from a text file, where all cells are texts.
    has_header : bool
        Whether its columns have names of their own.
    number_format : str
        How numbers are written that pandas has read; see `automl.data.formats.numbers`. Empty for
        the way that Python writes them.
    """

    frame: Any
    notes: list[str] = field(default_factory=list)
    is_text: bool = False
    has_header: bool = True
    number_format: str = ""


def read_table(path: Path, as_text: AsText = (), options: DataOptions = NO_OPTIONS) -> Table:
    """Read a table.

    Parameters
    ----------
    path : Path
        CSV, TSV or with ``;`` or ``|``, plain or packed by gzip, bzip2, xz or zip; or Parquet.
    as_text : collection of str, or callable
        See `AsText`; of these columns 01 is not 1.
    options : DataOptions
        How a text file is written, and what stands for a missing value.

    Raises
    ------
    DataError
        When it cannot be read, has no rows, or two columns have one name.
    """
    kind = file_kind(path)
    if kind == "parquet":
        options.refuse(TEXT, f"is for text files, but {path} is Parquet")
        frame = _read_parquet(path)
        notes = [
            f"the index {name!r} of {path.name} is left out; to use it, save it as a column"
            for name in frame.index.names
            if name is not None
        ]
        table = Table(blank_cells(frame.reset_index(drop=True), options.missing), notes)
    elif kind == "text":
        table = _read_text(path, as_text, options)
    else:
        what = "a picture" if kind == "picture" else kind.upper()
        raise DataError(f"{path}: must be a table with named columns, but is {what}")
    if not len(table.frame):
        raise DataError(f"{path}: must hold rows, but there are none below the header")
    return table


def _read_text(path: Path, as_text: AsText, options: DataOptions) -> Table:
    dialect = find_dialect(path, options)
    texts = set(as_text(dialect.names) if callable(as_text) else as_text) & set(dialect.names)
    frame = _parse(path, dialect, options, texts)
    if large := [name for name in frame.columns if _is_large(frame[name])]:
        cells = _parse(path, dialect, options, large, only=large)  # with all of their digits
        frame = _with_columns(frame, cells, large)
    whole = [name for name in frame.columns if _is_whole(frame[name])]
    if whole and _may_have_codes(path):
        # Codes such as 00120, which as numbers would be others.
        cells = _parse(path, dialect, options, whole, only=whole)
        codes = [n for n in whole if cells[n].str.contains(_CODE, na=False).any()]
        frame = _with_columns(frame, cells, codes)
    if whole and options.date_format is not None:  # such as 20260423
        cells = _parse(path, dialect, options, whole, only=whole)
        days = [n for n in whole if is_written(cells[n].dropna().unique(), options.date_format)]
        frame = _with_columns(frame, cells, days)
    written = "" if dialect.decimal == "." else dialect.decimal
    return Table(frame, dialect.notes, True, dialect.has_header, written)


def _is_large(cells: Any) -> bool:
    """Return whether whole numbers were rounded, as those beside a gap are."""
    return bool(_is_whole(cells) and cells.dtype.kind == "f" and cells.abs().max() >= LARGEST_WHOLE)


def _with_columns(frame: Any, cells: Any, names: Sequence[str]) -> Any:
    changed = frame.copy(deep=False)
    for name in names:
        changed[name] = cells[name]
    return changed


def _parse(
    path: Path,
    dialect: Dialect,
    options: DataOptions,
    as_text: Collection[str],
    only: Collection[str] | None = None,
) -> Any:
    import pandas as pd

    try:
        # Of dates and types that pandas would rather be told; the columns are looked into.
        with unpacked(path) as stream, warnings_as("ignore"):
            return pd.read_csv(
                stream,
                sep=dialect.delimiter,
                decimal=dialect.decimal,
                header=0 if dialect.has_header else None,
                skiprows=dialect.skipped,
                names=dialect.names,
                usecols=None if only is None else list(only),
                index_col=False,
                dtype=dict.fromkeys(as_text, str),
                na_values=_missing_texts(dialect.names, options),
                keep_default_na=False,
                skipinitialspace=True,
                encoding=dialect.encoding,
                encoding_errors="replace",  # of the few bytes that Windows-1252 does not use
                low_memory=False,  # else a column can be text in one part and numbers in another
            )
    except (ValueError, OverflowError, MemoryError) as error:  # ParserError is a ValueError
        if isinstance(error, DataError):
            raise
        raise DataError(f"{path}: must be a table, but: {one_line(error)}") from None


def _is_whole(cells: Any) -> bool:
    """Return whether they are whole numbers, those that are there."""
    if cells.dtype.kind != "f":
        return cells.dtype.kind in "iu"
    values = cells.to_numpy()
    return bool((np.isnan(values) | (values == np.rint(values))).all())


def _missing_texts(names: Sequence[str], options: DataOptions) -> Any:
    """Return the texts that are missing; those of a target are looked at by its reader."""
    words = ["", *(options.missing or MISSING)]
    parts = [part.strip() for text in options.target for part in (text, *text.split(","))]
    targets = set(parts) & set(names)
    return {name: [""] if name in targets else words for name in names} if targets else words


def _may_have_codes(path: Path) -> bool:
    """Return whether there is a digit behind a leading zero anywhere in a file."""
    with unpacked(path) as stream:
        end = b"\n"
        while piece := stream.read(_PIECE):
            if _LEADING_ZERO.search(end + piece):
                return True
            end = piece[-3:]
    return False


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
        raise DataError(f"{path}: must be a Parquet file, but: {one_line(error)}") from None
    return frame
