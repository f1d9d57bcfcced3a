"""MNIST as it ships, and the path from a mirror to a data set for its two relatives."""

from __future__ import annotations

import gzip
import hashlib
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from automl.data import SOURCES, load
from automl.data.cache.folders import search_folders
from automl.data.sources._idx import FILES
from automl.errors import DataError

Mirror = Any  # the class in conftest.py, which has no name to import it by
RELATIVES = ["fashion-mnist", "kmnist"]


@pytest.fixture
def shipped() -> Path:
    (folder,) = [path for path in search_folders("mnist") if path.is_dir()]
    return folder


@pytest.fixture
def copied(shipped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with MNIST in it that comes before the shipped one."""
    monkeypatch.setenv("AUTOML_DATASETS", str(tmp_path / "chosen"))
    return Path(shutil.copytree(shipped, tmp_path / "chosen" / "mnist"))


@pytest.fixture(params=RELATIVES)
def published(
    request: pytest.FixtureRequest,
    mirror: Mirror,
    small_images: dict[str, bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> str:
    """The name of a data set whose mirror is on this machine and whose files are small."""
    packed = {file: gzip.compress(content) for file, content in small_images.items()}
    mirror.files = {f"/{file}": content for file, content in packed.items()}
    source = type(SOURCES.get(request.param))
    monkeypatch.setattr(source, "mirrors", (f"{mirror.url}/",))
    digests = tuple(hashlib.sha256(packed[file]).hexdigest() for file in FILES)
    monkeypatch.setattr(source, "packed", digests)
    return str(request.param)


def test_mnist_is_mnist() -> None:
    raw = SOURCES.get("mnist").load()
    assert raw.X.shape == (60_000, 28, 28)
    assert raw.X.dtype == np.uint8
    assert raw.y[:5].tolist() == [5, 0, 4, 1, 9]
    assert raw.test_X is not None
    assert raw.test_X.shape == (10_000, 28, 28)
    assert raw.test_y is not None
    assert raw.test_y[:5].tolist() == [7, 2, 1, 0, 4]
    # The mean pixel of the training images, known from everybody's normalisation: 0.1307.
    assert raw.X.mean() / 255 == pytest.approx(0.1307, abs=5e-5)


def test_mnist_keeps_its_split_from_release_to_release() -> None:
    dataset = load("mnist")
    assert (len(dataset.train), len(dataset.valid), len(dataset.test)) == (50_000, 10_000, 10_000)
    assert dataset.fingerprint == "2655aae9757b6a3c28bd211aeb5d47937ff0463a9f42dbf4d53e6889d7490f1e"


def test_mnist_packed_by_somebody_else_is_mnist(copied: Path) -> None:
    labels = copied / "train-labels-idx1-ubyte.gz"
    labels.write_bytes(gzip.compress(gzip.decompress(labels.read_bytes()), 1))
    assert SOURCES.get("mnist").load().y[:5].tolist() == [5, 0, 4, 1, 9]


@pytest.mark.parametrize("file", FILES)
def test_a_truncated_copy_of_mnist_is_refused(copied: Path, file: str) -> None:
    content = (copied / file).read_bytes()
    (copied / file).write_bytes(content[: len(content) // 2])
    with pytest.raises(DataError, match=f"{file}; put the original file in its place"):
        load("mnist")


@pytest.mark.parametrize("file", ["train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz"])
def test_an_altered_copy_of_mnist_is_refused(copied: Path, file: str) -> None:
    content = bytearray(gzip.decompress((copied / file).read_bytes()))
    content[-1] ^= 1
    (copied / file).write_bytes(gzip.compress(content, 1))
    with pytest.raises(DataError, match="SHA-256 of the uncompressed file must be"):
        load("mnist")


def test_a_folder_without_all_files_is_passed_over(copied: Path) -> None:
    (copied / FILES[0]).unlink()
    assert load("mnist").name == "mnist"


def test_a_published_data_set_is_fetched_once_and_loaded(
    published: str, mirror: Mirror, small_images: dict[str, bytes], own_cache: Path
) -> None:
    dataset = load(published, download=True)
    assert (len(dataset.train), len(dataset.valid), len(dataset.test)) == (50, 10, 20)
    assert len(dataset.task.classes) == 10
    assert dataset.test.X.tobytes() == small_images["t10k-images-idx3-ubyte.gz"][16:]
    assert sorted(file.name for file in (own_cache / published).iterdir()) == sorted(FILES)
    assert len(mirror.requests) == 4
    assert load(published).fingerprint == dataset.fingerprint
    assert load(published, download=True).fingerprint == dataset.fingerprint
    assert len(mirror.requests) == 4


def test_a_download_goes_to_the_chosen_folder(
    published: str, tmp_path: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOML_DATASETS", str(tmp_path / "chosen"))
    load(published, download=True)
    assert (tmp_path / "chosen" / published / FILES[0]).is_file()
    assert not own_cache.exists()


def test_nothing_is_fetched_unless_it_is_allowed(published: str, mirror: Mirror) -> None:
    with pytest.raises(DataError, match="is not on this machine"):
        load(published)
    assert mirror.requests == []


def test_a_published_data_set_survives_cut_connections(published: str, mirror: Mirror) -> None:
    mirror.cuts = {f"/{FILES[0]}": [40, 50], f"/{FILES[3]}": [10]}
    assert len(load(published, download=True).train) == 50
    assert (f"/{FILES[0]}", "bytes=90-") in mirror.requests


def test_a_wrong_file_is_not_loaded(published: str, mirror: Mirror, own_cache: Path) -> None:
    mirror.files[f"/{FILES[1]}"] = gzip.compress(b"something else")
    with pytest.raises(DataError, match=rf"{FILES[1]} could not be fetched.*SHA256 must be"):
        load(published, download=True)
    assert [file.name for file in (own_cache / published).iterdir()] == [FILES[0]]


def test_a_copy_that_was_altered_after_the_download_is_refused(
    published: str, own_cache: Path
) -> None:
    load(published, download=True)
    (own_cache / published / FILES[1]).write_bytes(gzip.compress(b"something else"))
    with pytest.raises(DataError, match=rf"must be .*{FILES[1]}; delete it and fetch it again"):
        load(published)


def test_offline_names_every_file_and_the_folder(
    published: str, mirror: Mirror, own_cache: Path
) -> None:
    mirror.files.clear()
    with pytest.raises(DataError) as caught:
        load(published, download=True)
    message = str(caught.value)
    assert f"put {', '.join(FILES)} in {own_cache / published} by hand" in message
    assert "\n" not in message


def test_an_unwritable_folder_is_one_line(
    published: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "taken").write_text("a file")
    monkeypatch.setenv("AUTOML_DATASETS", str(tmp_path / "taken"))
    with pytest.raises(DataError, match="must be writable") as caught:
        load(published, download=True)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["mnist", *RELATIVES])
def test_every_file_has_its_checksum_and_an_address(name: str) -> None:
    source: Any = SOURCES.get(name)
    assert len({*source.packed}) == len(FILES)
    assert all(len(digest) == 64 and int(digest, 16) for digest in source.packed)
    assert all(url.startswith("http") and url.endswith("/") for url in source.mirrors)


def test_mnist_that_is_missing_is_fetched_too(
    shipped: Path, mirror: Mirror, monkeypatch: pytest.MonkeyPatch, own_cache: Path
) -> None:
    source = type(SOURCES.get("mnist"))
    here = [own_cache / "mnist"]
    monkeypatch.setattr("automl.data.sources._idx.search_folders", lambda name: here)
    packed = {file: (shipped / file).read_bytes() for file in FILES}
    mirror.files = {f"/{file}": content for file, content in packed.items()}
    monkeypatch.setattr(source, "mirrors", (f"{mirror.url}/",))
    digests = tuple(hashlib.sha256(packed[file]).hexdigest() for file in FILES)
    monkeypatch.setattr(source, "packed", digests)
    with pytest.raises(DataError, match="is not on this machine"):
        load("mnist")
    assert load("mnist", download=True).fingerprint == load("mnist").fingerprint
