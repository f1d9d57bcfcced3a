"""Rules for the numbers of a ``model.json`` from anywhere, checked before they are used.

Each function raises BundleError, in one line.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import numpy as np

from automl.arrays import Array
from automl.bundle.inputs.schema import InputSchema
from automl.data.formats.pictures import PictureForm
from automl.data.preprocess.standardise import Preprocessing, TargetScaling
from automl.data.preprocess.table import TablePreprocessing
from automl.data.preprocess.variants import AnyPreprocessing
from automl.data.schema import ColumnKind
from automl.errors import BundleError
from automl.task import CENTRES, Task


def check_target(target: TargetScaling, task: Task) -> None:
    """Check that every target has a mean and a positive scale."""
    mean, scale = (np.atleast_1d(value) for value in (target.mean, target.scale))
    if mean.shape != scale.shape or len(mean) not in (1, task.n_targets):
        raise BundleError(f"there must be a mean and a scale for each of {task.n_targets} targets")
    if not (np.isfinite(mean).all() and np.isfinite(scale).all() and (scale > 0).all()):
        raise BundleError(f"the target's scale must be positive, but got {target.scale}")


def check_inputs(inputs: InputSchema, preprocessing: AnyPreprocessing) -> None:
    """Raw rows are what the preprocessing was fitted on."""
    if inputs.shape != preprocessing.raw_shape:
        raise BundleError(f"input.shape must be {preprocessing.raw_shape}, but got {inputs.shape}")
    if inputs.padded != preprocessing.inputs.masked:
        raise BundleError("input.padded and preprocessing.masked must be the same, but differ")
    if inputs.kind == "sequence":
        _check_sequences(inputs)
    elif inputs.padded or inputs.long is not None:
        raise BundleError(f"input.padded and input.long are for sequences, but not {inputs.kind}")
    if inputs.pictures is not None:
        _check_pictures(inputs, inputs.pictures)
    _check_forecast(inputs, preprocessing)
    if not inputs.columns:
        return
    if not isinstance(preprocessing, TablePreprocessing) or len(inputs.columns) != inputs.shape[0]:
        raise BundleError(
            f"input.columns must be the columns of a table, but there are {len(inputs.columns)}"
            f" for rows of shape {inputs.shape}"
        )
    for column in inputs.columns:
        texts = (column.name, *column.categories)
        if column.kind not in get_args(ColumnKind) or not all(isinstance(t, str) for t in texts):
            raise BundleError(f"input.columns: must have names and kinds, but got {column!r:.100}")
    for i, codes in preprocessing.embedded:
        if len(codes) != len(inputs.columns[i].categories) + 1:
            raise BundleError(f"preprocessing.embedded: column {i} must have a code a category")


def _check_pictures(inputs: InputSchema, form: PictureForm) -> None:
    fits = inputs.kind == "image" and inputs.shape == form.row_shape(*inputs.shape[-2:])
    if not fits or np.dtype(inputs.dtype) != form.dtype:
        raise BundleError(
            f"input.pictures must be as the rows, but have {form.channels} channels of {form.bits}"
            f" bits, and the rows are {inputs.kind} rows, {inputs.dtype} of shape {inputs.shape}"
        )


def _check_forecast(inputs: InputSchema, preprocessing: AnyPreprocessing) -> None:
    form, window = inputs.forecast, preprocessing.inputs.window
    if (form is None) != (window is None):
        raise BundleError("input.forecast and preprocessing.window must both be there, or neither")
    if form is None or window is None:
        return
    if inputs.kind != "sequence" or inputs.shape != (form.lookback, form.n_features):
        raise BundleError(
            f"input.forecast must be of windows of shape {(form.lookback, form.n_features)}, but"
            f" the rows are {inputs.kind} rows of shape {inputs.shape}"
        )
    sides = {"season": window.season, "steps": window.steps}
    for name, value in sides.items():
        if type(value) is not int or not 1 <= value <= form.lookback:
            raise BundleError(
                f"preprocessing.window.{name} must be 1 to {form.lookback}, but got {value!r}"
            )
    if window.centre not in CENTRES:
        raise BundleError(f"preprocessing.window.centre must be one of {', '.join(CENTRES)}")
    step = form.step
    if step.unit not in ("month", "second", "number") or not 0 < step.size < float("inf"):
        raise BundleError(f"input.forecast.step must be of a known unit, but got {step}")


def _check_sequences(inputs: InputSchema) -> None:
    if len(inputs.shape) != 2:
        raise BundleError(f"input.shape of sequences must be two sides, but got {inputs.shape}")
    columns = () if inputs.long is None else inputs.long.columns
    plain = all(isinstance(c.name, str) and c.kind in ("number", "boolean") for c in columns)
    if not plain or (inputs.long is not None and len(columns) != inputs.shape[1]):
        raise BundleError("input.long.columns: must be a number or a boolean for each feature")


def check_preprocessing(p: AnyPreprocessing) -> None:
    """Shapes fit each other, and every number is finite."""
    if isinstance(p, TablePreprocessing):
        _check_table(p)
    else:
        _check_standardisation(p)


def _check_standardisation(p: Preprocessing) -> None:
    shape = p.plain_shape
    if p.inputs.masked and p.inputs.shape != (*shape[:-1], shape[-1] + 1):
        raise BundleError(f"a row of shape {shape} and a mask cannot have shape {p.inputs.shape}")
    for side in (*p.inputs.shape, *p.raw_shape):
        if type(side) is not int or side < 1:
            raise BundleError(f"sides of a row must be positive whole numbers, but got {side!r}")
    if int(np.prod(shape, dtype=object)) != int(np.prod(p.raw_shape, dtype=object)):
        raise BundleError(f"a row of shape {p.raw_shape} cannot become one of shape {shape}")
    if p.mean.shape != p.scale.shape or len(p.mean.shape) > len(shape):
        raise BundleError(f"mean and scale must fit rows of shape {shape}")
    padded = (1,) * (len(shape) - p.mean.ndim) + p.mean.shape
    if any(own not in (1, side) for own, side in zip(padded, shape, strict=True)):
        raise BundleError(
            f"mean and scale must fit rows of shape {shape}, but have the shape {p.mean.shape}"
        )
    if not (np.isfinite(p.mean).all() and np.isfinite(p.scale).all() and (p.scale > 0).all()):
        raise BundleError("mean and scale must be finite, and scale positive")


def _check_table(p: TablePreprocessing) -> None:
    count = len(p.fills) if p.fills.ndim == 1 else 0
    _require(count > 0 and _finite(p.fills), "fills", "must be one finite number a column")
    for name, values in (
        ("scaled", (p.means, p.scales)),
        ("pieces", (p.lows, p.highs)),
        ("cyclic", (p.periods,)),
        ("one_hot", (p.places,)),
        ("missing", ()),
    ):
        columns = getattr(p, name)
        same = all(array.shape == columns.shape and _finite(array) for array in values)
        _require(
            columns.ndim == 1 and same and _are_columns(columns, count),
            name,
            f"must be columns from 0 to {count - 1}, with a finite number for each",
        )
    _require((p.scales > 0).all(), "scales", "must be positive")
    _require((p.highs / 2 > p.lows / 2).all(), "highs", "must be above lows")
    _require((p.periods > 0).all(), "periods", "must be positive")
    _require((p.places >= 0).all(), "places", "must not be negative")
    for i, x, z in p.ranked:
        _require(_are_columns([i], count), "ranked", f"must be columns from 0 to {count - 1}")
        fits = x.ndim == 1 and x.shape == z.shape and len(x) > 1 and _finite(x) and _finite(z)
        ascends = fits and (np.diff(x) > 0).all() and (np.diff(z) >= 0).all()
        _require(ascends, "ranked", f"column {i} must have ascending values with scores")
    for i, codes in p.embedded:
        _require(_are_columns([i], count), "embedded", f"must be columns from 0 to {count - 1}")
        fits = codes.ndim == 1 and len(codes) > 1 and codes[-1] == 0
        in_range = fits and codes.min() >= 0 and codes.max() < len(codes)
        _require(in_range, "embedded", f"column {i} must have codes from 0, and 0 at the end")
    _require(p.inputs.n_features > 0, "columns", "must leave a number to the network")


def _require(holds: bool | np.bool, name: str, rule: str) -> None:
    if not holds:
        raise BundleError(f"preprocessing.{name}: {rule}")


def _finite(values: Array) -> bool:
    return bool(np.isfinite(values).all())


def _are_columns(columns: Sequence[object] | Array, count: int) -> bool:
    return all(
        isinstance(i, int | np.integer) and type(i) is not bool and 0 <= i < count for i in columns
    )
