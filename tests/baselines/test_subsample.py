from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from automl.baselines._subsample import subsample

labels = st.lists(st.integers(0, 5), min_size=1, max_size=200).map(np.array)


@given(labels, st.integers(1, 220), st.integers(0, 5))
def test_every_class_stays_and_no_row_comes_twice(y, size, seed):
    rows = subsample(y, size, True, seed)
    assert len(rows) == max(min(size, len(y)), len(np.unique(y)))
    assert len(np.unique(rows)) == len(rows)
    assert set(y[rows]) == set(y)
    assert np.array_equal(rows, subsample(y, size, True, seed))


@given(st.lists(st.integers(30, 400), min_size=2, max_size=5), st.floats(0.1, 0.9))
def test_large_classes_keep_their_share_to_within_a_row(counts, share):
    y = np.repeat(np.arange(len(counts)), counts)
    size = round(share * len(y))
    kept = np.bincount(y[subsample(y, size, True, 0)])
    assert np.abs(kept - np.array(counts) * size / len(y)).max() <= 1


def test_numbers_are_drawn_without_strata():
    rows = subsample(np.linspace(0, 1, 100), 10, False, 0)
    assert len(np.unique(rows)) == 10


def test_no_size_means_all_rows():
    assert subsample(np.zeros(5), None, True, 0).tolist() == [0, 1, 2, 3, 4]


def test_another_seed_draws_other_rows():
    y = np.zeros(1000)
    assert not np.array_equal(subsample(y, 10, True, 0), subsample(y, 10, True, 1))
