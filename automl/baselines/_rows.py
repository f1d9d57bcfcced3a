"""Rows as a baseline reads them: in memory, as flat numbers.

Of pictures that lie in a file, as those of a large folder do, an SVM would want all rows three
times in double precision, which are 90 GB for 50,000 of 160 pixels. They are shrunk by means of
squares, and it is fitted on as many as fit; its kept model begins with the same means.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from automl.arrays import Array
from automl.baselines._subsample import subsample
from automl.bundle.chain import Chain, Layer
from automl.data.preprocess.prepared import PreparedData
from automl.data.preprocess.standardise import Preprocessing
from automl.data.stored_rows import AnyRows, StoredRows, join
from automl.task import Inputs

MOST_FEATURES = 8192
"""Numbers of a shrunk picture: 52 x 52 in colour. 160 x 160 become 40 x 40."""

MOST_NUMBERS = 25_000_000
"""Numbers of all rows of a fit: 100 MB, and four times as much in double precision, which PCA
centres in a copy. 5,208 pictures of 40 x 40 in colour."""

BLOCK_NUMBERS = 2**23
"""Numbers that are shrunk, or predicted, at once."""


@dataclass(frozen=True, slots=True)
class RowReader:
    """Reads rows of prepared data.

    Attributes
    ----------
    data : PreparedData
    factor : int
        Side of the squares of pixels whose means are read; 1 where rows are read as they are.
    inputs : Inputs
        What is read.
    """

    data: PreparedData
    factor: int
    inputs: Inputs

    @classmethod
    def of(cls, data: PreparedData) -> RowReader:
        """Return the reader of these rows."""
        inputs = data.preprocessing.inputs
        if not isinstance(data.train_X, StoredRows):
            return cls(data, 1, inputs)
        channels, height, width = inputs.shape
        factor = 1
        while channels * (height // factor) * (width // factor) > MOST_FEATURES:
            factor += 1
        return cls(
            data, factor, replace(inputs, shape=(channels, height // factor, width // factor))
        )

    @property
    def row_limit(self) -> int | None:
        """Rows that a fit may have; None where all are in memory anyway."""
        is_stored = isinstance(self.data.train_X, StoredRows)
        return MOST_NUMBERS // self.inputs.n_features if is_stored else None

    def training_rows(
        self, size: int | None, limit: int | None, seed: int, *, whole: bool
    ) -> tuple[Array, Array, int]:
        """Return rows to fit.

        Parameters
        ----------
        size : int or None
            How many rows are asked for; None for all.
        limit : int or None
            How many an estimator can take at the most.
        seed : int
        whole : bool
            Whether the validation rows belong to them.

        Returns
        -------
        X : float32 array of shape (rows, inputs.n_features)
        y : array
            Their targets.
        n_rows : int
            How many there would be without a limit.
        """
        data = self.data
        X, y, stratify = data.train_X, data.train_y, data.task.is_classification
        if whole:
            X, y = join(X, data.valid_X), np.concatenate([y, data.valid_y])
        chosen = subsample(y, size, stratify, seed)
        limits = [most for most in (limit, self.row_limit) if most is not None]
        kept = chosen[subsample(y[chosen], min(limits, default=None), stratify, seed)]
        return self.read(X, None if len(kept) == len(y) else kept), y[kept], len(chosen)

    def read(self, X: AnyRows, rows: Array | None = None) -> Array:
        """Return flat rows, all of them or these."""
        if not isinstance(X, StoredRows):
            flat = X.reshape(len(X), -1)
            return flat if rows is None else np.asarray(flat[rows])
        preprocessing = self.data.preprocessing
        assert isinstance(preprocessing, Preprocessing)  # tables are in memory
        some = X if rows is None else X.take(rows)
        found = np.empty((len(some), self.inputs.n_features), np.float32)
        size = max(1, BLOCK_NUMBERS // preprocessing.inputs.n_features)
        for i in range(0, len(some), size):
            found[i : i + size] = self._shrink(preprocessing.transform(some[i : i + size]))
        return found

    def _shrink(self, images: Array) -> Array:
        channels, height, width = self.inputs.shape
        f = self.factor
        parts = images[:, :, : height * f, : width * f].reshape(-1, channels, height, f, width, f)
        return np.asarray(parts.mean((3, 5)).reshape(len(images), -1))

    def chain(self, chain: Chain) -> Chain:
        """Return a chain for whole rows, given that for those that are read."""
        if self.factor == 1:
            return chain
        shape = list(self.data.preprocessing.inputs.shape)
        return Chain((Layer("shrink", {}, {"shape": shape, "factor": self.factor}), *chain.layers))

    def describe(self, n_rows: int) -> str:
        """Say how the rows of a fit differ from those that there are; begins with a comma."""
        parts = []
        if self.factor > 1:
            parts.append(f", pictures shrunk to {self.inputs.shape[2]} x {self.inputs.shape[1]}")
        if self.row_limit is not None and n_rows > self.row_limit:
            parts.append(f", fitted on {self.row_limit:,} of {n_rows:,} rows, to spare memory")
        return "".join(parts)


def in_parts(predict: Callable[[Array], Array], X: Array) -> Array:
    """Return what an estimator predicts for all rows, some at a time where they are many."""
    parts = np.array_split(X, max(1, -(-X.size // MOST_NUMBERS)))
    return np.concatenate([np.asarray(predict(part)) for part in parts])
