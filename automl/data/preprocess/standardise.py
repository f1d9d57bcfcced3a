"""Preprocessing: fitted on training rows only, plain numbers that a bundle can store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from automl.arrays import Array
from automl.data.sequences import find_lengths
from automl.data.stored_rows import AnyRows, StoredRows
from automl.errors import DataError
from automl.settings import option
from automl.task import CENTRES, InputKind, Inputs, Window

FLOAT32_LOSS = 1e-5
"""What a value may lose when it is passed as float32, in standardised units. More is lost of a
column like 1.6e9 +- 100 (a time in seconds)."""

FLOAT32_RANGE = 1e30
"""Values of this size, or of one divided by it, may be beyond float32."""


MEASURED_BYTES = 2**25
"""Bytes of rows of a file by which they are standardised: of 400 pictures of 160 pixels, ten
million pixels a channel."""


def fits_float32(mean: ArrayLike, scale: ArrayLike) -> bool:
    """Return whether float32 holds values with these means and deviations well enough."""
    centre, spread = np.abs(np.asarray(mean)), np.asarray(scale)
    # float32 keeps 24 bits, so a value near the mean is off by up to 2^-24 of it.
    loss = float((centre / spread).max()) * 2.0**-24
    largest, smallest = float(max(centre.max(), spread.max())), float(spread.min())
    return loss <= FLOAT32_LOSS and largest < FLOAT32_RANGE and smallest > 1 / FLOAT32_RANGE


@dataclass(frozen=True, slots=True)
class PreprocessingSettings:
    """What the ``preprocessing`` section of a space may name.

    Attributes
    ----------
    numeric : {"standard", "piecewise", "quantile", "none"}
        What numbers become: mean 0 and standard deviation 1; or the same and, beside it, how far
        they are into each of the pieces between their quantiles; or the normal scores of their
        ranks; or they stay as they are. Images are standardised a channel at a time, or stay as
        they are.
    embed_above : int
        A column with more categories than this gets a learned embedding; one with as many or
        fewer is one-hot.
    centre : {"last", "mean", "season"}
        What the window of a forecast and the outputs are relative to: its last value, its mean, or
        the last season before each step. They are divided by its standard deviation.
    lookback : float
        Share of the window of a forecast that is read: its last steps.
    """

    numeric: str = option("standard", choices=("standard", "piecewise", "quantile", "none"))
    embed_above: int = option(20, low=1, high=1000)
    centre: str = option("last", choices=CENTRES)
    lookback: float = option(1.0, low=0.0, high=1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Preprocessing:
    """Standardisation: ``(x - mean) / scale``, a column at a time, or a channel at a time.

    Of sequences, a feature at a time over all steps; those of bytes, as pixels are, all features
    together. What lies behind the end of a sequence counts for nothing, and becomes 0.

    Attributes
    ----------
    inputs : Inputs
        What comes out.
    raw_shape : tuple of int
        Shape of one row as it comes in; an image may come without its channel dimension.
    mean, scale : float64 array
        Shape ``(features,)`` for vectors, ``(channels, 1, 1)`` for images, and ``(1, features)``
        or ``(1, 1)`` for sequences. A constant column has scale 1, so it becomes 0.
    """

    inputs: Inputs
    raw_shape: tuple[int, ...]
    mean: Array
    scale: Array

    @classmethod
    def fit(cls, X: AnyRows, kind: InputKind, *, masked: bool = False) -> Preprocessing:
        """Measure mean and standard deviation on training rows.

        Parameters
        ----------
        X : array
            Raw rows of shape (rows, features), (rows, height, width), (rows, channels, height,
            width), or (rows, steps, features). Of those in a file, some are looked at.
        kind : {"vector", "image", "sequence"}
        masked : bool
            Whether sequences may end early, with NaN from there on.
        """
        if isinstance(X, StoredRows):
            X = X[:: max(1, X.nbytes // MEASURED_BYTES)]
        raw_shape = tuple(X.shape[1:])
        shape = (1, *raw_shape) if kind == "image" and len(raw_shape) == 2 else raw_shape
        axes = _AXES[kind]
        if kind == "sequence" and X.dtype == np.uint8:
            axes = (0, 1, 2)
        rows = X.reshape(len(X), *shape)
        mean = _over(rows, "mean", axes, masked, dtype=np.float64)
        scale = _over(rows, "std", axes, masked, dtype=np.float64)
        # Rounding gives a constant column of 0.1 a deviation of 1e-17, so deviation 0 is no test.
        first = _over(rows, "min", axes, masked).astype(np.float64)
        constant = first == _over(rows, "max", axes, masked)
        mean = np.where(constant, first, mean)
        scale = np.where(constant | (scale == 0), 1.0, scale)
        if masked:
            shape = (*shape[:-1], shape[-1] + 1)
        return cls(Inputs(kind, shape, masked=masked), raw_shape, mean, scale)

    def without_scaling(self) -> Preprocessing:
        """Return the same, but for numbers that stay as they are."""
        return replace(self, mean=np.zeros_like(self.mean), scale=np.ones_like(self.scale))

    def of_window(self, window: Window) -> Preprocessing:
        """Return the same for windows, whose first feature a network scales row by row."""
        mean, scale = self.mean.copy(), self.scale.copy()
        mean[0, 0], scale[0, 0] = 0.0, 1.0
        return replace(self, inputs=replace(self.inputs, window=window), mean=mean, scale=scale)

    def transform(self, X: Array) -> Array:
        """Raw rows to float32 rows of shape ``inputs.shape``.

        Raises
        ------
        DataError
            When the rows do not have the shape that was fitted, or hold NaN, infinity or a value
            too large for float32 once it is standardised.
        """
        X = np.asarray(X)
        self.check(X)
        # float32 keeps nothing of a column like 1.6e9 +- 100 (a time in seconds), so the mean is
        # taken off in float64. Bytes fit either way, and images are what memory is short for.
        small = X.dtype.kind in "bui" and X.dtype.itemsize <= 2
        dtype = np.float32 if small else np.float64
        rows: Array = X.reshape(len(X), *self.plain_shape).astype(dtype)
        with np.errstate(over="ignore"):
            rows -= self.mean.astype(dtype)
            rows /= self.scale.astype(dtype)
            rows = rows.astype(np.float32, copy=False)
        if self.inputs.masked:
            rows = _masked(rows, X)
        if not small and not np.isfinite(rows).all():
            first = np.argwhere(~np.isfinite(rows))[0].tolist()
            value = X.reshape(len(X), *self.plain_shape)[tuple(first[: X.ndim])]
            raise DataError(
                "every value must be finite and near those of the training rows, which had none"
                f" missing, but row {first[0] + 1} has {value}"
            )
        return rows

    @property
    def plain_shape(self) -> tuple[int, ...]:
        """Shape of a row that comes out, without the mask."""
        return self.raw_shape if self.inputs.masked else self.inputs.shape

    def check(self, X: Array) -> None:
        """Refuse rows of another shape than was fitted; see `transform`."""
        check_shape(X, self.raw_shape, self.plain_shape)

    def to_json(self) -> dict[str, Any]:
        """Plain types for JSON."""
        plain = {
            "kind": self.inputs.kind,
            "shape": list(self.inputs.shape),
            "raw_shape": list(self.raw_shape),
            "mean": self.mean.tolist(),
            "scale": self.scale.tolist(),
        }
        if self.inputs.window is not None:
            plain["window"] = asdict(self.inputs.window)
        return {**plain, "masked": True} if self.inputs.masked else plain

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Preprocessing:
        """Read what `to_json` wrote."""
        window = Window(**values["window"]) if "window" in values else None
        masked = values.get("masked") is True
        return cls(
            Inputs(values["kind"], tuple(values["shape"]), masked=masked, window=window),
            tuple(values["raw_shape"]),
            np.asarray(values["mean"], dtype=np.float64),
            np.asarray(values["scale"], dtype=np.float64),
        )


_AXES = {"vector": (0,), "image": (0, 2, 3), "sequence": (0, 1)}
"""What is averaged over; what is left has a mean and a scale each."""


def _over(rows: Array, name: str, axes: tuple[int, ...], masked: bool, **how: Any) -> Array:
    """Call numpy's function of that name, without NaN where there may be some."""
    function = getattr(np, f"nan{name}" if masked else name)
    return np.asarray(function(rows, axis=axes, keepdims=True, **how)[0])


