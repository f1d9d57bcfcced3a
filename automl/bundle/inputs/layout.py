"""Rows as they may come, brought to the layout that a model was trained on."""

from __future__ import annotations

import math
import warnings

import numpy as np

from automl.arrays import Array
from automl.bundle.inputs.schema import InputSchema
from automl.errors import DataWarning

_PIXEL = 2
"""Shares of white stay below this, and pixels of 8 bits or of 16 levels go beyond it."""


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


def warn_of_range(X: Array, inputs: InputSchema) -> None:
    """Give a `DataWarning` for pixels from 0 to 1 where those of training went to 255, and back.

    Parameters
    ----------
    X : array of shape (rows, ...)
        Images.
    inputs : InputSchema
    """
    if not X.size:
        return
    low, high = float(X.min()), float(X.max())
    is_share, was_share = 0 <= low < high <= 1, inputs.high <= 1
    if (is_share and X.dtype.kind == "f" and inputs.high > _PIXEL) or (was_share and high > _PIXEL):
        warnings.warn(
            f"the images have values from {low:g} to {high:g}, where those of training go from"
            f" {inputs.low:g} to {inputs.high:g}: bring them to the same scale",
            DataWarning,
            stacklevel=5,
        )
