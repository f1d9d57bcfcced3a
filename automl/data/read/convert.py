"""What programs hold rows in, as numpy arrays and as pandas frames.

Libraries are told by what their objects can do, for importing them to ask would take seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.arrays import Array
from automl.errors import DataError

MAX_DENSE_BYTES = 4 * 10**9
"""A sparse matrix may become this large as an array."""


def to_array(name: str, values: Any) -> Array:
    """Return anything array-like as an array.

    Parameters
    ----------
    name : str
        What it is called, for messages.
    values : array, list, tensor on any device, sparse matrix, Series or frame
        Masked elements become NaN, or None among what is no number.

    Raises
    ------
    DataError
        When the rows differ in shape, or a sparse matrix is too large.
    """
    if hasattr(values, "detach") and hasattr(values, "cpu"):  # a tensor, and no open file
        values = values.detach().cpu()
        if "bfloat16" in str(values.dtype):  # which numpy has not
            values = values.float()
        return np.asarray(values.numpy())
    if hasattr(values, "toarray"):
        values = _dense(name, values)
    elif hasattr(values, "to_pylist"):  # Arrow, which copies to numpy only if it is told to
        values = values.to_pylist() if hasattr(values, "type") else to_frame(values).to_numpy()
    elif hasattr(values, "to_numpy"):
        values = values.to_numpy()
    if isinstance(values, np.ma.MaskedArray):
        return _unmasked(values)
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise DataError(f"{name} must be rows of one shape, but: {error}") from None
    if array.dtype.kind == "O" and array.ndim == 0:
        raise DataError(f"{name} must be an array, a list or a frame, but is {values!r:.60}")
    return array


def to_number_array(name: str, values: Any) -> Array:
    """Return rows of numbers as an array; None and pandas' NA become NaN.

    Raises
    ------
    DataError
        When a value is no number, besides what `to_array` raises.
    """
    array = to_array(name, values)
    if array.dtype.kind == "O":
        try:
            array = np.where(_is_missing(array), np.nan, array).astype(np.float64)
        except (TypeError, ValueError):
            raise DataError(
                f"{name} must hold real numbers, but some are text, or no numbers"
            ) from None
    return array


def to_labels(name: str, values: Any) -> Array:
    """Return targets as an array, in their own type also where one is missing or masked.

    Those of a list keep their types, which numpy would mix.
    """
    if isinstance(values, np.ma.MaskedArray):
        values = values.tolist()
    elif hasattr(values, "to_list") and not hasattr(values, "iloc"):
        values = values.to_list()  # polars, which makes whole numbers beside a gap floats
    elif hasattr(values, "to_pylist") and hasattr(values, "type"):
        values = values.to_pylist()
    array = to_array(name, values)
    if array.ndim == 2 and array.dtype.kind == "O":
        return to_number_array(name, array) if array.shape[1] > 1 else array
    if isinstance(values, list | tuple) and array.ndim == 1 and array.dtype.kind in "US":
        return np.array(values, dtype=object)
    return array


def is_frame(X: Any) -> bool:
    """Return whether it has named columns, as a structured array has, too."""
    if isinstance(X, np.ndarray):
        return X.dtype.names is not None and X.ndim == 1
    makes_columns = any(hasattr(X, name) for name in ("iloc", "to_dict", "to_pydict"))
    return hasattr(X, "columns") and makes_columns


def are_records(X: Any) -> bool:
    """Return whether they are columns by name, or a dictionary for each row."""
    is_listed = isinstance(X, list | tuple) and len(X) > 0
    return isinstance(X, Mapping) or (is_listed and isinstance(X[0], Mapping))


def to_frame(X: Any) -> Any:
    """Return a frame of any library as one of pandas, with its columns' own types."""
    if hasattr(X, "iloc"):
        return X
    import pandas as pd

    if isinstance(X, np.ndarray):
        return pd.DataFrame.from_records(X)

    # polars, or Arrow
    columns = X.to_pydict() if hasattr(X, "to_pydict") else X.to_dict(as_series=False)
    return pd.DataFrame({name: _exact(values) for name, values in columns.items()})


def to_series(y: Any) -> Any:
    """Return a column of any library as a Series or an array."""
    if hasattr(y, "to_list") and not hasattr(y, "iloc"):  # polars
        import pandas as pd

        return pd.Series(_exact(y.to_list()), name=y.name or None)
    return y


def _exact(values: list[Any]) -> Any:
    """Return a column whose whole numbers are exact: pandas makes floats of them beside a gap."""
    if None in values and {type(value) for value in values} == {int, type(None)}:
        return np.array(values, dtype=object)
    return values


def _dense(name: str, matrix: Any) -> Array:
    size = int(np.prod(matrix.shape)) * matrix.dtype.itemsize
    if size > MAX_DENSE_BYTES:
        raise DataError(
            f"{name} must fit into {MAX_DENSE_BYTES // 10**9} GB as an array, but a sparse matrix"
            f" of {' x '.join(map(str, matrix.shape))} takes {size / 1e9:.1f}"
        )
    return np.asarray(matrix.toarray())


def _unmasked(values: np.ma.MaskedArray[Any, Any]) -> Array:
    mask = np.ma.getmaskarray(values)
    plain = np.asarray(values.data)
    if not mask.any():
        return plain
    is_number = plain.dtype.kind in "iuf"
    filled = plain.astype(np.float64 if is_number else object)
    filled[mask] = np.nan if is_number else None
    return filled


def _is_missing(values: Array) -> NDArray[np.bool_]:
    names = ("NAType", "NaTType")
    flat = [v is None or type(v).__name__ in names for v in values.ravel().tolist()]
    return np.array(flat, dtype=bool).reshape(values.shape)
