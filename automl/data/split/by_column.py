"""Splits by a column: a group is never on both sides, and the latest rows are the test split."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from automl.arrays import Array
from automl.errors import DataError

Rows = NDArray[np.int64]


def split_groups(
    y: Array, groups: Rows, fractions: Sequence[float], *, seed: int, stratify: bool
) -> tuple[Rows, ...]:
    """Row numbers of each part, so that the rows of a group are in one part.

    The largest groups go first, each to the part that lacks most of what it brings: rows, and
    with `stratify` rows of each class. Groups of one size come in a shuffled order.

    Parameters
    ----------
    y : array of shape (rows,)
        Class codes, when `stratify`; else only its length counts.
    groups : int64 array of shape (rows,)
        The group of each row, from 0 without gaps.
    fractions : sequence of float
        Share of each part, the training part first.
    seed : int
    stratify : bool

    Raises
    ------
    DataError
        When there are fewer groups than parts.
    """
    n_groups = int(groups.max()) + 1
    if n_groups < len(fractions):
        raise DataError(
            f"{len(fractions)} parts need at least {len(fractions)} groups, but there are"
            f" {n_groups}"
        )
    random = np.random.RandomState(seed)  # as in split.py
    codes = y if stratify else np.zeros(len(y), dtype=np.int64)
    counts = np.zeros((n_groups, int(codes.max()) + 1))
    np.add.at(counts, (groups, codes), 1)
    shares = counts / counts.sum(axis=0).clip(1)  # a rare class weighs as much as a common one
    shuffled = random.permutation(n_groups)
    order = shuffled[np.argsort(-counts.sum(axis=1)[shuffled], kind="stable")]
    part_of = _assign(shares[order], np.asarray(fractions))
    part = np.empty(n_groups, dtype=np.int64)
    part[order] = part_of
    rows = random.permutation(len(y)).astype(np.int64)
    return tuple(rows[part[groups[rows]] == i] for i in range(len(fractions)))


def _assign(shares: Array, fractions: Array) -> Rows:
    """Assign a part to each group, in the order given; no part stays empty."""
    lacking = np.repeat(fractions[:, None], shares.shape[1], axis=1)
    taken = np.zeros(len(fractions), dtype=bool)
    parts = np.empty(len(shares), dtype=np.int64)
    for i, share in enumerate(shares):
        # How much nearer each part comes to what it is to have, by the sum of squares.
        gain = (share * (2 * lacking - share)).sum(axis=1)
        if len(shares) - i == (~taken).sum():
            gain[taken] = -np.inf
        parts[i] = np.argmax(gain)
        lacking[parts[i]] -= share
        taken[parts[i]] = True
    return parts


def split_times(times: Array, fractions: Sequence[float], *, seed: int) -> tuple[Rows, ...]:
    """Row numbers of each part, in shuffled order: the first part is the earliest.

    Rows of one moment are in one part, so the parts have the sizes of `fractions` only nearly.

    Parameters
    ----------
    times : float64 array of shape (rows,)
    fractions : sequence of float
        Share of each part, the training part first.
    seed : int
        Seed of the order within the parts.

    Raises
    ------
    DataError
        When there are fewer moments than parts.
    """
    moments, counts = np.unique(times, return_counts=True)
    if len(moments) < len(fractions):
        raise DataError(
            f"{len(fractions)} parts need at least {len(fractions)} different times, but there"
            f" are {len(moments)}"
        )
    order = np.argsort(times, kind="stable").astype(np.int64)
    before = np.concatenate([[0], np.cumsum(counts)])  # rows before each moment
    cuts: list[int] = []
    last = len(moments)
    for left in range(len(fractions) - 1, 0, -1):
        wanted = sum(fractions[:left]) * len(times)
        possible = before[left:last]
        chosen = left + int(np.argmin(np.abs(possible - wanted)))
        cuts.append(int(before[chosen]))
        last = chosen
    random = np.random.RandomState(seed)
    return tuple(random.permutation(part) for part in np.split(order, cuts[::-1]))
