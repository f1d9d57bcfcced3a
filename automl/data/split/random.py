"""Splits rows into parts: seeded, the same on every machine, and stratified for classes.

Written in numpy because importing ``sklearn.model_selection`` for its ``train_test_split``
takes 1.2 to 1.6 s here (``python -X importtime``, three runs), more than loading MNIST.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from automl.arrays import Array
from automl.errors import DataError

Rows = NDArray[np.int64]


def split_rows(
    y: Array, fractions: Sequence[float], *, seed: int, stratify: bool
) -> tuple[Rows, ...]:
    """Row numbers of each part, in shuffled order; together they are all rows, each once.

    Parameters
    ----------
    y : array of shape (rows,) or (rows, targets)
        Only its length counts unless `stratify`.
    fractions : sequence of float
        Share of each part; they sum to 1. The first part is the training part: it takes what
        rounding leaves.
    seed : int
    stratify : bool
        Whether each part holds the classes of `y` in the proportions of the whole, as closely as
        whole rows allow. Every class then keeps a row in the first part where there are enough.

    Raises
    ------
    DataError
        When there are fewer rows than parts, or `stratify` and only one class.
    """
    sizes = _sizes(len(y), fractions)
    # RandomState, because numpy promises that its numbers never change (NEP 19); the newer
    # Generator may change with a release, and every published score with it.
    order = np.random.RandomState(seed).permutation(len(y)).astype(np.int64)
    if not stratify:
        return tuple(np.split(order, np.cumsum(sizes)[:-1]))
    _, codes, counts = np.unique(y, return_inverse=True, return_counts=True)
    if len(counts) < 2:
        raise DataError("classification needs at least 2 classes, but every row has the same one")
    shares = _shares(counts, sizes)
    grouped = order[np.argsort(codes[order], kind="stable")]
    part = np.empty(len(y), dtype=np.int64)
    part[grouped] = np.repeat(np.tile(np.arange(len(sizes)), len(counts)), shares.T.ravel())
    return tuple(order[part[order] == i] for i in range(len(sizes)))


def _sizes(rows: int, fractions: Sequence[float]) -> list[int]:
    """Rows of each part: rounded shares of at least 1, and the rest for the first part."""
    if rows < len(fractions):
        raise DataError(
            f"{len(fractions)} parts need at least {len(fractions)} rows, but there are {rows}; "
            "add rows"
        )
    left, sizes = rows, []
    for others, fraction in reversed(list(enumerate(fractions))):
        wanted = max(1, round(fraction * rows)) if others else left
        sizes.append(min(wanted, left - others))
        left -= sizes[-1]
    return sizes[::-1]


def _shares(counts: Rows, sizes: Sequence[int]) -> Rows:
    """Return how many rows of each class each part gets: an array of shape (parts, classes)."""
    shares = np.empty((len(sizes), len(counts)), dtype=np.int64)
    left = counts.astype(np.int64)
    for part in range(len(sizes) - 1, 0, -1):
        shares[part] = _proportional(left, sizes[part])
        left = left - shares[part]
    shares[0] = left
    return shares


def _proportional(counts: Rows, size: int) -> Rows:
    """`size` rows taken from classes of `counts` rows, by the method of largest remainders.

    In whole numbers throughout, so no rounding of a processor can change a split.
    """
    total = int(counts.sum())
    keep_one = np.maximum(counts - 1, 0)
    room = keep_one if keep_one.sum() >= size else counts
    taken = np.minimum(counts * size // total, room)
    for _ in range(size - int(taken.sum())):
        owed = np.where(taken < room, counts * size - taken * total, -total * total)
        taken[np.argmax(owed)] += 1
    return taken
