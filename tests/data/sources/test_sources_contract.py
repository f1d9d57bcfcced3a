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
from automl.errors import DataError, UnknownNameError
from automl.testing import check_source
from automl.testing.sources import check_description

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


def test_it_keeps_its_contract(name: str) -> None:
    source = SOURCES.get(name)
    if source.on_disk():
        check_source(source, name)
    else:
        check_description(source, name)


def test_a_broken_source_is_found() -> None:
    source = SOURCES.get("iris")

    class Wrong(type(source)):  # type: ignore[misc]
        rows = 151

    with pytest.raises(AssertionError, match="has 150 rows, and says 151"):
        check_source(Wrong(), "wrong")


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
