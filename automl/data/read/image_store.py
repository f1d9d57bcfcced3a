"""Pictures of a folder, decoded once into a file of rows.

The file lies in the user's cache, by names and contents of the pictures, and serves every later
search. Rows are in a shuffled order there, so that neighbours in the file are a sample.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from automl.arrays import Array
from automl.data.cache.folders import pictures_folder
from automl.data.cache.lock import locked
from automl.data.cache.progress import show_progress
from automl.data.formats.picture_changes import Changes
from automl.data.formats.picture_files import name_below
from automl.data.formats.pictures import (
    Picture,
    PictureForm,
    UnreadablePictureError,
    as_row,
    fit_picture,
    read_unfiltered,
)
from automl.data.read.image_aim import Aim, aim_of, ghost, guess_aim, in_threads
from automl.data.stored_rows import AnyRows, StoredRows
from automl.errors import DataError
from automl.warning_filters import warnings_as

STORED_BYTES = 2**27
"""Bytes of rows from which pictures are not kept in memory. MNIST has 55 million."""

UNUSED_DAYS = 30
"""Days after which a file that no search has used is deleted."""

WAITING_BYTES = 2**25
"""Bytes of rows that may wait to be written."""

_VERSION = 1
_ROWS, _ABOUT, _PART = "rows.bin", "about.json", ".part"


@dataclass(frozen=True, slots=True)
class Decoded:
    """Pictures in one form and size.

    Attributes
    ----------
    rows : array or StoredRows
        One for each picture that can be read, in the order of the paths.
    form : PictureForm
    unreadable : dict of int to str
        Why others cannot be, by their place among the paths.
    sentences : tuple of str
        What was changed.
    """

    rows: AnyRows
    form: PictureForm
    unreadable: dict[int, str]
    sentences: tuple[str, ...]


def decode(folder: Path, paths: Sequence[Path]) -> Decoded:
    """Return the pictures, decoded now or by an earlier search.

    Parameters
    ----------
    folder : Path
        Folder from which pictures are named.
    paths : sequence of Path

    Raises
    ------
    DataError
        When the file cannot be written, or no picture can be read.
    """
    at = pictures_folder() / _key(folder, paths)
    try:
        if not at.exists():
            with locked(at.parent):  # a search that does the same is waited for
                _clean(at.parent)
                if not at.exists():
                    with _whole(at) as partial:
                        _decode_to(partial, folder, paths)
        os.utime(at)
    except OSError as error:
        raise DataError(
            f"the folder that pictures are decoded to must be writable and have room, but"
            f" {at.parent} answers {error.strerror!r}; set XDG_CACHE_HOME to one that is"
        ) from error
    return _open(at, len(paths))


def _key(folder: Path, paths: Sequence[Path]) -> str:
    """Return a name for pictures of these names and contents."""

    def content(path: Path) -> bytes:
        try:
            with path.open("rb") as file:
                return hashlib.file_digest(file, "sha256").digest()
        except OSError:  # it will be among those that cannot be read
            return bytes(32)

    digest = hashlib.sha256(str(_VERSION).encode())
    for path, found in zip(paths, in_threads(content, paths), strict=True):
        digest.update(name_below(path, folder).encode("utf-8", "surrogateescape") + b"\0" + found)
    return digest.hexdigest()[:32]


def _open(at: Path, count: int) -> Decoded:
    about = json.loads((at / _ABOUT).read_text(encoding="utf-8"))
    form = PictureForm.from_json(about["form"])
    unreadable = {int(place): why for place, why in about["unreadable"].items()}
    there = np.setdiff1d(np.arange(count), list(unreadable)).astype(np.int64)
    rows = StoredRows(at / _ROWS, form.dtype, tuple(about["row"]), _places(count)[there])
    return Decoded(rows, form, unreadable, tuple(about["sentences"]))


def _places(count: int) -> Array:
    """Return which row of the file each picture is."""
    return np.random.RandomState(0).permutation(count).astype(np.int64)


@contextmanager
def _whole(at: Path) -> Iterator[Path]:
    """Give a folder that takes its name when all is written."""
    partial = at.with_suffix(_PART)
    partial.mkdir()
    try:
        yield partial
        partial.rename(at)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _clean(cache: Path) -> None:
    """Delete what nobody has used for long, and what a process that was killed has left.

    To be called under the lock, so that nobody writes.
    """
    oldest = time.time() - 86_400 * UNUSED_DAYS
    for old in cache.iterdir():
        if old.suffix == _PART or old.stat().st_mtime < oldest:
            shutil.rmtree(old, ignore_errors=True)


def _decode_to(to: Path, folder: Path, paths: Sequence[Path]) -> None:
    aim = guess_aim(paths)
    seen, unreadable = _write(to / _ROWS, paths, aim)
    true = aim_of(list(seen.values()), len(paths))
    if true != aim:  # some picture is not what its header, or the sample, said
        aim = true
        seen, unreadable = _write(to / _ROWS, paths, aim)
    changes = Changes(aim.form, aim.height, aim.width, aim.size)
    for i, picture in seen.items():
        changes.add(name_below(paths[i], folder), picture)
    about = {
        "form": aim.form.to_json(),
        "row": list(aim.row),
        "unreadable": unreadable,
        "sentences": list(changes.sentences()),
    }
    (to / _ABOUT).write_text(json.dumps(about), encoding="utf-8")


def _write(
    path: Path, paths: Sequence[Path], aim: Aim
) -> tuple[dict[int, Picture], dict[int, str]]:
    """Decode all pictures, and write each to its row.

    Returns
    -------
    seen : dict of int to Picture
        Ghosts of those that could be read.
    unreadable : dict of int to str
    """
    seen: dict[int, Picture] = {}
    unreadable: dict[int, str] = {}
    size = len(paths) * aim.row_bytes
    with (
        path.open("wb") as file,
        show_progress("decoding pictures", len(paths)) as advance,
        warnings_as("ignore"),
    ):
        file.truncate(size)
        if hasattr(os, "posix_fallocate"):  # so that a full disk says so now
            os.posix_fallocate(file.fileno(), 0, size)

        def row_of(path: Path) -> tuple[Picture, bytes] | str:
            try:
                picture = read_unfiltered(path)
            except UnreadablePictureError as error:
                return error.reason
            row = as_row(fit_picture(picture.pixels, aim.form, aim.height, aim.width))
            return ghost(picture), row.tobytes()

        places = _places(len(paths))
        at_once = WAITING_BYTES // aim.row_bytes
        for i, found in enumerate(in_threads(row_of, paths, at_once)):
            advance(1)
            if isinstance(found, str):
                unreadable[i] = found
                continue
            seen[i], row = found
            file.seek(int(places[i]) * aim.row_bytes)
            file.write(row)
        file.flush()
        os.fsync(file.fileno())  # before the new name: a power cut must not leave an empty file
    return seen, unreadable
