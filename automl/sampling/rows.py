"""Parameters of trials as rows of numbers between 0 and 1, which a model can learn from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from automl.arrays import Array

Matrix = NDArray[np.float32]
"""Rows of parameters: single precision, as scikit-learn's trees have it."""


class Rows:
    """Encode, draw and mutate the parameters of one space.

    A range is one column, on a logarithmic scale where the space has one; so is a choice of
    numbers, in their order. Any other choice has a column for each of its values, of which one
    holds 1.

    Parameters
    ----------
    space : mapping of str to BaseDistribution
    """

    def __init__(self, space: Mapping[str, BaseDistribution]) -> None:
        self.space = dict(space)
        self._columns: dict[str, _Scale | _Choices] = {}
        self.width = 0
        for name, distribution in space.items():
            kind = _Choices if _is_unordered(distribution) else _Scale
            self._columns[name] = column = kind(distribution, self.width)
            self.width += column.width

    def encode(self, params: Mapping[str, Any]) -> Matrix:
        """Return the row of a trial, of shape (width,)."""
        row = np.zeros((1, self.width), np.float32)
        for name, column in self._columns.items():
            column.put(row, slice(0, 1), np.array([column.place(params[name])]))
        single: Matrix = row[0]
        return single

    def decode(self, row: Matrix) -> dict[str, Any]:
        """Return the parameters that a row stands for."""
        return {name: column.value(row) for name, column in self._columns.items()}

    def draw(self, rng: np.random.Generator, count: int) -> Matrix:
        """Return so many rows at random."""
        rows = np.zeros((count, self.width), np.float32)
        for column in self._columns.values():
            column.put(rows, slice(None), column.draw(rng, count))
        return rows

    def mutate(self, rng: np.random.Generator, parents: Matrix, most: float) -> Matrix:
        """Return a changed copy of each row.

        Of a row one parameter or more change, up to about 60 % of them: a number by a normal step.

        Parameters
        ----------
        rng : Generator
        parents : Matrix
        most : float
            The largest standard deviation of a step; a row's own lies between a tenth of it and
            all of it, evenly on a logarithmic scale.
        """
        rows, count, names = parents.copy(), len(parents), len(self._columns)
        share = rng.uniform(0.0, 0.6, (count, 1))
        changes = rng.random((count, names)) < share
        changes[np.arange(count), rng.integers(names, size=count)] = True
        steps = most * np.exp(rng.uniform(math.log(0.1), 0.0, count))
        for column, changed in zip(self._columns.values(), changes.T, strict=True):
            which = np.flatnonzero(changed)
            column.put(rows, which, column.near(rng, rows[which], steps[which]))
        return rows


def _is_unordered(distribution: BaseDistribution) -> bool:
    return isinstance(distribution, CategoricalDistribution) and not all(
        type(choice) in (int, float) for choice in distribution.choices
    )


class _Scale:
    """One column for a number: its place between the least and the greatest."""

    width = 1

    def __init__(self, distribution: BaseDistribution, at: int) -> None:
        self._at = at
        self._choices: list[Any] | None = None
        self._whole = True
        self._step: float | None = None
        self._log = False
        if isinstance(distribution, CategoricalDistribution):
            self._choices = sorted(distribution.choices)
            low, high = 0.0, float(len(self._choices) - 1)
        else:
            assert isinstance(distribution, IntDistribution | FloatDistribution)
            low, high = float(distribution.low), float(distribution.high)
            self._whole = isinstance(distribution, IntDistribution)
            self._step = distribution.step
            self._log = distribution.log
        self._low, self._high = low, high
        # A whole number has as much room as the others: also the first and the last.
        room = 0.5 if self._whole else 0.0
        self._from, self._to = self._scaled(low - room), self._scaled(high + room)

    def _scaled(self, value: float) -> float:
        return math.log(value) if self._log else value

    def place(self, value: Any) -> float:
        number = self._choices.index(value) if self._choices is not None else float(value)
        extent = self._to - self._from
        return (self._scaled(number) - self._from) / extent if extent else 0.5

    def value(self, row: Matrix) -> Any:
        scaled = self._from + float(row[self._at]) * (self._to - self._from)
        number = math.exp(scaled) if self._log else scaled
        if self._step is not None and not self._log:
            number = self._low + round((number - self._low) / self._step) * self._step
        number = min(max(number, self._low), self._high)
        if self._choices is not None:
            return self._choices[round(number)]
        return round(number) if self._whole else number

    def draw(self, rng: np.random.Generator, count: int) -> NDArray[np.float64]:
        return rng.random(count)

    def near(
        self, rng: np.random.Generator, rows: Matrix, steps: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        return np.clip(rows[:, self._at] + steps * rng.normal(size=len(rows)), 0.0, 1.0)

    def put(self, rows: Matrix, which: Any, places: Array) -> None:
        rows[which, self._at] = places


class _Choices:
    """A column for each value of a choice."""

    def __init__(self, distribution: BaseDistribution, at: int) -> None:
        assert isinstance(distribution, CategoricalDistribution)
        self._distribution = distribution
        self.width = len(distribution.choices)
        self._columns = slice(at, at + self.width)

    def place(self, value: Any) -> float:
        return self._distribution.to_internal_repr(value)

    def value(self, row: Matrix) -> Any:
        return self._distribution.choices[int(row[self._columns].argmax())]

    def draw(self, rng: np.random.Generator, count: int) -> NDArray[np.int64]:
        return rng.integers(self.width, size=count)

    def near(
        self, rng: np.random.Generator, rows: Matrix, steps: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        return self.draw(rng, len(rows))

    def put(self, rows: Matrix, which: Any, places: Array) -> None:
        rows[which, self._columns] = np.eye(self.width, dtype=np.float32)[places.astype(int)]
