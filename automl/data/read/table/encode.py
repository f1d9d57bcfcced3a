"""Tables as one float64 array, by a schema that was stored with the model.

`encode` is the one way from rows of any kind to numbers, in a search and in a prediction, so
both see the same.
"""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.arrays import Array
from automl.data.formats.sniff import file_kind
from automl.data.options import DataOptions
from automl.data.read.table.cells import Series, to_booleans, to_dates, to_numbers, to_texts
from automl.data.schema import USUAL_FORM, Column, TableForm, number_columns
from automl.errors import DataError, DataWarning

_SHOWN = 5


def encode(
    rows: Any, columns: Sequence[Column], *, ignore: Collection[str] = (), warn: bool = False
) -> NDArray[np.float64]:
    """Rows of a table as numbers; see `Column` for how each kind is written.

    Parameters
    ----------
    rows : DataFrame, mapping of str to sequence, or sequence of mappings
        Rows by column name. The order of the columns does not matter.
    columns : sequence of Column
        The schema that the model was trained with.
    ignore : collection of str
        Columns that may be there and do not count, such as the target.
    warn : bool
        Whether a category that is none of the schema is a `DataWarning`, as in a prediction.

    Returns
    -------
    float64 array of shape (rows, len(columns))
        NaN where a value is missing, ``len(categories)`` where a category is none of the schema.

    Raises
    ------
    DataError
        When a column is missing, unknown or there twice, or a value is of another kind.
    """
    frame = as_frame(rows)
    places = _places(frame, columns, ignore)
    encoded = np.empty((len(frame), len(columns)), dtype=np.float64)
    for i, (column, place) in enumerate(zip(columns, places, strict=True)):
        encoded[:, i] = _encode_column(column, frame.iloc[:, place])
        if warn and column.kind == "category":
            _warn_of_unseen(column, frame.iloc[:, place], encoded[:, i])
    return encoded


def _warn_of_unseen(column: Column, cells: Series, codes: Array) -> None:
    if said := _unseen(column, cells, codes):
        warnings.warn(said, DataWarning, stacklevel=3)


def unseen_categories(frame: Any, columns: Sequence[Column], X: Array) -> list[str]:
    """Say which categories of an encoded frame are none of the schema, a sentence a column."""
    found = (
        _unseen(column, frame[column.name], X[:, i])
        for i, column in enumerate(columns)
        if column.kind == "category"
    )
    return [said for said in found if said]


def _unseen(column: Column, cells: Series, codes: Array) -> str:
    unseen = codes == len(column.categories)
    if not unseen.any():
        return ""
    texts = sorted(set(to_texts(column.name, cells[unseen])))
    known = {_folded(category): category for category in column.categories}
    said = [
        f"{text!r:.40}" + (f" (but {known[_folded(text)]!r:.40})" if _folded(text) in known else "")
        for text in texts[:_SHOWN]
    ]
    more = f" and {len(texts) - _SHOWN:,} more" if len(texts) > _SHOWN else ""
    rows = int(unseen.sum())
    return (
        f"column {column.name!r}: the model does not know {', '.join(said)}{more}, and takes"
        f" {rows:,} row{'s' if rows != 1 else ''} as if the value was missing"
    )


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def encode_file(
    path: Path,
    columns: Sequence[Column],
    form: TableForm = USUAL_FORM,
    *,
    ignore: Collection[str] = (),
    warn: bool = False,
) -> NDArray[np.float64]:
    """Rows of a file as numbers; see `encode`.

    Parameters
    ----------
    path : Path
        CSV, TSV (compressed too) or Parquet, with a header if the training data had one.
    columns, ignore, warn
        As in `encode`.
    form : TableForm
        How the file is read.
    """
    from automl.data.read.table.file import read_table

    options = reading_options(path, form)
    if form.has_header:
        frame = read_table(path, texts_of(columns), options).frame
    else:
        frame = _read_nameless(path, columns, options, ignore)
    try:
        return encode(named_by_place(frame, columns), columns, ignore=ignore, warn=warn)
    except DataError as error:
        raise DataError(f"{path}: {error}") from None


def reading_options(path: Path, form: TableForm) -> DataOptions:
    """Return how a file is read of a table whose training file needed to be told.

    What was told of the training file counts where this one does not say otherwise.
    """
    options = DataOptions(missing=form.missing)
    if file_kind(path) != "text":
        return options
    from automl.data.read.table.dialect import begins_with, is_undecided

    if form.encoding and is_undecided(path):
        options = replace(options, encoding=form.encoding)
    if form.delimiter and begins_with(path, form.delimiter, options.encoding):
        options = replace(options, delimiter=form.delimiter)
    return options


