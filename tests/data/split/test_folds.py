"""Folds: every row validates once a partition, and the classes are dealt evenly."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl.data import DataOptions, Dataset, PreparedData, PreparedStore, load
from automl.data.preprocess.variants import Variant
from automl.data.split.folds import Folds, fitting_folds, fold_rows, make_splits, split_folds
from automl.errors import ConfigError


@given(st.integers(2, 60), st.integers(2, 10), st.integers(1, 3), st.integers(1, 5))
def test_each_partition_holds_every_row_once(rows, count, repeats, classes) -> None:
    y = np.random.default_rng(rows).integers(classes, size=rows)
    found = list(fold_rows(y, Folds(count, repeats), stratify=True))
    assert len(found) == count * repeats
    for repeat in range(repeats):
        parts = found[repeat * count : (repeat + 1) * count]
        assert np.array_equal(np.sort(np.concatenate(parts)), np.arange(rows))
        sizes = [len(part) for part in parts]
        assert max(sizes) - min(sizes) <= 1
        for code in range(classes):
            of_class = [int(np.sum(y[part] == code)) for part in parts]
            assert max(of_class) - min(of_class) <= 1


def test_partitions_differ_and_are_always_the_same() -> None:
    y = np.zeros(40)
    first, again = (list(fold_rows(y, Folds(4, 2), stratify=False)) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0], first[4])


def test_folds_leave_the_test_rows_and_the_last_split_trains_on_all_others() -> None:
    iris = load("iris")
    *folds, everything = split_folds(iris, Folds(5))
    for split in folds:
        assert (len(split.train), len(split.valid)) == (96, 24)
        assert split.test is iris.test
        together = np.concatenate([split.train.X, split.valid.X])
        assert sorted(map(tuple, together)) == sorted(map(tuple, everything.train.X))
        assert np.bincount(split.valid.y).tolist() == [8, 8, 8]
    assert len(everything.train) == 120


def test_more_folds_than_rows_are_refused() -> None:
    with pytest.raises(ConfigError, match="got 121 folds and 120 rows"):
        make_splits(load("iris"), Folds(121))


def test_a_long_horizon_is_judged_on_one_split_or_refused(tmp_path: Path) -> None:
    """Windows that have a step in common with a validating one do not train: none may be left."""
    lines = [f"{year},{year % 7}" for year in range(1900, 1960)]
    path = tmp_path / "years.csv"
    path.write_text("\n".join(["year,sold", *lines]))

    def years(horizon: int) -> Dataset:
        options = DataOptions(("sold",), task="forecast", time="year", horizon=horizon)
        return load(str(path), options=options)

    assert fitting_folds(years(3), Folds(5)) == Folds(5)
    assert fitting_folds(years(12), Folds(5)) is None
    (split,) = make_splits(years(12), None)
    assert len(split.train)
    with pytest.raises(ConfigError, match="leaves none in one of the folds"):
        make_splits(years(12), Folds(5))
    with pytest.raises(ConfigError, match="a forecast of 15 steps leaves none: "):
        make_splits(years(15), None)


def test_without_folds_the_data_set_is_split_as_it_comes() -> None:
    iris = load("iris")
    assert make_splits(iris, None) == (iris,)


@pytest.mark.parametrize("folds", [None, Folds(5, 2)])
def test_folds_survive_their_text(folds) -> None:
    assert Folds.parse(str(folds or "none")) == folds


def test_a_job_can_ask_for_several_splits_at_once(tmp_path) -> None:
    store = PreparedStore(*split_folds(load("iris"), Folds(3)))
    asked = Variant(folds=3)
    here, mapped = store.get(asked), PreparedData.open(store.save(asked, tmp_path))
    assert store.save(asked, tmp_path) == store.save(asked, tmp_path)
    assert len(here.splits) == len(mapped.splits) == 3
    for fold, (ours, theirs) in enumerate(zip(here.splits, mapped.splits, strict=True)):
        alone = store.get(Variant(fold=fold))
        for name in ("train_X", "train_y", "valid_X", "valid_y", "test_X"):
            assert np.array_equal(getattr(ours, name), getattr(theirs, name))
            assert np.array_equal(getattr(ours, name), getattr(alone, name))
        assert ours.train_X.mean(axis=0) == pytest.approx(np.zeros(4), abs=1e-5)
    means = [split.preprocessing.mean for split in here.splits]
    assert not np.array_equal(means[0], means[1]), "each is fitted on its own training rows"
