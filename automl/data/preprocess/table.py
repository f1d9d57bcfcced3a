"""`TablePreprocessing`: the columns of a table as numbers that a network can use.

Everything is fitted on training rows, and is plain numbers that a bundle can store:

==========  ====================================================================================
number      mean 0 and deviation 1, with or without pieces beside it, or normal scores of ranks,
            or as it is
boolean     0 or 1
date        seconds, standardised, and where it stands in the year, the week and the day
category    one-hot, or a code from 1 for an embedding
==========  ====================================================================================

A missing number, boolean or date becomes the median, with an indicator where training rows missed
it too. A missing category and one that no training row has are alike: all zeros, or code 0. A
column that says nothing in the training rows, because it is constant or empty, is dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.arrays import Array
from automl.data.preprocess.standardise import PreprocessingSettings, check_shape
from automl.data.preprocess.table_fit import TableFit, fit_table
from automl.data.schema import Column
from automl.errors import DataError
from automl.task import Inputs

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

BLOCK_ROWS = 1 << 14
"""Rows at a time, so that memory for float64 stays small."""


@dataclass(frozen=True, slots=True, eq=False)
class TablePreprocessing:
    """What becomes of each column. The numbers come out in the order of the attributes.

    Attributes
    ----------
    fills : float64 array of shape (columns,)
        What stands for a missing value; 0 for a category.
    scaled : int64 array
        Columns that become ``(x - means) / scales``.
    means, scales : float64 array, as long as `scaled`
    ranked : tuple of (int, float64 array, float64 array)
        Columns that become normal scores: values in ascending order, and the score of each. A
        value between two gets a score between theirs; one beyond them, that of the last.
    pieces : int64 array
        Columns that become 0 up to `lows`, 1 from `highs` on, and rise in a line between.
    lows, highs : float64 array, as long as `pieces`
    cyclic : int64 array
        Dates that become the sine and the cosine of their phase in a period; all sines first.
    periods : float64 array, as long as `cyclic`
        Length of each period in seconds.
    missing : int64 array
        Columns with an indicator.
    one_hot : int64 array
        Columns that are 1 where they hold the category of `places`.
    places : int64 array, as long as `one_hot`
    embedded : tuple of (int, int64 array)
        Columns that become codes, last of all: the code of each category, and a last one of 0.
    """

    fills: Floats
    scaled: Places
    means: Floats
    scales: Floats
    ranked: tuple[tuple[int, Floats, Floats], ...]
    pieces: Places
    lows: Floats
    highs: Floats
    cyclic: Places
    periods: Floats
    missing: Places
    one_hot: Places
    places: Places
    embedded: tuple[tuple[int, Places], ...]

    @classmethod
    def fit(
        cls,
        X: Array,
        columns: tuple[Column, ...],
        settings: PreprocessingSettings,
        *,
        one_hot_only: bool = False,
    ) -> TablePreprocessing:
        """Look at training rows.

        Parameters
        ----------
        X : array of shape (rows, columns)
            As `Column` says.
        columns : tuple of Column
        settings : PreprocessingSettings
        one_hot_only : bool
            Whether categories are one-hot however many there are.

        Raises
        ------
        DataError
            When no column says anything.
        """
        fit = fit_table(X, columns, settings, one_hot_only=one_hot_only)
        found = cls.from_fit(fit)
        if not found.inputs.n_features:
            raise DataError(
                "a table must have a column that varies, but in the training rows every column is"
                " constant or empty"
            )
        return found

    @classmethod
    def from_fit(cls, fit: TableFit) -> TablePreprocessing:
        """Make it of what was fitted, with lists as arrays."""
        return cls.from_json(fit.to_json())

    @property
    def mean(self) -> Floats:
        """The means of the columns in `scaled`, as `Preprocessing` has them of all."""
        return self.means

    @property
    def scale(self) -> Floats:
        """The deviations of the columns in `scaled`, as `Preprocessing` has them of all."""
        return self.scales

    @property
    def raw_shape(self) -> tuple[int, ...]:
        """Shape of one row as it comes in."""
        return self.fills.shape

    @property
    def inputs(self) -> Inputs:
        """What comes out."""
        plain = len(self.scaled) + len(self.ranked) + len(self.pieces)
        numbers = (plain, 2 * len(self.cyclic), len(self.missing))
        sizes = tuple(int(codes.max()) + 1 for _, codes in self.embedded)
        width = sum(numbers) + len(self.one_hot) + len(sizes)
        return Inputs("vector", (width,), sizes)

    def transform(self, X: Array) -> Array:
        """Raw rows to float32 rows of shape ``inputs.shape``.

        Raises
        ------
        DataError
            When the rows do not have the columns that were fitted, or hold infinity or a value
            too large for float32 once it is standardised.
        """
        X = np.asarray(X)
        self.check(X)
        if np.isinf(X).any():
            raise DataError("every value must be finite or missing, but the rows hold infinity")
        out = np.empty((len(X), *self.inputs.shape), np.float32)
        for start in range(0, len(X), BLOCK_ROWS):
            block = slice(start, start + BLOCK_ROWS)
            with np.errstate(over="ignore", invalid="ignore"):
                self._write(X[block].astype(np.float64), out[block])
        if not np.isfinite(out).all():
            raise DataError(
                "every value must be near those of the training rows, but the rows hold one beyond"
                " float32"
            )
        return out

    def _write(self, X: Floats, out: Array) -> None:
        is_missing = np.isnan(X)
        filled = np.where(is_missing, self.fills, X)
        angles = phases(filled[:, self.cyclic], self.periods)
        parts = [
            (filled[:, self.scaled] - self.means) / self.scales,
            *(np.interp(filled[:, i], x, z)[:, None] for i, x, z in self.ranked),
            shares(filled[:, self.pieces], self.lows, self.highs),
            np.sin(angles),
            np.cos(angles),
            is_missing[:, self.missing],
            X[:, self.one_hot] == self.places,
            *(_codes(X[:, i], codes)[:, None] for i, codes in self.embedded),
        ]
        end = 0
        for part in parts:
            start, end = end, end + part.shape[1]
            out[:, start:end] = part

    def check(self, X: Array) -> None:
        """Refuse rows with another number of columns; see `transform`."""
        check_shape(X, self.raw_shape)

    def to_json(self) -> dict[str, Any]:
        """Plain types for JSON."""
        plain: dict[str, Any] = {"kind": "table"}
        for name in _ARRAYS:
            plain[name] = getattr(self, name).tolist()
        plain["ranked"] = [[i, x.tolist(), z.tolist()] for i, x, z in self.ranked]
        plain["embedded"] = [[i, codes.tolist()] for i, codes in self.embedded]
        return plain

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> TablePreprocessing:
        """Read what `to_json` wrote."""
        # Bundles of before there were pieces do not name them.
        arrays = {name: np.asarray(values.get(name, ()), dtype) for name, dtype in _ARRAYS.items()}
        ranked = tuple(
            (i, np.asarray(x, np.float64), np.asarray(z, np.float64))
            for i, x, z in values["ranked"]
        )
        embedded = tuple((i, np.asarray(codes, np.int64)) for i, codes in values["embedded"])
        return cls(**arrays, ranked=ranked, embedded=embedded)


_ARRAYS: dict[str, Any] = {
    "fills": np.float64,
    "scaled": np.int64,
    "means": np.float64,
    "scales": np.float64,
    "pieces": np.int64,
    "lows": np.float64,
    "highs": np.float64,
    "cyclic": np.int64,
    "periods": np.float64,
    "missing": np.int64,
    "one_hot": np.int64,
    "places": np.int64,
}


def shares(x: Floats, lows: Floats, highs: Floats) -> Floats:
    """Return how far each number is into its piece: 0 before it, 1 behind it."""
    # Halves first: the distance between two numbers of float64 may be infinite.
    return np.clip((x / 2.0 - lows / 2.0) / (highs / 2.0 - lows / 2.0), 0.0, 1.0)


def phases(seconds: Floats, periods: Floats) -> NDArray[np.float32]:
    """Angles from 0 to 2 pi: how much of its period each date has behind it."""
    turns = seconds / periods
    return (2.0 * np.pi * (turns - np.floor(turns))).astype(np.float32)


def _codes(places: Floats, codes: Places) -> Places:
    """Return the code of every place; 0 for a missing value and for what is no place."""
    last = len(codes) - 1
    is_place = (places >= 0) & (places < last) & (places == np.floor(places))
    return codes[np.where(is_place, places, last).astype(np.int64)]
