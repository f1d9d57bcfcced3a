"""What every data source promises, checked for every file of the folder."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from automl.data import SOURCES, Dataset, describe, load
from automl.data.raw import Raw
from automl.data.sequences import find_lengths
from automl.errors import DataError, UnknownNameError

NAMES = SOURCES.names()


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def on_disk(name: str) -> str:
    if not SOURCES.get(name).on_disk():
        pytest.skip("not on this machine")
    return name


@cache
def raw_of(name: str) -> Raw:
    return SOURCES.get(name).load()


@cache
def dataset_of(name: str) -> Dataset:
    return load(name)


def labelled_rows(X: Any, y: Any) -> Counter[bytes]:
    pairs = zip(X, y, strict=True)
    return Counter(row.tobytes() + np.float32(label).tobytes() for row, label in pairs)


def test_the_known_sources_are_there() -> None:
    assert set(NAMES) >= {
        *("mnist", "fashion-mnist", "kmnist", "digits"),
        *("iris", "wine", "breast-cancer", "diabetes", "linnerud", "california-housing"),
        *("xor", "moons", "blobs", "circles", "classification", "gaussian-quantiles", "hastie"),
        *("friedman1", "friedman2", "friedman3", "regression", "several-targets"),
        *("swiss-roll", "s-curve"),
        *("mnist-rows", "adding", "sine"),
    }


def test_what_ships_is_on_disk() -> None:
    downloaded = {"california-housing", "fashion-mnist", "kmnist"}
    assert {info.name for info in describe() if not info.on_disk} <= downloaded


def test_it_is_described_in_one_line_that_names_a_licence(name: str) -> None:
    about = SOURCES.get(name).about
    assert "\n" not in about
    assert "; " in about
    assert len(about) <= 100


def test_its_attributes_tell_what_load_gives(on_disk: str) -> None:
    source, raw = SOURCES.get(on_disk), raw_of(on_disk)
    test_rows = 0 if raw.test_X is None else len(raw.test_X)
    assert len(raw.X) + test_rows == source.rows
    assert raw.X.shape[1:] == source.shape
    dataset = dataset_of(on_disk)
    assert dataset.name == on_disk
    assert dataset.kind == source.kind
    assert dataset.task.kind == source.task
    assert len(dataset.train) + len(dataset.valid) + len(dataset.test) == source.rows
    for part in (dataset.train, dataset.valid, dataset.test):
        assert part.X.shape[1:] == source.shape


def test_its_labels_are_the_codes_of_its_classes(on_disk: str) -> None:
    dataset = dataset_of(on_disk)
    labels = [dataset.train.y, dataset.valid.y, dataset.test.unlock()]
    if dataset.task.is_classification:
        codes = list(range(len(dataset.task.classes)))
        for y in labels:
            assert y.dtype == np.int64
            assert np.unique(y).tolist() == codes
        assert len(set(dataset.task.classes)) == len(codes)
        assert {type(label) for label in dataset.task.classes} in ({int}, {str})
    else:
        assert dataset.task.classes == ()
        several = () if dataset.task.n_targets == 1 else (dataset.task.n_targets,)
        assert all(y.dtype == np.float32 and y.shape[1:] == several for y in labels)


def test_its_values_are_finite(on_disk: str) -> None:
    dataset = dataset_of(on_disk)
    for values in (dataset.train.X, dataset.valid.X, dataset.test.X):
        if dataset.kind == "sequence":
            assert find_lengths(values).min() > 0  # and raises where a value is not finite
        else:
            assert np.isfinite(values).all()
    for y in (dataset.train.y, dataset.valid.y, dataset.test.unlock()):
        assert np.isfinite(y).all()


def test_its_split_has_every_row_once(on_disk: str) -> None:
    raw, dataset = raw_of(on_disk), dataset_of(on_disk)
    split = labelled_rows(dataset.train.X, dataset.train.y)
    split += labelled_rows(dataset.valid.X, dataset.valid.y)
    test = labelled_rows(dataset.test.X, dataset.test.unlock())
    if raw.test_X is None:
        assert split + test == labelled_rows(raw.X, raw.y)
    else:
        assert split == labelled_rows(raw.X, raw.y)
        assert test == labelled_rows(raw.test_X, raw.test_y)


def test_its_split_has_the_promised_sizes(on_disk: str) -> None:
    raw, dataset = raw_of(on_disk), dataset_of(on_disk)
    if raw.test_X is None:
        assert len(dataset.valid) == len(dataset.test) == round(len(raw.X) / 5)
    else:
        assert len(dataset.valid) == round(len(raw.X) / 6)


def test_its_split_is_stratified(on_disk: str) -> None:
    raw, dataset = raw_of(on_disk), dataset_of(on_disk)
    if not dataset.task.is_classification:
        pytest.skip("a regression has no classes")
    whole = np.bincount(raw.y)
    parts = [dataset.train.y, dataset.valid.y]
    parts += [dataset.test.unlock()] if raw.test_X is None else []
    for y in parts:
        assert np.abs(np.bincount(y) - whole * len(y) / len(raw.y)).max() < 2


def test_it_loads_twice_the_same(on_disk: str) -> None:
    first, again = dataset_of(on_disk), load(on_disk)
    assert again.fingerprint == first.fingerprint
    np.testing.assert_array_equal(again.train.X, first.train.X)
    np.testing.assert_array_equal(again.test.unlock(), first.test.unlock())


def test_loading_it_reads_no_test_label(on_disk: str) -> None:
    assert load(on_disk).test.reads == 0


def test_it_says_what_to_put_where_when_it_is_missing(name: str, own_cache: Path) -> None:
    if SOURCES.get(name).on_disk():
        pytest.skip("on this machine")
    with pytest.raises(DataError) as caught:
        load(name, download=False)
    message = str(caught.value)
    assert "\n" not in message
    assert str(own_cache / name) in message
    assert ".gz" in message or ".tgz" in message


def test_it_is_described_without_being_loaded(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    source = SOURCES.get(name)
    monkeypatch.setattr(type(source), "load", None)
    (info,) = [info for info in describe() if info.name == name]
    assert (info.rows, info.shape, info.task) == (source.rows, source.shape, source.task)
    assert (info.on_disk, info.about) == (source.on_disk(), source.about)


def test_an_underscore_in_a_name_is_a_hyphen() -> None:
    assert load("breast_cancer").name == "breast-cancer"


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match=r"data set 'irs' \(did you mean 'iris'\?\)"):
        load("irs")
