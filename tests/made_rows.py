"""Raw rows and tasks of the bundles that tests make."""

from __future__ import annotations

import numpy as np
from made_tables import make_table

from automl.data.sequences import pad
from automl.task import Task

TASKS = {
    "binary": Task.classification(("no", "yes")),
    "multiclass": Task.classification((3, 5, 8)),
    "regression": Task("regression"),
}


def make_rows(kind: str, rows: int = 40) -> np.ndarray:
    """Raw rows: columns of several sizes for a vector, bytes for an image,
    and 1 to 7 steps of two features for a sequence.

    For a table, as `made_tables` has them.
    """
    if kind == "table":
        return np.asarray(make_table(rows, seed=3))
    random = np.random.RandomState(3)
    if kind == "sequence":
        values = random.normal(size=(rows, 7, 2)) * [1.0, 100.0] + [5.0, -30.0]
        return pad(values, np.arange(rows) % 7 + 1)
    if kind == "image":
        return random.randint(0, 17, size=(rows, 6, 5)).astype(np.uint8)
    return random.normal(size=(rows, 4)) * [1.0, 10.0, 0.1, 1000.0] + [0.0, 50.0, 1.0, -3000.0]
