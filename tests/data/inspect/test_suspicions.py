"""What is suspicious about data, and what is not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from automl.data import build, load
from automl.data.inspect.suspicions import GIVEAWAY, duplicates, giveaway, is_identifier
from automl.data.raw import Raw

ROWS = 300


def random() -> np.random.RandomState:
    """The same numbers in every test, whatever ran before."""
    return np.random.RandomState(0)


def shares(*columns: Any, y: Any, classes: Any = ()) -> list[float]:
    X = np.stack(columns, axis=1).astype(np.float64)
    dataset = build("made", "vector", Raw(X, y, classes))
    return [giveaway(dataset, i) for i in range(X.shape[1])]


def test_a_column_that_is_the_target_gives_it_away() -> None:
    y = random().randint(0, 3, ROWS)
    noise = random().normal(size=ROWS)
    coded = np.array([7.0, 3.0, 5.0])[y]
    hidden = np.where(y == 2, np.nan, 1.0)  # missing where the class is 2: tells two apart
    split = y + 0.1 * noise.clip(-1, 1)
    told = shares(coded, noise, hidden, split, y=y, classes=(0, 1, 2))
    assert told[0] == told[3] == 1.0
    assert told[1] < 0.3
    assert 0.3 < told[2] < GIVEAWAY


@pytest.mark.parametrize("seed", range(5))
def test_a_column_that_is_the_target_in_other_units_gives_it_away(seed: int) -> None:
    drawn = np.random.RandomState(seed)
    y = drawn.gamma(2, 100, ROWS)
    told = shares(y / 7 + 3, drawn.normal(size=ROWS), y + drawn.normal(0, 80, ROWS), y=y)
    assert told[0] == pytest.approx(1.0)
    assert told[1] < 0.5
    assert told[2] < GIVEAWAY


def test_a_column_that_bends_the_target_gives_it_away() -> None:
    y = random().uniform(0, 3, ROWS)
    (share,) = shares(np.exp(y), y=y)
    assert share >= GIVEAWAY


def test_a_column_with_gaps_tells_less() -> None:
    y = random().uniform(0, 3, ROWS)
    gaps = np.where(np.arange(ROWS) % 3 == 0, np.nan, y)
    full, half, none = shares(y, gaps, y * np.nan, y=y)
    assert full > half > none


def test_several_targets_must_all_be_told() -> None:
    y = random().normal(size=(ROWS, 2))
    assert shares(y[:, 0], y=y)[0] < GIVEAWAY


@pytest.mark.parametrize("name", ["iris", "wine", "breast-cancer", "diabetes", "moons", "hastie"])
def test_honest_data_sets_have_no_giveaway(name: str) -> None:
    dataset = load(name)
    assert max(giveaway(dataset, i) for i in range(dataset.train.X.shape[1])) < GIVEAWAY


def test_few_rows_prove_nothing() -> None:
    y = np.array([0, 1] * 8)
    assert shares(y, y=y, classes=(0, 1)) == [0.0]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.arange(100), True),
        (random().permutation(100) + 5000, True),
        (np.unique(random().randint(0, 10**9, 120))[:100], True),
        ([*range(100), 3], True),  # a row is there twice
        (random().randint(0, 50, 100), False),
        (np.arange(100) + 0.5, False),
        ([*range(100), np.nan], False),
        (np.arange(10), False),
    ],
)
def test_a_different_whole_number_in_every_row_is_an_identifier(
    values: Any, expected: bool
) -> None:
    assert is_identifier(np.asarray(values, dtype=np.float64)) is expected


def test_repeated_rows_are_counted_in_the_split_where_they_repeat() -> None:
    X = np.arange(20.0).reshape(10, 2)
    y = np.arange(10) % 2
    plain = build("made", "vector", Raw(X, y, (0, 1), X + 100, y))
    assert duplicates(plain) == (0, 0, 0)
    same = build("made", "vector", Raw(X, y, (0, 1), X, y))
    assert duplicates(same) == (0, 0, 10)
    twice = build("made", "vector", Raw(X * 0, y, (0, 1), X + 100, y))
    assert duplicates(twice) == (len(twice.train) - 1, len(twice.valid), 0)
