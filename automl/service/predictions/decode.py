"""From the bytes of a request to rows; a bad row is one line with its number and its column.

What comes from outside never becomes a path here: an image model would read one given as text.
"""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from automl.arrays import Array
from automl.bundle.inputs.forecasts import read_last_windows
from automl.bundle.inputs.rows import read_rows
from automl.bundle.inputs.schema import InputSchema
from automl.data.formats.sniff import file_kind
from automl.errors import DataError
from automl.service.predictions.messages import Request
from automl.service.signature import TENSOR

MOST_NAMES = 100_000
"""Columns of a request at most."""

TABLES = ("text", "parquet")
"""Kinds of files that may be tables."""

Rows = Array | list[dict[str, Any]]
"""An array of rows, or a dictionary a row for the columns of a table."""


@dataclass(frozen=True, slots=True)
class Given:
    """The rows of one request.

    Attributes
    ----------
    rows : array or list of dict
    names : list of str
        Names of the rows, where a file has them.
    id : str or None
        What the client calls its request.
    ahead : Ahead or None
        Steps that are forecast, where a table was read for it.
    """

    rows: Rows
    names: Sequence[str] = ()
    id: str | None = None
    ahead: Ahead | None = None


@dataclass(frozen=True, slots=True)
class Ahead:
    """The steps that are forecast from a table of series.

    Attributes
    ----------
    times : list of list of str
        Times of every series, a horizon of them.
    time : str
        Column of the times.
    series : str or None
        Column that names the series; None where there is one.
    """

    times: Sequence[Sequence[str]]
    time: str
    series: str | None


def decode(request: Request, inputs: InputSchema) -> Given:
    """Read the rows of a request.

    Raises
    ------
    DataError
        Saying in one line what is wrong with which row and column.
    """
    if request.form == "file":
        return _file(request.body, inputs)
    body = _json(request.body)
    return _infer(body, inputs) if request.form == "infer" else _rows(body, inputs)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise DataError(f"the body must be JSON, but: {error}") from None


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON; a missing value is null")


def _file(body: bytes, inputs: InputSchema) -> Given:
    if not body:
        raise DataError("the body must hold rows, but is empty")
    with tempfile.NamedTemporaryFile(prefix="automl-rows-") as file:
        file.write(body)
        file.flush()
        try:
            if inputs.forecast is not None and file_kind(Path(file.name)) in TABLES:
                return _series(Path(file.name), inputs)
            rows, names = read_rows(Path(file.name), inputs)
        except DataError as error:
            line = str(error).replace(f"{file.name}: ", "").replace(file.name, "the body")
            raise DataError(line) from None
    known = [] if inputs.kind == "image" else names  # that of a picture is our own file's
    return Given(rows, known)


def _series(path: Path, inputs: InputSchema) -> Given:
    """Read a table of series, of which what comes next is forecast."""
    form = inputs.forecast
    assert form is not None
    found = read_last_windows(path, inputs)
    names = found.names if form.series else []
    return Given(found.rows, names, ahead=Ahead(found.times, form.time.name, form.series))


def _rows(body: Any, inputs: InputSchema) -> Given:
    """Read ``{"rows": [...]}``, or the list or the one record alone."""
    name = None
    if isinstance(body, dict) and isinstance(body.get("rows"), list):
        unknown = sorted(body.keys() - {"rows", "id"})
        if unknown:
            raise DataError(f"beside rows there may be an id, but got {unknown[0]!r:.60}")
        body, name = body["rows"], _id(body)
    if isinstance(body, dict):
        body = [body]
    if not isinstance(body, list) or not body:
        raise DataError('rows must be a list with one row or more, such as {"rows": [...]}')
    if all(isinstance(row, dict) for row in body):
        return Given(_records(body, inputs), id=name)
    return Given(_array(body, inputs), id=name)


def _id(body: Mapping[str, Any]) -> str | None:
    name = body.get("id")
    if name is not None and not (isinstance(name, str) and len(name) <= 200):
        raise DataError("id must be text of at most 200 characters")
    return name


def _records(rows: list[dict[str, Any]], inputs: InputSchema) -> list[dict[str, Any]]:
    if not inputs.columns:
        raise DataError(
            "rows by the names of columns are for tables, but this model takes"
            f" {inputs.kind} rows of shape {inputs.shape}: lists of numbers"
        )
    needed = {column.name for column in inputs.columns}
    for i, row in enumerate(rows, 1):
        if absent := needed - row.keys():
            raise DataError(
                f"row {i}: must have every column of the training data, but {sorted(absent)[0]!r}"
                " is not there; a missing value is null"
            )
        for name, value in row.items():
            if isinstance(value, (list, dict)):
                raise DataError(f"row {i}: column {name!r:.60} must hold one value, but has more")
    return rows


def _array(rows: list[Any], inputs: InputSchema) -> Array:
    """Return nested lists of numbers as an array; a missing value is null."""
    try:
        array = np.asarray(rows)
        if array.dtype.kind == "O":
            array = array.astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        array = None
    if array is not None and array.dtype.kind in "biuf":
        return array
    if inputs.kind == "sequence" and inputs.padded:
        return _ragged([_numbers(row, i) for i, row in enumerate(rows, 1)], inputs)
    want: tuple[int, ...] | None = None
    for i, row in enumerate(rows, 1):
        found = _numbers(row, i).shape
        want = want or found
        if found != want:
            raise DataError(f"row {i}: must have the shape of the others, {want}, but has {found}")
    raise DataError("rows must be lists of numbers, all of one shape")


