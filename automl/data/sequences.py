"""Sequences of different lengths as one array: shorter ones are filled up with NaN.

A missing value is refused in a sequence, so NaN behind its end can stand for nothing but the end,
and the lengths need no second array on the way through splits, files and models. Before a network
sees them, `automl.data.preprocess.standardise` turns them into zeros beside a mask.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.arrays import Array
from automl.errors import DataError

MAX_VALUES = 2 * 10**9
"""Numbers in an array of sequences: 16 GB of float64."""


def pad(X: Array, lengths: Array) -> Array:
    """Sequences that were filled up with anything, filled up with NaN.

    Parameters
    ----------
    X : array of shape (rows, steps, features)
    lengths : array of shape (rows,)
        Steps of each row; what lies behind them does not count.

    Returns
    -------
    array of shape (rows, longest, features)
        Of `X`'s type when all are equally long; else float32, or float64 where that loses digits.

    Raises
    ------
    DataError
        When the lengths do not fit `X`.
    """
    lengths = _checked(X, np.asarray(lengths))
    X = X[:, : lengths.max()]
    if (lengths == X.shape[1]).all():
        return X
    padded = X.astype(_padded_type(X.dtype))  # a copy: what was given stays as it is
    padded[np.arange(X.shape[1]) >= lengths[:, None]] = np.nan
    return padded


def stack(sequences: Sequence[Array]) -> Array:
    """Arrays of shape ``(steps, features)``, with steps of their own, as one array.

    Raises
    ------
    DataError
        When one has another number of features, no steps, or holds no numbers.
    """
    width = sequences[0].shape[1:]
    for i, values in enumerate(sequences):
        if values.ndim != 2 or values.shape[1:] != width or 0 in values.shape:
            raise DataError(
                "every sequence must have the shape (steps, features), with as many features as"
                f" the first, but sequence {i} has {values.shape}"
            )
        if values.dtype.kind not in "biuf":
            what = f"sequence {i} holds {values.dtype}"
            raise DataError(f"sequences must hold real numbers, but {what}")
    lengths = np.array([len(values) for values in sequences])
    check_room(len(sequences), int(lengths.max()), *width)
    X = np.zeros((len(sequences), lengths.max(), *width), np.result_type(*sequences))
    for row, values in zip(X, sequences, strict=True):
        row[: len(values)] = values
    return pad(X, lengths)


def extend(X: Array, steps: int) -> Array:
    """Return the same sequences, filled up to `steps` with NaN."""
    if X.shape[1] == steps:
        return X
    longer = np.full((len(X), steps, *X.shape[2:]), np.nan, _padded_type(X.dtype))
    longer[:, : X.shape[1]] = X
    return longer


def check_room(rows: int, steps: int, features: int) -> None:
    """Refuse sequences that cannot be kept as one array, because one is far too long."""
    if rows * steps * features > MAX_VALUES:
        raise DataError(
            f"{rows:,} sequences, filled up to {steps:,} steps with {features:,} features, must be"
            f" at most {MAX_VALUES:,} values; cut the longest"
        )


def is_padded(X: Array) -> bool:
    """Return whether a sequence ends before the last step of the array."""
    return X.dtype.kind == "f" and bool(np.isnan(X[:, -1]).any())


def find_lengths(X: Array) -> NDArray[np.int64]:
    """Return the length of each sequence of shape ``(rows, steps, features)``.

    Raises
    ------
    DataError
        When a value is infinite, or missing before the end of its sequence.
    """
    rows, steps, _ = X.shape
    if not is_padded(X) and np.isfinite(X).all():
        return np.full(rows, steps, np.int64)
    gone = np.asarray(np.isnan(X).all(axis=2))
    lengths = steps - np.cumprod(gone[:, ::-1], axis=1).sum(axis=1)
    there = np.arange(steps) < lengths[:, None]
    wrong = (there & ~np.isfinite(X).all(axis=2)).any(axis=1) | (lengths == 0)
    if np.any(wrong):
        row = int(np.argmax(wrong))
        step = int(np.argmax(~np.isfinite(X[row]).all(axis=1)))
        what = f"has NaN or infinity at step {step}" if lengths[row] else "is all NaN"
        raise DataError(
            f"every value of a sequence must be finite up to its end, but sequence {row} {what}"
        )
    return np.asarray(lengths, np.int64)


def _checked(X: Array, lengths: Array) -> Array:
    if X.ndim != 3:
        rule = "X with lengths must have the shape (rows, steps, features)"
        raise DataError(f"{rule}, but has {X.shape}")
    if lengths.shape != (len(X),) or lengths.dtype.kind not in "iu" or not len(X):
        raise DataError(
            f"lengths must be a whole number for each of {len(X):,} rows, but has the shape"
            f" {lengths.shape} of {lengths.dtype}"
        )
    wrong = (lengths < 1) | (lengths > X.shape[1])
    if wrong.any():
        row = int(np.argmax(wrong))
        raise DataError(
            f"`1 <= length <= {X.shape[1]}` must hold, as X has {X.shape[1]} steps, but row {row}"
            f" has length {lengths[row]}"
        )
    return lengths


def _padded_type(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Return a type that has NaN and holds the same numbers."""
    return np.dtype(np.result_type(dtype, np.float32))
