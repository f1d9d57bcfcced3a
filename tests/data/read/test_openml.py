"""OpenML by number: from a server of this machine to the cache, and from there without one."""

from __future__ import annotations

import gc
import gzip
import hashlib
import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from automl.data import DataOptions, load
from automl.errors import AutomlError, ConfigError, DataError

Mirror = Any  # the class in conftest.py, which has no name to import it by

ARFF = "@relation r\n@attribute size real\n@attribute colour {red,green}\n@attribute id real\n"
ARFF += "@attribute class {no,yes}\n@data\n"
ARFF += "".join(
    f"{i * 0.5},{('red', 'green')[i % 2]},{i},{('no', 'yes')[i % 3 > 0]}\n" for i in range(40)
)
FEATURES = [("size", "numeric"), ("colour", "nominal"), ("id", "numeric"), ("class", "nominal")]
DATA = "/data/v1/download/99/made.arff"


@pytest.fixture(autouse=True)
def _collect_what_scikit_learn_left_open() -> Iterator[None]:
    """Its second try drops the response of the first without closing it."""
    gc.freeze()  # or each collection would walk through all of torch, for a second
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
    gc.unfreeze()


@pytest.fixture
def published(mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> Mirror:
    from sklearn.datasets import _openml

    api = mirror.url + "/api/v1/json/data/"
    monkeypatch.setattr(_openml, "_DATA_INFO", api + "{}")
    monkeypatch.setattr(_openml, "_DATA_FEATURES", api + "features/{}")
    monkeypatch.setattr(_openml, "_DATA_QUALITIES", api + "qualities/{}")
    described = {
        **{"id": "99", "name": "made", "version": "1", "format": "ARFF", "status": "active"},
        **{"url": mirror.url + DATA, "md5_checksum": hashlib.md5(ARFF.encode()).hexdigest()},
        "description": "made up",
    }
    features = [
        {
            **{"index": str(i), "name": name, "data_type": kind, "number_of_missing_values": "0"},
            **{"is_target": str(name == "class").lower(), "is_ignore": "false"},
            "is_row_identifier": str(name == "id").lower(),
        }
        for i, (name, kind) in enumerate(FEATURES)
    ]
    qualities = [{"name": "NumberOfInstances", "value": "40.0"}]
    answers = {
        "99": {"data_set_description": described},
        "features/99": {"data_features": {"feature": features}},
        "qualities/99": {"data_qualities": {"quality": qualities}},
    }
    for path, answer in answers.items():
        mirror.files["/api/v1/json/data/" + path] = json.dumps(answer).encode()
    mirror.files[DATA] = ARFF.encode()
    return mirror


def test_it_is_fetched_once_and_only_when_that_is_allowed(
    published: Mirror, own_cache: Path
) -> None:
    with pytest.raises(DataError, match=r"is not on this machine .*--download"):
        load("openml:99")
    assert published.requests == []
    dataset = load("openml:99", download=True)
    assert dataset.name == "openml-99"
    assert [(c.name, c.kind) for c in dataset.columns] == [
        ("size", "number"),
        ("colour", "category"),
    ]
    assert dataset.task.classes == ("no", "yes")
    asked = len(published.requests)
    assert load("openml:99").fingerprint == dataset.fingerprint
    assert load("openml:99", download=True).fingerprint == dataset.fingerprint
    assert len(published.requests) == asked


def test_options_of_a_table_hold_for_it(published: Mirror) -> None:
    load("openml:99", download=True)
    options = DataOptions(target=("size",), drop=("colour",))
    dataset = load("openml:99", options=options)
    assert dataset.task.kind == "regression"
    assert [c.name for c in dataset.columns] == ["class"]
    with pytest.raises(ConfigError, match="unknown column 'x'"):
        load("openml:99", options=DataOptions(target=("x",)))


@pytest.mark.parametrize("part", ["99", "features/99", "qualities/99"])
def test_a_cache_that_is_not_whole_is_no_cache(
    published: Mirror, own_cache: Path, part: str
) -> None:
    load("openml:99", download=True)
    path = own_cache / "openml" / "openml.org" / "api/v1/json/data" / f"{part}.gz"
    path.unlink()
    with pytest.raises(DataError, match="is not on this machine"):
        load("openml:99")


def test_an_altered_cache_is_one_line_and_stays(published: Mirror, own_cache: Path) -> None:
    load("openml:99", download=True)
    path = own_cache / "openml" / "openml.org" / f"{DATA[1:]}.gz"
    path.write_bytes(gzip.compress(ARFF.replace("red", "blue").encode()))
    asked = len(published.requests)
    with pytest.raises(DataError, match="MD5 must be") as error:
        load("openml:99")
    assert "\n" not in str(error.value)
    assert len(published.requests) == asked


@pytest.mark.parametrize("name", ["openml:", "openml:iris", "openml:-1", "openml:1/2", "openml:²"])
def test_it_goes_by_number(name: str) -> None:
    with pytest.raises(AutomlError, match="needs the data set's number"):
        load(name)


def test_a_server_without_it_is_one_line(
    published: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    with pytest.raises(DataError, match="could not be fetched from OpenML") as error:
        load("openml:98", download=True)
    assert "\n" not in str(error.value)