def _numbers(row: Any, number: int) -> Array:
    try:
        array = np.asarray(row)
        if array.dtype.kind == "O":
            array = array.astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        array = np.asarray("")
    if array.dtype.kind not in "biuf":
        column, value = _first_text(row)
        where = "" if column is None else f", column {column}"
        raise DataError(f"row {number}{where}: must be numbers, but got {value!r:.60}")
    return array


def _first_text(row: Any) -> tuple[int | None, Any]:
    if isinstance(row, list):
        for place, value in enumerate(row, 1):
            if not isinstance(value, (int, float, list)) and value is not None:
                return place, value
    return None, row


def _ragged(rows: list[Array], inputs: InputSchema) -> Array:
    """Return sequences that differ in length as one array, with NaN behind their ends."""
    steps, features = max((len(row) for row in rows if row.ndim), default=0), inputs.shape[1]
    out = np.full((len(rows), steps, features), np.nan)
    for i, row in enumerate(rows):
        if row.ndim != 2 or row.shape[1] != features:
            raise DataError(
                f"row {i + 1}: must have the shape (steps, {features}), but has {row.shape}"
            )
        out[i, : len(row)] = row
    return out


def _infer(body: Any, inputs: InputSchema) -> Given:
    """Read a request of the Open Inference Protocol, version 2."""
    tensors = body.get("inputs") if isinstance(body, dict) else None
    if not isinstance(tensors, list) or not 0 < len(tensors) <= MOST_NAMES:
        raise DataError('"inputs" must be a list with one tensor or more')
    read = [_tensor(tensor, place) for place, tensor in enumerate(tensors, 1)]
    names = [name for name, _ in read]
    if len(set(names)) < len(names):
        raise DataError("the names of tensors must differ")
    if len(read) == 1 and (not inputs.columns or names == [TENSOR]):
        array = read[0][1]
        if not isinstance(array, np.ndarray):
            raise DataError(f"tensor {names[0]!r:.60} must hold numbers, but its datatype is BYTES")
        return Given(array, id=_id(body))
    if not inputs.columns:
        raise DataError(f"this model takes one tensor, {TENSOR!r}, but got {len(read)}")
    lengths = {len(values) for _, values in read}
    if len(lengths) > 1:
        raise DataError(f"every tensor must have as many rows, but they have {sorted(lengths)}")
    columns = {name: _cells(name, values) for name, values in read}
    every = zip(*columns.values(), strict=True)
    records = [dict(zip(columns, row, strict=True)) for row in every]
    if not records:
        raise DataError("every tensor must have one row or more")
    return Given(_records(records, inputs), id=_id(body))


NUMBERS = {
    **{name: name.lower() for name in ("INT8", "INT16", "INT32", "INT64")},
    **{f"U{name}": f"u{name.lower()}" for name in ("INT8", "INT16", "INT32", "INT64")},
    **{"BOOL": "bool", "FP16": "float16", "FP32": "float32", "FP64": "float64"},
}
"""Data types of the protocol, with those of NumPy."""


def _tensor(tensor: Any, place: int) -> tuple[str, Array | list[str | None]]:
    if not isinstance(tensor, dict) or not isinstance(name := tensor.get("name"), str):
        raise DataError(f"inputs: number {place} must be a tensor with a name")
    where = f"tensor {name!r:.60}"
    shape, kind, data = (tensor.get(field) for field in ("shape", "datatype", "data"))
    is_shape = isinstance(shape, list) and 0 < len(shape) <= 8
    if not is_shape or not all(type(side) is int and 0 <= side < 2**40 for side in shape or ()):
        raise DataError(f"{where}: shape must be a list of whole numbers")
    if kind != "BYTES" and kind not in NUMBERS:
        raise DataError(f"{where}: datatype must be BYTES or one of {', '.join(NUMBERS)}")
    if not isinstance(data, list):
        raise DataError(f"{where}: data must be a list; tensors in binary form are not taken")
    if kind == "BYTES":
        return name, _texts(where, data, shape or [])
    try:
        values = np.asarray(data, dtype=np.float64)  # null becomes NaN, a missing value
    except (TypeError, ValueError, OverflowError):
        flat = [v for v in data if type(v) not in (int, float, bool, type(None))]
        raise DataError(f"{where}: data must be numbers, but got {flat[:1]!r:.60}") from None
    if values.size != math.prod(shape or []):
        raise DataError(f"{where}: data must be {shape}, but there are {values.size} numbers")
    exact = NUMBERS[kind] in ("float32", "float16")
    return name, values.astype(np.float32 if exact else np.float64).reshape(shape)


def _texts(where: str, data: list[Any], shape: list[int]) -> list[str | None]:
    if len(data) != math.prod(shape):
        raise DataError(f"{where}: data must be {shape}, but there are {len(data)} texts")
    for row, value in enumerate(data, 1):
        if not isinstance(value, (str, type(None))):
            raise DataError(f"{where}: row {row} must be text, but got {value!r:.60}")
    return data


def _cells(name: str, values: Array | list[str | None]) -> list[Any]:
    if isinstance(values, list):
        return values
    if math.prod(values.shape[1:]) != 1:
        raise DataError(f"tensor {name!r:.60} is a column, and must have the shape [rows]")
    return [None if value != value else value for value in values.reshape(-1).tolist()]
