"""A small table with every kind of column, and with holes."""

from __future__ import annotations

from typing import Any

import numpy as np

from automl.data.columns import Column

COLUMNS = (
    Column("age", "number"),
    Column("town", "category", ("Ayr", "Bath", "Cork", "Dover")),
    Column("member", "boolean"),
    Column("joined", "date"),
    Column("street", "category", tuple(f"street {i:02d}" for i in range(40))),
    Column("planet", "category", ("Earth",)),
    Column("unused", "number"),
)
"""The last two say nothing: one is constant, one is empty."""


def make_table(rows: int = 200, seed: int = 0) -> Any:
    """Values as `Column` says; numbers, towns and dates lack one in ten."""
    random = np.random.RandomState(seed)
    X = np.column_stack(
        [
            np.exp(random.normal(3.5, 0.5, rows)),
            random.randint(0, 4, rows),
            random.randint(0, 2, rows),
            1.7e9 + 3600.0 * random.randint(0, 20_000, rows),
            random.randint(0, 40, rows),
            np.zeros(rows),
            np.full(rows, np.nan),
        ]
    ).astype(np.float64)
    for i in (0, 1, 3):
        X[random.uniform(size=rows) < 0.1, i] = np.nan
    return X
