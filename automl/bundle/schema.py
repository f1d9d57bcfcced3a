"""`InputSchema`: what a raw row looks like, for whoever brings rows of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.task import InputKind

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class InputSchema:
    """Raw rows as the training split has them.

    Attributes
    ----------
    kind : {"vector", "image", "sequence"}
    shape : tuple of int
        Of one row.
    dtype : str
        NumPy's name, such as ``"uint8"``.
    low, high : float
        Smallest and largest training value: whether pixels go to 1, 16 or 255.
    """

    kind: InputKind
    shape: tuple[int, ...]
    dtype: str
    low: float
    high: float

    @classmethod
    def measure(cls, X: Array, kind: InputKind) -> InputSchema:
        """Look at the training rows.

        Parameters
        ----------
        X : array of shape (rows, ...)
        kind : {"vector", "image", "sequence"}
        """
        return cls(kind, tuple(X.shape[1:]), X.dtype.name, float(X.min()), float(X.max()))

    @property
    def is_small(self) -> bool:
        """Whether values are whole numbers that float32 holds exactly, as pixels are."""
        dtype = np.dtype(self.dtype)
        return dtype.kind in "bui" and dtype.itemsize <= 2

    def to_json(self) -> dict[str, Any]:
        """Plain types for JSON."""
        return {
            "kind": self.kind,
            "shape": list(self.shape),
            "dtype": self.dtype,
            "low": self.low,
            "high": self.high,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> InputSchema:
        """The inverse of `to_json`."""
        shape = tuple(int(side) for side in values["shape"])
        low, high = float(values["low"]), float(values["high"])
        return cls(values["kind"], shape, np.dtype(values["dtype"]).name, low, high)
