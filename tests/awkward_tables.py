"""Tables that are hard to read or to learn from, each with the task that they are."""

from __future__ import annotations

import numpy as np
import pandas as pd


def numbers(rows: int, columns: int = 1) -> pd.DataFrame:
    values = np.random.RandomState(1).normal(size=(rows, columns))
    return pd.DataFrame(values, columns=[f"x{i}" for i in range(columns)])


AWKWARD: dict[str, tuple[pd.DataFrame, str]] = {
    "30 rows": (numbers(30).assign(y=[0, 1] * 15), "binary"),
    "3 rows of one class": (numbers(60).assign(y=["a"] * 57 + ["b"] * 3), "binary"),
    "1 row of one class": (numbers(60).assign(y=["a"] * 59 + ["b"]), "binary"),
    "1 column": (numbers(60).assign(y=[0, 1, 2] * 20), "multiclass"),
    "2,000 columns": (numbers(40, 2000).assign(y=[0, 1] * 20), "binary"),
    "200 classes": (numbers(1000).assign(y=[f"c{i}" for i in range(200)] * 5), "multiclass"),
    "nothing in a column": (numbers(60).assign(e=None, y=[0, 1] * 30), "binary"),
    "one value in a column": (numbers(60).assign(e="x", y=[0, 1] * 30), "binary"),
    "mixed types": (numbers(60).assign(m=["1", "2", "3+"] * 20, y=[0, 1] * 30), "binary"),
    "commas and quotes": (numbers(60).assign(m=['a, "b"', "c"] * 30, y=[0, 1] * 30), "binary"),
    "huge numbers": (numbers(60).assign(m=[10**25, 1] * 30, y=[0, 1] * 30), "binary"),
    "yes and no": (numbers(60).assign(y=["yes", "no"] * 30), "binary"),
    "a regression": (numbers(60).assign(y=np.linspace(0, 1, 60)), "regression"),
}
