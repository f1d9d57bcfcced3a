"""From plain arrays to `Raw`: checked shapes and types, and a target that is understood."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from automl.arrays import Array
from automl.data.formats.numbers import LARGEST_WHOLE, describe_rounding
from automl.data.labels import read_labels
from automl.data.options import LONG, TABLE, TEXT, DataOptions
from automl.data.raw import Raw
from automl.data.sequences import extend, is_padded
from automl.data.targets import Target, encode_labels, read_more_numbers, read_target
from automl.errors import DataError
from automl.task import InputKind

TABLE_ONLY = "needs a table with named columns (CSV, Parquet or a DataFrame)"
LONG_ONLY = f"{TABLE_ONLY}; arrays of sequences have the shape (rows, steps, features)"

SMALLEST_SIDE = 8
"""Pixels of a side from which rows of two dimensions are taken for images when nobody says so: no
known data set of images has a smaller one, and most sequences have fewer features."""


def raw_arrays(
    X: Array,
    y: Array,
    options: DataOptions,
    test: tuple[Array, Array] | None = None,
    name: str = "y",
) -> tuple[InputKind, Raw]:
    """Check arrays and their target.

    Parameters
    ----------
    X : array of shape (rows, features), (rows, height, width), (rows, channels, height, width) or
        (rows, steps, features). Channels may come last when there are 1, 3 or 4 of them; NaN may
        stand behind the end of a sequence.
    y : array of shape (rows,) or (rows, targets)
        Classes or numbers; a row whose target is NaN or None is left out.
    options : DataOptions
        Only `task` and `kind` fit arrays.
    test : pair of array, optional
        The test split, as `X` and `y`.
    name : str
        Name of the target, for messages.

    Raises
    ------
    DataError
        When a shape or a type does not fit.
    """
    options.refuse((*TABLE, *TEXT), TABLE_ONLY)
    options.refuse(LONG, LONG_ONLY)
    X = _rows("X", X)
    kind, notes = _kind_of(X, options)
    y, there = _target("y", y, len(X))
    try:
        target = _understood(name, y, options)
    except DataError as error:
        if there.all():
            raise
        left = f"{int((~there).sum()):,} of {len(there):,} rows have no target"
        raise DataError(f"{error}; {left}") from None
    if missing := int((~there).sum()):
        notes = (*notes, f"{missing:,} of {len(there):,} rows have no target and are left out")
    test_X = test_y = None
    if test is not None:
        test_X = _rows("X of the test data", test[0])
        if kind == "sequence" and test_X.shape[2:] == X.shape[2:]:
            longest = max(X.shape[1], test_X.shape[1])
            X, test_X = extend(X, longest), extend(test_X, longest)
        if test_X.shape[1:] != X.shape[1:]:
            raise DataError(
                f"rows of the test data must have the shape {X.shape[1:]}, but have"
                f" {test_X.shape[1:]}"
            )
        test_values, test_there = _target("y of the test data", test[1], len(test_X))
        if missing := int((~test_there).sum()):
            said = f"{missing:,} of {len(test_there):,} test rows have no target and are left out"
            notes = (*notes, said)
        test_X, test_y = test_X[test_there], _test_target(name, test_values, target, options)
    notes = (*notes, *_rounded(X))
    names = (name,) if y.ndim == 1 else tuple(f"{name}{i}" for i in range(y.shape[1]))
    kept = X if there.all() else X[there]
    raw = Raw(kept, target.y, target.classes, test_X, test_y)
    return kind, replace(raw, targets=names, notes=notes, why=target.why)


def _kind_of(X: Array, options: DataOptions) -> tuple[InputKind, tuple[str, ...]]:
    """Decide what a row is, with a note where numbers might be either."""
    if X.ndim != 3:
        kind: InputKind = "vector" if X.ndim == 2 else "image"
        options.refuse_other_kind(kind, f"X of the shape {X.shape} holds {kind}s")
        return kind, ()
    if options.kind is not None:
        return options.kind, ()
    if X.dtype == np.uint8:
        return "image", ()
    steps, features = X.shape[1:]
    if is_padded(X) or min(steps, features) < SMALLEST_SIDE:
        read = f"X is read as sequences of {steps} steps with {features} features"
        return "sequence", (f"{read}; if these are images: --kind image",)
    read = f"X is read as grey images of {steps} x {features}"
    return "image", (f"{read}; if these are steps and features: --kind sequence",)


def _rows(name: str, X: Array) -> Array:
    """Rows of numbers, channels first."""
    if X.dtype.kind not in "biuf":
        raise DataError(f"{name} must hold real numbers, but holds {X.dtype}")
    if 0 in X.shape:
        raise DataError(f"{name} must have rows that are not empty, but has the shape {X.shape}")
    if X.ndim not in (2, 3, 4):
        raise DataError(
            f"{name} must have the shape (rows, features), (rows, height, width),"
            f" (rows, channels, height, width) or (rows, steps, features), but has {X.shape}"
            f"{'; of one feature: X[:, None]' if X.ndim == 1 else ''}"
        )
    if X.ndim == 4 and X.shape[1] > 4 and X.shape[3] in (1, 3, 4):
        X = np.ascontiguousarray(np.moveaxis(X, 3, 1))
    return X.astype(np.uint8) if X.dtype == bool else X


def _rounded(X: Array) -> Iterator[str]:
    """Say of columns of whole numbers which float64 does not tell apart."""
    if X.ndim != 2 or X.dtype.kind not in "iu" or X.dtype.itemsize < 8:
        return
    for i in np.flatnonzero((X.max(axis=0) > LARGEST_WHOLE) | (X.min(axis=0) < -LARGEST_WHOLE)):
        whole = np.unique(X[:, i])
        kept = len(np.unique(whole.astype(np.float64)))
        if kept < len(whole):
            yield describe_rounding(f"column {i} of X", len(whole), kept)


def _target(name: str, y: Array, rows: int) -> tuple[Array, Array]:
    """Return the targets of the rows that have them, and which these are."""
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.ndim not in (1, 2) or len(y) != rows:
        raise DataError(
            f"{name} must have one target a row ({rows:,} rows), but has the shape {y.shape}"
        )
    if y.ndim == 1:
        return read_labels(name, y)
    if y.dtype.kind not in "biuf":
        raise DataError(f"{name} with several columns must hold numbers, but holds {y.dtype}")
    values = y.astype(np.float64)
    there = ~np.isnan(values).any(axis=1)
    if not there.any():
        raise DataError(f"{name} is missing in every row")
    return values[there], np.asarray(there)


def _understood(name: str, y: Array, options: DataOptions) -> Target:
    if y.ndim == 1:
        return read_target(name, y, options)
    if np.isin(y, (0, 1)).all() and (y.sum(axis=1) == 1).all():
        raise DataError(
            f"{name} looks like classes of which one column is 1; give one class a row, such as"
            " y.argmax(axis=1)"
        )
    if options.task not in (None, "regression"):
        raise DataError(
            f"{name} with several columns is a regression, but got --task {options.task}"
        )
    options = replace(options, task="regression")
    columns = [read_target(f"{name}[:, {i}]", y[:, i], options).y for i in range(y.shape[1])]
    return Target(np.stack(columns, axis=1), (), f"{y.shape[1]} targets")


def _test_target(name: str, y: Array, target: Target, options: DataOptions) -> Array:
    if target.classes:
        if y.ndim != 1:
            raise DataError(f"{name} of the test data must have one class a row")
        return encode_labels(name, y, target.classes)
    if y.shape[1:] != target.y.shape[1:]:
        raise DataError(f"{name} of the test data must hold numbers as the training data does")
    columns = [read_more_numbers(name, column, options) for column in y.reshape(len(y), -1).T]
    return np.stack(columns, axis=1).reshape(y.shape)
