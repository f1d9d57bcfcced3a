"""Extremely randomised trees, of which each has a vote."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.sampling.rows import Matrix

TREES = 20

MAX_ROWS = 1_000
"""Rows that a tree learns from, which bounds what a long search costs."""

FEATURES = 0.8
"""Share of the columns that a split chooses from."""


def grow(rows: Matrix, targets: NDArray[np.float64], rng: np.random.Generator) -> list[Any]:
    """Return extremely randomised trees (Geurts et al. 2006), each of a bootstrap sample."""
    from sklearn.tree import ExtraTreeRegressor  # a second that a start does not wait for

    trees = []
    for _ in range(TREES):
        drawn = rng.integers(len(rows), size=min(len(rows), MAX_ROWS))
        tree = ExtraTreeRegressor(max_features=FEATURES, random_state=int(rng.integers(2**31)))
        trees.append(tree.fit(rows[drawn], targets[drawn], check_input=False).tree_)
    return trees


def votes(trees: Sequence[Any], rows: Matrix) -> NDArray[np.float64]:
    """Return what each tree says of each row: (trees, rows)."""
    return np.stack([tree.predict(rows)[:, 0] for tree in trees])