def _masked(rows: Array, X: Array) -> Array:
    """Standardised sequences with zeros behind their ends, and the mask as one more feature."""
    there = np.arange(X.shape[1]) < find_lengths(X)[:, None]
    rows[~there] = 0.0
    return np.concatenate([rows, there[:, :, None].astype(np.float32)], axis=2)


def check_shape(X: Array, *shapes: tuple[int, ...]) -> None:
    """Refuse rows that have none of these shapes; the first is what the message asks for."""
    if X.ndim < 2 or (X.ndim == len(shapes[0]) and X.shape[1:] not in shapes):
        one = "; if that is one row, give [X]" if X.ndim == len(shapes[0]) else ""
        raise DataError(
            f"rows must have the shape {shapes[0]}, but got an array of shape {X.shape}{one}"
        )
    if X.shape[1:] not in shapes:
        raise DataError(f"rows must have the shape {shapes[0]}, but got {tuple(X.shape[1:])}")


@dataclass(frozen=True, slots=True)
class TargetScaling:
    """A regression target as networks like it: mean 0, standard deviation 1.

    Attributes
    ----------
    mean, scale : float, or tuple of float where there are several targets
        Fitted on training rows; 0 and 1 for classification, whose codes pass unchanged.
    """

    mean: float | tuple[float, ...] = 0.0
    scale: float | tuple[float, ...] = 1.0

    @classmethod
    def fit(cls, y: Array) -> TargetScaling:
        """Measure on training targets of shape ``(rows,)`` or ``(rows, targets)``.

        A constant target keeps scale 1.
        """
        if y.ndim == 1:
            return cls(*_mean_and_deviation(y))
        means, scales = zip(*map(_mean_and_deviation, y.T), strict=True)
        return cls(means, scales)

    def to_json(self) -> list[Any]:
        """Mean and scale: two numbers, or two lists of them."""
        return [
            list(value) if isinstance(value, tuple) else value for value in (self.mean, self.scale)
        ]

    @classmethod
    def from_json(cls, values: Sequence[Any]) -> TargetScaling:
        """Read what `to_json` wrote."""
        mean, scale = (
            tuple(map(float, value)) if isinstance(value, list) else float(value)
            for value in values
        )
        return cls(mean, scale)

    @property
    def fits_float32(self) -> bool:
        """Whether float32 tells the numbers of the target apart."""
        return fits_float32(self.mean, self.scale)

    def transform(self, y: Array) -> Array:
        """Own units to the network's."""
        return ((y.astype(np.float64) - self.mean) / self.scale).astype(np.float32)

    def inverse(self, y: Array) -> Array:
        """Turn the network's units into the target's own."""
        return np.asarray(y * np.asarray(self.scale) + self.mean)


def _mean_and_deviation(y: Array) -> tuple[float, float]:
    low, high = float(y.min()), float(y.max())
    if low == high:  # its deviation need not round to 0
        return low, 1.0
    return float(y.mean(dtype=np.float64)), float(y.std(dtype=np.float64)) or 1.0
