"""The lines that a search begins with: what is odd about its data."""

from __future__ import annotations

import numpy as np
import pandas as pd

from automl.data.inspect.summary import summarise
from automl.data.read.memory import from_memory

X = np.random.RandomState(0).normal(size=(60, 3))
Y = np.arange(60) % 2


def test_a_class_of_one_row_is_pointed_at() -> None:
    dataset = from_memory(X, np.where(np.arange(60) == 7, 5, Y))
    (odd,) = summarise(dataset)[2:]
    assert odd == "look at: class 5 has 1 row outside of the test split, too few to learn it"


def test_test_rows_that_are_training_rows_are_counted() -> None:
    dataset = from_memory(X, Y, test=(X[:20], Y[:20]))
    (odd,) = summarise(dataset)[2:]
    assert odd.startswith("look at: 20 of 20 test rows are training rows, too")
    assert not summarise(from_memory(X, Y))[2:]


def test_numbers_that_may_mean_something_else_are_pointed_at() -> None:
    days = 20_200_101 + np.arange(60) % 28
    frame = pd.DataFrame(
        {
            "nines": np.where(np.arange(60) % 9 == 0, -9999.0, X[:, 0]),
            "day": days,
            "age": np.where(np.arange(60) == 5, 99, 20 + np.arange(60) % 55),
            "code": days + 50,
        }
    )
    (odd,) = summarise(from_memory(frame, Y))[2:]
    assert odd == (
        "look at: nines has -9999, far from all others; if that stands for a missing"
        " value: --missing=VALUE; day has 20200101, which may be dates; if they are: --date-format"
        " %Y%m%d"
    )
