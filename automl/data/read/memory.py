"""Arrays, frames and tensors of a Python program as a `Dataset`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from automl.arrays import Array
from automl.data.build import build
from automl.data.dataset import Dataset
from automl.data.names import IN_MEMORY
from automl.data.options import NO_OPTIONS, TEXT, DataOptions
from automl.data.read.arrays import raw_arrays
from automl.data.read.convert import (
    are_records,
    is_frame,
    to_array,
    to_frame,
    to_labels,
    to_number_array,
    to_series,
)
from automl.data.read.table.encode import as_frame
from automl.data.sequences import pad, stack
from automl.errors import ConfigError, DataError
from automl.task import InputKind


def from_memory(
    X: Any,
    y: Any = None,
    options: DataOptions = NO_OPTIONS,
    test: Any = None,
    lengths: Any = None,
) -> Dataset:
    """Make a data set of what a program holds.

    Parameters
    ----------
    X : array, DataFrame, tensor, mapping, or sequence
        Rows. Anything that numpy makes an array of; a tensor is told by its ``detach``. A list
        may hold arrays of shape ``(steps, features)`` that differ in length. Columns by name, a
        list of one dictionary a row and a structured array are frames.
    y : array, Series, DataFrame, tensor, sequence, or str, optional
        The targets, or the name of their column in a frame `X`.
    options : DataOptions
        Group, time and dropped columns are those of a frame.
    test : pair, optional
        The test split as ``(X, y)``, or a frame when `y` is a name.
    lengths : array of shape (rows,), optional
        Steps of each sequence of an array `X`.

    Raises
    ------
    ConfigError
        When the target is missing or given twice.
    DataError
        When the data cannot be used.
    """
    if are_records(X):
        X = as_frame(X)
    if isinstance(y, str) or _is_name(y, X):
        options = _with_target(options, (str(y),))
        y = None
    if is_frame(X):
        if lengths is not None:
            raise ConfigError("lengths: are for an array X; of a frame, --sequence tells them")
        is_series = options.task == "forecast" or options.sequence is not None
        kind: InputKind = "sequence" if is_series else "vector"
        said = "is for arrays; the sequences of a frame come with sequence="
        options.refuse_other_kind(kind, said)
        return build(IN_MEMORY, kind, _raw_frame(X, y, options, test))
    options.refuse_forecast()
    if y is None:
        raise ConfigError("target: search(X, y) needs y, unless X is a frame with the target in it")
    if options.target:
        raise ConfigError("target: is for a column of a frame, and y is given already")
    pair = None
    if test is not None:
        test_X, test_y = _pair(test)
        pair = _rows("X of test_data", test_X), to_labels("y of test_data", test_y)
    rows = _rows("X", X)
    if lengths is not None:
        rows = pad(rows, to_array("lengths", lengths))
        options = replace(options, kind="sequence")
    return build(IN_MEMORY, *raw_arrays(rows, to_labels("y", y), options, pair))


def _rows(name: str, X: Any) -> Array:
    """Rows as an array; a list of sequences of different lengths is filled up."""
    if is_ragged(X):
        return stack([to_number_array(name, row) for row in X])
    return to_number_array(name, X)


def is_ragged(X: Any) -> bool:
    """Return whether it is a list of sequences that differ in length."""
    shapes = [getattr(row, "shape", ()) for row in X] if isinstance(X, list | tuple) else []
    return len({tuple(shape)[:1] for shape in shapes}) > 1 and all(len(s) == 2 for s in shapes)


def _raw_frame(X: Any, y: Any, options: DataOptions, test: Any) -> Any:
    from automl.data.read.table.blanks import blank_cells
    from automl.data.read.table.file import Table
    from automl.data.read.table.forecast import raw_forecast
    from automl.data.read.table.raw import raw_table

    options.refuse(TEXT, "is for text files, but X is a frame")
    frame, names = _joined("X", to_frame(X), y)
    notes = [said for said in [_said_order(X, y)] if said]
    if names and options.target:
        raise ConfigError("target: names a column of X, but y is given already")
    read_test = None
    if test is not None:
        test_X, test_y = (test, None) if y is None else _pair(test)
        if not is_frame(test_X):
            raise DataError("test_data must be a frame as X is")
        test_frame, test_names = _joined("X of test_data", to_frame(test_X), test_y)
        if test_names != names:
            test_frame = test_frame.rename(columns=dict(zip(test_names, names, strict=False)))
        test_table = Table(blank_cells(test_frame, options.missing))
        read_test = lambda texts: test_table  # noqa: E731
    table = Table(blank_cells(frame, options.missing), notes)
    if options.task == "forecast":
        return raw_forecast(table, _with_target(options, names or options.target))
    return raw_table(table, _with_target(options, names or options.target), read_test)


def _joined(name: str, X: Any, y: Any) -> tuple[Any, tuple[str, ...]]:
    """Join a frame with the targets as its last columns, and return their names too."""
    if y is None:
        return X.reset_index(drop=True), ()
    import pandas as pd

    y = to_frame(y) if is_frame(y) else to_series(y)
    if isinstance(y, pd.DataFrame):
        targets = y
    else:
        values = y if isinstance(y, pd.Series) else to_labels("y", y)
        called = getattr(y, "name", None)
        if not np.ndim(values):
            raise DataError(f"y must have one target a row, or name a column, but is {y!r:.60}")
        targets = pd.DataFrame(values).reset_index(drop=True)
        if len(targets.columns) == 1:
            targets.columns = ["target" if called is None else str(called)]
        else:
            targets.columns = [f"target{i}" for i in range(len(targets.columns))]
    if len(targets) != len(X):
        raise DataError(
            f"y must have one target a row, but {name} has {len(X):,} rows and y {len(targets):,}"
        )
    taken = {str(column) for column in X.columns}
    names = [str(column) for column in targets.columns]
    names = [f"{column} (target)" if column in taken else column for column in names]
    targets = targets.set_axis(names, axis=1).reset_index(drop=True)
    return pd.concat([X.reset_index(drop=True), targets], axis=1), tuple(names)


def _said_order(X: Any, y: Any) -> str:
    """Return a remark on targets whose index has that of the rows in another order."""
    if not (hasattr(X, "iloc") and hasattr(y, "iloc")) or X.index.equals(y.index):
        return ""
    same = len(X) == len(y) and X.index.is_unique and set(X.index) == set(y.index)
    rule = "X and y are joined row by row, as scikit-learn does"
    return (
        f"{rule}, though y has the index of X in another order; y.loc[X.index] has it in X's" * same
    )


def _is_name(y: Any, X: Any) -> bool:
    """Return whether it is what a column of a frame is called that has no text for a name."""
    return isinstance(y, int | tuple) and hasattr(X, "iloc") and y in list(X.columns)


def _pair(test: Any) -> tuple[Any, Any]:
    if not isinstance(test, tuple) or len(test) != 2:
        raise ConfigError("test_data: must be a pair (X, y) when the data is in memory")
    return test


def _with_target(options: DataOptions, target: tuple[str, ...]) -> DataOptions:
    return replace(options, target=target)
