from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl.data.split.random import split_rows
from automl.errors import DataError

FRACTIONS = st.sampled_from([(0.6, 0.2, 0.2), (5 / 6, 1 / 6), (0.5, 0.5), (0.1, 0.45, 0.45)])
LABELS = st.lists(st.integers(0, 6), min_size=3, max_size=200)
SEEDS = st.integers(0, 2**32 - 1)


@given(y=LABELS, fractions=FRACTIONS, seed=SEEDS, stratify=st.booleans())
def test_every_row_is_in_one_part_and_no_part_is_empty(
    y: list[int], fractions: tuple[float, ...], seed: int, stratify: bool
) -> None:
    stratify = stratify and len(set(y)) > 1
    parts = split_rows(np.array(y), fractions, seed=seed, stratify=stratify)
    assert sorted(np.concatenate(parts).tolist()) == list(range(len(y)))
    assert len(parts) == len(fractions)
    assert min(len(part) for part in parts) >= 1


@given(y=LABELS.filter(lambda y: len(y) >= 20), fractions=FRACTIONS, seed=SEEDS)
def test_sizes_are_the_fractions_rounded(
    y: list[int], fractions: tuple[float, ...], seed: int
) -> None:
    parts = split_rows(np.array(y), fractions, seed=seed, stratify=len(set(y)) > 1)
    for part, fraction in zip(parts[1:], fractions[1:], strict=True):
        assert len(part) == round(fraction * len(y))


@given(counts=st.lists(st.integers(1, 60), min_size=2, max_size=8), fractions=FRACTIONS, seed=SEEDS)
def test_classes_keep_their_proportions(
    counts: list[int], fractions: tuple[float, ...], seed: int
) -> None:
    y = np.repeat(np.arange(len(counts)), counts)
    if len(y) < len(fractions):
        return
    parts = split_rows(y, fractions, seed=seed, stratify=True)
    rare = sum(count * min(fractions) < 2 for count in counts)
    for part in parts:
        shares = np.bincount(y[part], minlength=len(counts))
        expected = np.array(counts) * len(part) / len(y)
        # Off by rounding, and by the rows of rare classes that were kept for training.
        assert np.abs(shares - expected).max() < 2 + rare


@given(counts=st.lists(st.integers(1, 30), min_size=2, max_size=8), seed=SEEDS)
def test_every_class_is_trained_on_where_rows_suffice(counts: list[int], seed: int) -> None:
    y = np.repeat(np.arange(len(counts)), counts)
    spare = len(y) - len(counts)
    if len(y) < 3 or 2 * max(1, round(0.2 * len(y))) > spare:
        return
    train, *_ = split_rows(y, (0.6, 0.2, 0.2), seed=seed, stratify=True)
    assert set(y[train].tolist()) == set(range(len(counts)))


@given(y=LABELS, fractions=FRACTIONS, seed=SEEDS)
def test_one_seed_gives_one_split(y: list[int], fractions: tuple[float, ...], seed: int) -> None:
    first, again = (
        split_rows(np.array(y), fractions, seed=seed, stratify=len(set(y)) > 1) for _ in range(2)
    )
    assert [part.tolist() for part in first] == [part.tolist() for part in again]


def test_another_seed_gives_another_split() -> None:
    y = np.zeros(100)
    parts = [split_rows(y, (0.5, 0.5), seed=seed, stratify=False)[0].tolist() for seed in (0, 1)]
    assert parts[0] != parts[1]


def test_a_split_stays_what_it_is_on_every_machine() -> None:
    train, valid, test = split_rows(np.arange(10) % 2, (0.6, 0.2, 0.2), seed=0, stratify=True)
    assert train.tolist() == [2, 8, 4, 9, 1, 7]
    assert valid.tolist() == [6, 3]
    assert test.tolist() == [0, 5]


def test_parts_are_shuffled_so_that_a_beginning_has_every_class() -> None:
    y = np.repeat([0, 1], 500)
    train, _ = split_rows(y, (0.8, 0.2), seed=0, stratify=True)
    assert 20 < y[train][:100].sum() < 80


def test_labels_may_be_names() -> None:
    y = np.array(["no", "yes"] * 10)
    train, _ = split_rows(y, (0.5, 0.5), seed=0, stratify=True)
    assert sorted(y[train].tolist()) == ["no"] * 5 + ["yes"] * 5


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_fewer_rows_than_parts_are_refused(rows: int) -> None:
    with pytest.raises(DataError, match=f"3 parts need at least 3 rows, but there are {rows}"):
        split_rows(np.arange(rows), (0.6, 0.2, 0.2), seed=0, stratify=False)


def test_a_single_class_is_refused() -> None:
    with pytest.raises(DataError, match="at least 2 classes"):
        split_rows(np.ones(10), (0.6, 0.2, 0.2), seed=0, stratify=True)
