"""A small table with every kind of column, and with holes."""

from __future__ import annotations

from typing import Any

import numpy as np

from automl.data.raw import Raw
from automl.data.schema import Column

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


def by_name(X: Any, columns: tuple[Column, ...] = COLUMNS) -> list[dict[str, Any]]:
    """The same rows by the names of the columns, as whoever brings them would write them."""
    return [
        {c.name: _written(c, value) for c, value in zip(columns, row, strict=True)} for row in X
    ]


def _written(column: Column, value: float) -> Any:
    if np.isnan(value):
        return None
    if column.kind == "category":
        names = column.categories
        return names[int(value)] if value < len(names) else "Utopia"
    if column.kind == "boolean":
        return bool(value)
    return str(np.datetime64(int(value), "s")) if column.kind == "date" else float(value)


def make_table_raw(task: str, rows: int = 240) -> Raw:
    """A table with a target that its numbers, towns and streets decide; `task` as in `Task`."""
    X = make_table(rows)
    streets = np.random.RandomState(1).normal(size=40)
    plane = np.nan_to_num(np.log(X[:, 0]) - 3.5) + (X[:, 1] == 2) + streets[X[:, 4].astype(int)]
    if task == "regression":
        return Raw(X, 100.0 * plane, columns=COLUMNS)
    return Raw(X, (plane > np.median(plane)).astype(np.int64), ("no", "yes"), columns=COLUMNS)
