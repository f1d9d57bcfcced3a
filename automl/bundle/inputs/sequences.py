"""Sequences to predict, as one array of the shape that a model takes."""

from __future__ import annotations

import numpy as np

from automl.arrays import Array
from automl.bundle.inputs.schema import InputSchema
from automl.data.sequences import extend, find_lengths, pad, stack
from automl.errors import DataError


def fit_sequences(X: Array | list[Array], lengths: Array | None, inputs: InputSchema) -> Array:
    """Sequences, filled up to the longest that the model was trained on.

    Parameters
    ----------
    X : array of shape (rows, steps, features), or list of array of shape (steps, features)
        Behind the end of a sequence there may be NaN.
    lengths : array of shape (rows,), optional
        Steps of each row of an array; what lies behind them does not count.
    inputs : InputSchema
        Schema of a model for sequences.

    Raises
    ------
    DataError
        When a sequence is longer than those, has other features or, for a model that has seen
        one length only, is shorter.
    """
    steps, features = inputs.shape
    if isinstance(X, list):
        if lengths is not None:
            raise DataError("lengths are for an array; those of a list are told by its sequences")
        X = stack(X) if X else np.empty((0, steps, features))
    if X.ndim != 3 or X.shape[2] != features:
        raise DataError(
            f"sequences must have the shape (rows, steps, {features}), but got {X.shape}"
        )
    if not len(X):
        return np.empty((0, steps, features))
    if lengths is not None:
        X = pad(X, lengths)
    found = find_lengths(X)
    wrong = (found > steps) if inputs.padded else (found != steps)
    if wrong.any():
        row = int(np.argmax(wrong))
        rule = "at most as many steps as the longest" if inputs.padded else "as many steps as those"
        raise DataError(
            f"every sequence must have {rule} that the model was trained on ({steps}), but sequence"
            f" {row} has {found[row]}"
        )
    return extend(X[:, :steps], steps)
