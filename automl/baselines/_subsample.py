"""Fewer rows, with every class in its share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from automl.arrays import Array


def subsample(y: Array, size: int | None, stratify: bool, seed: int) -> NDArray[np.intp]:
    """Row numbers of a subsample, sorted.

    Parameters
    ----------
    y : array of shape (rows,)
        Codes or numbers.
    size : int or None
        How many rows; all of them when it is None or not less than there are.
    stratify : bool
        Keep each class's share to within one row, and at least one row of every class: an
        estimator that never saw a class cannot predict it. With fewer places than classes the
        result has one row of every class, and so more than `size`.
    seed : int

    Returns
    -------
    int array of shape (size,), or (rows,) when there are fewer
    """
    if size is None or size >= len(y):
        return np.arange(len(y))
    generator = np.random.default_rng(seed)
    if not stratify:
        return np.sort(generator.choice(len(y), size, replace=False))
    _, codes, counts = np.unique(y, return_inverse=True, return_counts=True)
    shuffled = generator.permutation(len(y))
    kept = [
        shuffled[codes[shuffled] == code][:places]
        for code, places in enumerate(_places(counts, size))
    ]
    rows: NDArray[np.intp] = np.sort(np.concatenate(kept))
    return rows


def _places(counts: NDArray[np.intp], size: int) -> NDArray[np.intp]:
    """Share out places by largest remainder, and at least one to each class.

    `size` is less than the sum of the counts, so no class gets more places than it has rows.
    """
    exact = counts * (size / counts.sum())
    places: NDArray[np.intp] = np.maximum(np.floor(exact), 1).astype(np.intp)
    while places.sum() < size:
        places[np.argmax(exact - places)] += 1
    while places.sum() > size and places.max() > 1:
        places[np.argmin(np.where(places > 1, exact - places, np.inf))] -= 1
    return places
