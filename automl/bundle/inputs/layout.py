"""Rows as they may come, brought to the layout that a model was trained on."""

from __future__ import annotations

import math

import numpy as np

from automl.arrays import Array
from automl.bundle.inputs.schema import InputSchema


def fit_layout(X: Array, inputs: InputSchema) -> Array | None:
    """Return rows in the shape of the model's, or None for those that have another.

    Parameters
    ----------
    X : array of shape (rows, ...)
        Images may have their channels last, as training takes them too; a grey one may have a
        channel or none. Rows may be flat. What only has as many values is another shape: a row
        of 6 x 8 is no row of 8 x 6.
    inputs : InputSchema
    """
    shape, came = inputs.shape, X.shape[1:]
    if came == shape:
        return X
    if X.ndim < 2 or math.prod(came) != math.prod(shape):
        return None
    if inputs.kind == "image" and len(shape) == 3 and came == (*shape[1:], shape[0]):
        return np.ascontiguousarray(np.moveaxis(X, 3, 1))
    plain, plain_came = (tuple(side for side in sides if side != 1) for sides in (shape, came))
    if plain_came == plain or 1 in (len(came), len(shape)):
        return X.reshape(len(X), *shape)
    return None
