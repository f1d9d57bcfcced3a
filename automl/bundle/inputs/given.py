"""Rows that a program holds, in any form, as the array that a model takes."""

from __future__ import annotations

from typing import Any

from automl.arrays import Array
from automl.bundle.inputs.layout import fit_layout, warn_of_range
from automl.bundle.inputs.schema import InputSchema
from automl.bundle.inputs.sequences import fit_sequences
from automl.data.read.convert import (
    are_records,
    is_frame,
    to_array,
    to_frame,
    to_number_array,
)
from automl.errors import DataError


def take_rows(X: Any, lengths: Any, inputs: InputSchema) -> Array:
    """Return raw rows of any form as an array.

    Parameters
    ----------
    X, lengths
        As `automl.bundle.model.Model.predict` takes them.
    inputs : InputSchema

    Raises
    ------
    DataError
        When they are not what the model takes.
    """
    if inputs.kind == "sequence":
        return _as_sequences(X, lengths, inputs)
    if lengths is not None:
        raise DataError(f"lengths are for sequences, but this model takes {inputs.kind} rows")
    if inputs.kind == "image":
        return _as_images(X, inputs)
    return _by_name(X, inputs) if _has_names(X, inputs) else _as_rows(X)


def _as_images(X: Any, inputs: InputSchema) -> Array:
    from automl.bundle.inputs.images import read_named

    rows = read_named(X, inputs)
    if rows is not None:
        return rows
    rows = _as_rows(X)
    warn_of_range(rows, inputs)
    fitted = fit_layout(rows, inputs) if rows.ndim > 2 else None
    return rows if fitted is None else fitted


def _as_sequences(X: Any, lengths: Any, inputs: InputSchema) -> Array:
    if inputs.forecast is not None and is_frame(X):
        from automl.bundle.inputs.forecasts import last_windows
        from automl.data.read.table.blanks import blank_cells

        return last_windows(blank_cells(to_frame(X), inputs.form.missing), inputs).rows
    if inputs.long is not None and is_frame(X):
        from automl.data.read.table.blanks import blank_cells
        from automl.data.read.table.long import take_sequences  # which needs pandas

        if lengths is not None:
            raise DataError("lengths are for an array; those of a table are told by its lines")
        frame = blank_cells(to_frame(X), inputs.form.missing)
        X = take_sequences(frame, inputs.long, ignore=inputs.ignored)[0]
    rows = [_as_rows(row) for row in X] if isinstance(X, list | tuple) else _as_rows(X)
    return fit_sequences(rows, None if lengths is None else to_array("lengths", lengths), inputs)


def _has_names(X: Any, inputs: InputSchema) -> bool:
    """Return whether rows of a table come by the names of its columns."""
    if not inputs.columns:
        return False
    return is_frame(X) or are_records(X)


def _by_name(X: Any, inputs: InputSchema) -> Array:
    from automl.data.read.table.blanks import blank_cells
    from automl.data.read.table.encode import as_frame, encode, named_by_place  # needs pandas

    frame = blank_cells(as_frame(to_frame(X) if is_frame(X) else X), inputs.form.missing)
    columns = inputs.columns
    return encode(named_by_place(frame, columns), columns, ignore=inputs.ignored, warn=True)


def _as_rows(X: Any) -> Array:
    rows = to_number_array("rows", X)
    if rows.dtype.kind not in "biuf":
        raise DataError(f"rows must be numbers, but got {rows.dtype}")
    return rows
