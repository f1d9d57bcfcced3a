"""Features of series for a baseline that knows no order of its columns: random convolutions.

The 84 kernels of MiniRocket (Dempster et al. 2021, arXiv 2012.08791) at dilations of octaves; a
feature is the share of a series' steps at which a convolution is above a bias, a quantile of
training rows. The family `rocket` has the same, in torch, which baselines do without.
"""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from automl.arrays import Array

LENGTH = 9
"""Weights of a kernel: three are 2, six are -1."""

BIASES = 12
"""Biases of each kernel, over all dilations."""

AT_ONCE = 1 << 21
"""Numbers of a convolved map that are in memory at once."""


class WithConvolutions(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Flat rows as they are, and features of the series that they are, with equal weight.

    Either part has a mean squared norm of 1 in the rows that were fitted.

    Parameters
    ----------
    shape : tuple of int
        Steps and features of a row.
    seed : int
    """

    about = ", on the steps and on 84 random convolutions of them"

    def __init__(self, shape: tuple[int, int], seed: int = 0) -> None:
        self.shape = shape
        self.seed = seed

    def fit(self, X: Array, y: Array | None = None) -> WithConvolutions:
        """Draw what each kernel reads, and take biases, means and deviations from rows."""
        steps, size = self.shape
        random = np.random.default_rng(self.seed)
        threes = np.array(list(combinations(range(LENGTH), 3)))
        kernels = np.full((len(threes), LENGTH), -1.0, np.float32)
        np.put_along_axis(kernels, threes, 2.0, axis=1)
        reads = random.random((len(threes), size)) < 0.5
        reads[np.arange(len(threes)), random.integers(size, size=len(threes))] = True
        # A tap is a shift of all features of a step.
        self.weights_ = (kernels[:, :, None] * reads[:, None]).reshape(len(threes), -1)
        octaves = int(math.log2(max(1.0, (steps - 1) / (LENGTH - 1)))) + 1
        self.dilations_ = [2**i for i in range(octaves)]
        some = X[random.permutation(len(X))[:32]]
        levels = np.arange(1, max(1, BIASES // octaves) + 1) * (math.sqrt(5) + 1) / 2 % 1
        self.biases_ = [
            np.quantile(
                self._convolved(some, d).swapaxes(0, 1).reshape(len(threes), -1), levels, 1
            ).T.astype(np.float32)
            for d in self.dilations_
        ]
        found = self._features(X)
        self.mean_, deviation = found.mean(0), found.std(0)
        self.scale_ = np.where(deviation > 1e-6, deviation, np.inf) * math.sqrt(found.shape[1])
        self.norm_ = float(np.sqrt(np.mean(np.einsum("ij,ij->i", X, X, dtype=np.float64)))) or 1.0
        return self

    def transform(self, X: Array) -> Array:
        """From flat rows to float32 rows of more numbers."""
        features = (self._features(X) - self.mean_) / self.scale_
        return np.hstack([X / self.norm_, features]).astype(np.float32)

    def _features(self, X: Array) -> Array:
        rows = max(1, AT_ONCE // (len(self.weights_) * self.shape[0]))
        parts = [self._part(X[i : i + rows]) for i in range(0, len(X), rows)]
        return np.concatenate(parts).astype(np.float64)

    def _part(self, X: Array) -> Array:
        found = []
        for dilation, biases in zip(self.dilations_, self.biases_, strict=True):
            out = self._convolved(X, dilation)
            found += [(out > bias[:, None]).mean(2) for bias in biases.T]
        return np.hstack(found)

    def _convolved(self, X: Array, dilation: int) -> Array:
        """From flat rows to ``(rows, kernels, steps)``, as if 0 stood beyond the ends."""
        steps, size = self.shape
        series = X.reshape(len(X), steps, size).swapaxes(1, 2)
        reach = LENGTH // 2 * dilation
        padded = np.pad(series, ((0, 0), (0, 0), (reach, reach)))
        starts = range(0, 2 * reach + 1, dilation)
        taps = np.concatenate([padded[:, :, i : i + steps] for i in starts], axis=1)
        return np.asarray(np.matmul(self.weights_, taps))
