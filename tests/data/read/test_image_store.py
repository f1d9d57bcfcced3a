"""Large folders of images: decoded once, into a file that is whole or not there."""

from __future__ import annotations

import fcntl
import os
import resource
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from automl.data.cache.folders import pictures_folder
from automl.data.dataset import Dataset
from automl.data.load import load
from automl.data.read.image_store import decode
from automl.errors import DataError


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    """Return a folder with what cameras and programs write."""
    random = np.random.RandomState(0)
    for label in ("cat", "dog"):
        (tmp_path / "odd" / label).mkdir(parents=True)
        for i in range(6):
            pixels = random.randint(0, 256, (6, 9, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / "odd" / label / f"{i}.png")
    cat, image = tmp_path / "odd" / "cat", Image.fromarray(pixels)
    exif = Image.Exif()
    exif[0x0112] = 6  # held upright
    image.rotate(90, expand=True).save(cat / "turned.jpg", exif=exif)
    image.quantize(5).save(cat / "palette.png")
    image.convert("CMYK").save(cat / "print.jpg")
    image.resize((20, 7)).save(cat / "wide.png")
    image.convert("L").save(cat / "grey.png")
    clear = image.convert("RGBA")
    clear.putalpha(40)
    clear.save(cat / "clear.png")
    Image.fromarray(np.full((6, 9), 40_000, np.uint16)).save(cat / "deep.png")
    image.save(cat / "frames.gif", save_all=True, append_images=[image.rotate(180)])
    (cat / "cut.png").write_bytes((cat / "0.png").read_bytes()[:-30])
    return tmp_path / "odd"


def load_stored(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Dataset:
    """Load a folder as if it was too large for memory."""
    with monkeypatch.context() as patch:
        patch.setattr("automl.data.read.image_folder.STORED_BYTES", 0)
        return load(str(folder))


def paths_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_rows_of_a_file_are_those_of_memory(odd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stored, plain = load_stored(odd, monkeypatch), load(str(odd))
    assert stored.fingerprint == plain.fingerprint
    assert stored.notes == plain.notes
    assert len(plain.notes) == 4
    assert stored.pictures == plain.pictures
    for name in ("train", "valid", "test"):
        found, true = (np.asarray(getattr(d, name).X) for d in (stored, plain))
        np.testing.assert_array_equal(found, true)
        assert found.shape[1:] == (4, 6, 9)
        assert found.dtype == np.uint16


def test_pictures_are_decoded_again_only_when_one_of_them_is_another(
    odd: Path, tmp_path: Path
) -> None:
    first = decode(odd, paths_of(odd)).rows
    shutil.copytree(odd, tmp_path / "copy")
    again = decode(tmp_path / "copy", paths_of(tmp_path / "copy")).rows
    assert (again.path, len(again)) == (first.path, len(first))
    shutil.copy(odd / "cat" / "1.png", odd / "cat" / "2.png")
    other = decode(odd, paths_of(odd)).rows
    assert other.path != first.path
    changed = [i for i in range(len(first)) if (first[i] != other[i]).any()]
    assert changed == [paths_of(odd).index(odd / "cat" / "2.png")]


def test_two_searches_at_the_same_time_share_one_file(odd: Path) -> None:
    pictures_folder().mkdir(parents=True)
    held = os.open(pictures_folder(), os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)  # so that they begin together
    with ThreadPoolExecutor(2) as pool:
        both = pool.map(lambda folder: decode(folder, paths_of(folder)).rows, [odd, odd])
        os.close(held)
        one, other = both
    np.testing.assert_array_equal(np.asarray(one), np.asarray(other))
    assert [path.name for path in pictures_folder().iterdir()] == [one.path.parent.name]


@contextmanager
def small_files(size: int) -> Iterator[None]:
    """Let no file grow beyond a size, as a disk does that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_leaves_nothing_and_is_one_line(odd: Path) -> None:
    with small_files(1000), pytest.raises(DataError, match=r"answers 'File too large'; set XDG_"):
        decode(odd, paths_of(odd))
    assert list(pictures_folder().iterdir()) == []


def test_what_a_killed_process_has_left_is_deleted(odd: Path) -> None:
    left = pictures_folder() / "0123.part"
    left.mkdir(parents=True)
    (left / "rows.bin").write_bytes(bytes(100))
    decode(odd, paths_of(odd))
    assert not left.exists()
