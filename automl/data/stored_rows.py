"""`StoredRows`: rows of a file that is larger than memory may hold, read when they are needed.

A split is a choice of rows of one file, so that no split, fold or variant copies any. The file is
mapped; what was read is given back after every `KEPT_BYTES`, so that a process that goes through
all rows does not seem to hold all of them.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from copy import copy
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from automl.arrays import Array

KEPT_BYTES = 2**26
"""Bytes that are read before their pages are given back; the system keeps them as long as it has
room."""

BLOCK_BYTES = 2**24
"""Bytes of rows that are looked at at once where all are: 200 pictures of 160 pixels in colour."""


class StoredRows:
    """Rows of a mapped file, by their numbers.

    Indexing with a slice or an array of numbers reads rows, and `take` only chooses them.

    Parameters
    ----------
    path : Path
        Rows of one shape, one after the other, and nothing else.
    dtype : dtype
    shape : tuple of int
        Shape of a row.
    order : int64 array of shape (rows,)
        Which rows of the file these are.

    Attributes
    ----------
    shape : tuple of int
        Number of rows, and the shape of one.
    """

    def __init__(self, path: Path, dtype: DTypeLike, shape: tuple[int, ...], order: Array) -> None:
        self.path, self.order = path, order
        self.dtype: np.dtype[Any] = np.dtype(dtype)
        self.shape = (len(order), *shape)
        with path.open("rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._file = np.frombuffer(self._map, self.dtype).reshape(-1, *shape)
        self._read = 0

    def __len__(self) -> int:
        return len(self.order)

    @property
    def ndim(self) -> int:
        """Dimensions, with that of the rows."""
        return len(self.shape)

    @property
    def row_bytes(self) -> int:
        """Bytes of a row."""
        return int(np.prod(self.shape[1:])) * self.dtype.itemsize

    @property
    def nbytes(self) -> int:
        """Bytes of all rows."""
        return len(self) * self.row_bytes

    def __getitem__(self, rows: Any) -> Array:
        found: Array = np.take(self._file, self.order[rows], axis=0)
        self._read += found.nbytes
        if self._read > KEPT_BYTES and hasattr(self._map, "madvise"):
            self._map.madvise(mmap.MADV_DONTNEED)
            self._read = 0
        return found

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        found = self[:]
        return found if dtype is None else found.astype(dtype)

    def take(self, rows: Any) -> StoredRows:
        """Return some of the rows, unread."""
        return self._with(self.order[rows])

    def join(self, other: StoredRows) -> StoredRows:
        """Return these rows and others of the same file, unread."""
        if self.path != other.path:
            raise ValueError("rows of two files cannot be joined")
        return self._with(np.concatenate([self.order, other.order]))

    def _with(self, order: Array) -> StoredRows:
        found = copy(self)  # of the same map, which stays when the file's name is gone
        found.order, found.shape = order, (len(order), *self.shape[1:])
        found.__dict__.pop("limits", None)
        return found

    @cached_property
    def limits(self) -> tuple[Any, Any]:
        """The least and the greatest value."""
        found = [(block.min(), block.max()) for block in blocks(self)]
        return min(low for low, _ in found), max(high for _, high in found)


AnyRows = Array | StoredRows
"""Rows in memory, or in a file."""


def take(X: AnyRows, rows: Any) -> AnyRows:
    """Return some of the rows, as an array or a mask of them says; of a file, unread."""
    return X.take(rows) if isinstance(X, StoredRows) else np.asarray(X[rows])


def join(first: AnyRows, second: AnyRows) -> AnyRows:
    """Return the rows of both, one after the other; those of one file stay there."""
    if isinstance(first, StoredRows) and isinstance(second, StoredRows):
        return first.join(second)
    return np.concatenate([np.asarray(first), np.asarray(second)])


def blocks(X: AnyRows) -> Iterator[Array]:
    """Yield all rows: those in memory at once, those of a file a block at a time."""
    if not isinstance(X, StoredRows):
        yield X
        return
    size = max(1, BLOCK_BYTES // X.row_bytes)
    for i in range(0, len(X), size):
        yield X[i : i + size]


def limits(X: AnyRows) -> tuple[Any, Any]:
    """Return the least and the greatest value."""
    return X.limits if isinstance(X, StoredRows) else (X.min(), X.max())
