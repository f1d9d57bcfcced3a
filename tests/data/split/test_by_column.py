"""A group is never on both sides of a split, and the latest rows are the test split."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl.data.split.by_column import split_groups, split_times
from automl.errors import DataError

FRACTIONS = (0.6, 0.2, 0.2)
GROUPS = st.lists(st.integers(0, 30), min_size=3, max_size=120).filter(lambda g: len(set(g)) > 2)


def dense(groups: list[int]) -> Any:
    return np.unique(groups, return_inverse=True)[1].astype(np.int64)


@given(GROUPS, st.booleans(), st.integers(0, 99))
def test_a_group_is_in_one_part_and_every_row_is_in_one(
    groups: list[int], stratify: bool, seed: int
) -> None:
    codes = dense(groups)
    y = np.arange(len(groups)) % 3
    parts = split_groups(y, codes, FRACTIONS, seed=seed, stratify=stratify)
    assert sorted(np.concatenate(parts).tolist()) == list(range(len(groups)))
    assert all(len(part) for part in parts)
    inside = [set(codes[part].tolist()) for part in parts]
    assert sum(map(len, inside)) == len(set.union(*inside))
    again = split_groups(y, codes, FRACTIONS, seed=seed, stratify=stratify)
    assert [part.tolist() for part in again] == [part.tolist() for part in parts]


def test_many_groups_give_the_fractions_and_the_classes() -> None:
    random = np.random.RandomState(0)
    groups = dense(random.randint(0, 200, 2000).tolist())
    y = (groups % 4 == 0).astype(np.int64)  # a class is a matter of the group
    train, valid, test = split_groups(y, groups, FRACTIONS, seed=0, stratify=True)
    assert [len(train), len(valid), len(test)] == pytest.approx([1200, 400, 400], abs=20)
    for part in (train, valid, test):
        assert y[part].mean() == pytest.approx(y.mean(), abs=0.02)


def test_a_large_group_is_trained_on() -> None:
    groups = dense([0] * 80 + [1] * 10 + [2] * 10)
    train, valid, test = split_groups(np.zeros(100), groups, FRACTIONS, seed=0, stratify=False)
    assert (len(train), len(valid), len(test)) == (80, 10, 10)


def test_too_few_groups_are_refused() -> None:
    with pytest.raises(DataError, match="at least 3 groups, but there are 2"):
        split_groups(np.zeros(9), dense([0, 1] * 4 + [0]), FRACTIONS, seed=0, stratify=False)


@given(st.lists(st.integers(0, 50), min_size=3, max_size=100).filter(lambda t: len(set(t)) > 2))
def test_each_part_is_later_than_the_one_before(times: list[int]) -> None:
    values = np.array(times, dtype=np.float64)
    train, valid, test = split_times(values, FRACTIONS, seed=0)
    assert sorted(np.concatenate([train, valid, test]).tolist()) == list(range(len(times)))
    assert values[train].max() < values[valid].min()
    assert values[valid].max() < values[test].min()


def test_parts_have_the_fractions_when_every_moment_differs() -> None:
    times = np.random.RandomState(0).permutation(100).astype(np.float64)
    parts = split_times(times, FRACTIONS, seed=0)
    assert [len(part) for part in parts] == [60, 20, 20]
    assert set(times[parts[2]]) == set(range(80, 100))


def test_too_few_moments_are_refused() -> None:
    with pytest.raises(DataError, match="at least 3 different times, but there are 2"):
        split_times(np.array([0.0, 1.0, 1.0]), FRACTIONS, seed=0)
