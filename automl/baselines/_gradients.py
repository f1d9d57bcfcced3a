"""Histograms of gradients (Dalal and Triggs 2005), and the colours of cells."""

from __future__ import annotations

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from automl.arrays import Array

CELLS = 7
"""Cells a side; those of a digit of 28 pixels have 4."""

DIRECTIONS = 9
"""Directions of an edge, from 0 to 180 degrees, as in the original."""

AT_ONCE = 1 << 22
"""Pixels that are in memory at once."""


class WithGradients(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Flat images as means of cells, and as histograms of gradients in them, with equal weight.

    Parameters
    ----------
    shape : tuple of int
        Channels, height and width.
    """

    about = ", on histograms of gradients and means of cells"

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape

    def fit(self, X: Array, y: Array | None = None) -> WithGradients:
        """Measure the norm of either part."""
        self.norms_ = [_norm(part) for part in self._parts(X)]
        return self

    def transform(self, X: Array) -> Array:
        """From flat rows to float32 rows of features."""
        return np.hstack([p / n for p, n in zip(self._parts(X), self.norms_, strict=True)])

    def _parts(self, X: Array) -> tuple[Array, Array]:
        rows = max(1, AT_ONCE // X.shape[1])
        found = [self._some(X[i : i + rows]) for i in range(0, len(X), rows)]
        means, histograms = zip(*found, strict=True)
        return np.concatenate(means), np.concatenate(histograms)

    def _some(self, X: Array) -> tuple[Array, Array]:
        images = X.reshape(len(X), *self.shape).astype(np.float32)
        means = _sums(images) / _sums(np.ones_like(images[:1]))
        # Of each pixel, the channel that changes most.
        down, across = (np.gradient(images, axis=axis) for axis in (2, 3))
        strength = np.hypot(down, across)
        strongest = strength.argmax(1)[:, None]
        down, across, strength = (
            np.take_along_axis(a, strongest, 1)[:, 0] for a in (down, across, strength)
        )
        place = (np.arctan2(down, across) % np.pi) / np.pi * DIRECTIONS
        lower = np.floor(place)
        upper, part = lower + 1, place - lower
        maps = [
            strength * ((lower % DIRECTIONS == i) * (1 - part) + (upper % DIRECTIONS == i) * part)
            for i in range(DIRECTIONS)
        ]
        cells = _sums(np.stack(maps, axis=1))
        return means.reshape(len(X), -1), _in_blocks(cells).astype(np.float32)


def _sums(maps: Array) -> Array:
    """Sum maps ``(rows, channels, height, width)`` over cells."""
    for axis in (2, 3):
        side = maps.shape[axis]
        cells = min(CELLS, side)
        maps = np.add.reduceat(maps, np.arange(cells) * side // cells, axis=axis)
    return maps


def _in_blocks(cells: Array) -> Array:
    """Normalise the histograms of each 2 by 2 cells together, clipped as in the original."""
    height, width = cells.shape[2:]
    if min(height, width) < 2:
        return cells.reshape(len(cells), -1)
    corners = [
        cells[:, :, i : height - 1 + i, j : width - 1 + j] for i in range(2) for j in range(2)
    ]
    blocks = np.concatenate(corners, axis=1)
    for most in (0.2, 1.0):
        norm = np.sqrt(np.square(blocks).sum(1, keepdims=True)) + 1e-6
        blocks = np.minimum(blocks / norm, most)
    return blocks.reshape(len(cells), -1)


def _norm(X: Array) -> float:
    return float(np.sqrt(np.mean(np.einsum("ij,ij->i", X, X, dtype=np.float64)))) or 1.0