def named_by_place(frame: Any, columns: Sequence[Column]) -> Any:
    """Return a frame whose columns have the names of the schema, if that only counts them.

    An array has no names, so for its model a column's place counts, whatever its name.
    """
    names = [column.name for column in columns]
    is_counted = tuple(columns) == number_columns(len(columns))
    if not is_counted or len(frame.columns) != len(names) or set(names) & set(frame.columns):
        return frame
    return frame.set_axis(names, axis=1)


def _read_nameless(
    path: Path, columns: Sequence[Column], options: DataOptions, ignore: Collection[str]
) -> Any:
    """Return a frame of a file without names, whose columns have those of the schema.

    They stand in the order of the training file, with its target and what was left out or without.
    """
    from automl.data.read.table.file import read_table

    features = [column.name for column in columns]
    named = _names_in(path, options)
    if set(features) <= set(named):
        return read_table(path, texts_of(columns), options).frame
    options = replace(options, header=False)  # a single row looks like names
    every = sorted({*features, *ignore}, key=lambda name: (len(name), name))  # x9 before x10

    def called(names: Sequence[str]) -> list[str]:
        return every if len(names) == len(every) else features

    def as_text(names: Sequence[str]) -> list[str]:
        texts = set(texts_of(columns))
        return [name for name, own in zip(names, called(names), strict=False) if own in texts]

    frame = read_table(path, as_text, options).frame
    names = called(list(frame.columns))
    if len(names) != len(frame.columns):
        raise DataError(
            f"{path}: every row must have the {len(features)} columns that the model was trained"
            f" on, but has {len(frame.columns)}"
        )
    return frame.set_axis(names, axis=1)


def _names_in(path: Path, options: DataOptions) -> Sequence[str]:
    """Return the names in the first line of a text file; none when that is a row."""
    from automl.data.read.table.dialect import find_dialect

    if file_kind(path) != "text":
        return ()
    dialect = find_dialect(path, options)
    return dialect.names if dialect.has_header else ()


def texts_of(columns: Iterable[Column]) -> list[str]:
    """Names of the columns that a file must be read as text for: 1 and 01 may both be names."""
    kinds = ("category", "date")
    return [column.name for column in columns if column.kind in kinds or column.format]


def as_frame(rows: Any) -> Any:
    """Rows as a DataFrame.

    Raises
    ------
    DataError
        When they are nothing that has named columns.
    """
    import pandas as pd

    if isinstance(rows, pd.DataFrame):
        return rows
    if isinstance(rows, Mapping):
        return _made(rows)
    if isinstance(rows, Sequence) and rows and all(isinstance(row, Mapping) for row in rows):
        return _made(list(rows))
    raise DataError(
        "rows of a table must be a DataFrame, columns by name, or a list of one dictionary a row,"
        f" but got {type(rows).__name__}"
    )


def _made(rows: Any) -> Any:
    import pandas as pd

    try:
        return pd.DataFrame(rows)
    except ValueError as error:  # columns of different lengths, or single values
        reason = " ".join(str(error).split())
        raise DataError(f"rows of a table must have one value a column: {reason:.200}") from None


def _places(frame: Any, columns: Sequence[Column], ignore: Collection[str]) -> list[int]:
    """Return where each column of the schema stands in the frame."""
    names = [str(name) for name in frame.columns]
    known = {column.name for column in columns}
    missing = [column.name for column in columns if column.name not in names]
    if missing:
        raise DataError(
            f"every column that the model was trained on must be there, but {_listed(missing)}"
            f" is missing; the rows have {_listed(names) or 'none'}"
        )
    extra = [name for name in names if name not in known and name not in ignore]
    if extra:
        raise DataError(
            f"only columns that the model was trained on may be there, but it has not seen"
            f" {_listed(extra)}; take them out"
        )
    if twice := sorted({name for name in names if name in known and names.count(name) > 1}):
        raise DataError(f"column names must differ, but {_listed(twice)} comes more than once")
    return [names.index(column.name) for column in columns]


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:_SHOWN])
    return f"{shown} and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else shown


def _encode_column(column: Column, cells: Series) -> Array:
    match column.kind:
        case "number":
            return to_numbers(column.name, cells, column.format)
        case "boolean":
            return to_booleans(column.name, cells)
        case "date":
            return to_dates(column.name, cells, column.format)
        case "category":
            return _codes(column, cells)


def _codes(column: Column, cells: Series) -> Array:
    """Return the place of each category; one past the last for a text that is none."""
    import pandas as pd

    texts = to_texts(column.name, cells)
    places = pd.Index(column.categories, dtype=object).get_indexer(texts).astype(np.float64)
    places[places < 0] = len(column.categories)
    places[texts == None] = np.nan  # noqa: E711 - one comparison an element
    return np.asarray(places)
