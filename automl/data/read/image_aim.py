"""What the pictures of a folder are brought to: said by a few of them, and the headers of all."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from automl.data.formats.pictures import (
    Picture,
    PictureForm,
    UnreadablePictureError,
    peek_size,
    read_unfiltered,
)
from automl.errors import DataError
from automl.warning_filters import warnings_as

MAX_BYTES = 16 * 10**9
"""Bytes that the rows of a folder may have; larger pictures are made smaller."""

SAMPLE = 64
"""Pictures that say which form all have, most likely."""

AT_ONCE = 512
"""Pictures that threads are given at once, so that a program that is told to stop does."""

T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True, slots=True)
class Aim:
    """What pictures are brought to.

    Attributes
    ----------
    form : PictureForm
    height, width : int
    size : str
        What this size is called.
    """

    form: PictureForm
    height: int
    width: int
    size: str = "the most frequent size"

    @property
    def row(self) -> tuple[int, ...]:
        """Shape of a row."""
        return self.form.row_shape(self.height, self.width)

    @property
    def row_bytes(self) -> int:
        """Bytes of a row."""
        return int(np.prod(self.row)) * self.form.dtype.itemsize

    def within(self, count: int) -> Aim:
        """Return the same with smaller sides, where so many rows would exceed `MAX_BYTES`."""
        share = (MAX_BYTES / max(1, count * self.row_bytes)) ** 0.5
        if share >= 1:
            return self
        height, width = (max(1, int(share * side)) for side in (self.height, self.width))
        return replace(self, height=height, width=width, size="a size at which all fit in 16 GB")


def rows_bytes(paths: Sequence[Path]) -> int:
    """Return how many bytes the rows of these pictures will take, by a sample of them."""
    found = _sample(paths)
    return aim_of(found, len(paths)).row_bytes * len(paths) if found else 0


def aim_of(pictures: Sequence[Picture], count: int) -> Aim:
    """Return the form in which no picture loses anything, and the most frequent size.

    Parameters
    ----------
    pictures : sequence of Picture
    count : int
        Pictures that there are in all.

    Raises
    ------
    DataError
        When there are none.
    """
    if not pictures:  # they were there when the sample was taken
        raise DataError("no picture of the folder can be read any more")
    sizes = Counter(picture.pixels.shape[:2] for picture in pictures)
    height, width = sizes.most_common(1)[0][0]
    return Aim(PictureForm.of(p.pixels for p in pictures), height, width).within(count)


def _sample(paths: Sequence[Path]) -> list[Picture]:
    """Return ghosts of a few of the pictures."""
    some = paths[:: max(1, len(paths) // SAMPLE)]
    with warnings_as("ignore"):
        found = list(in_threads(_read_ghost, some))
    return [picture for picture in found if isinstance(picture, Picture)]


def guess_aim(paths: Sequence[Path]) -> Aim:
    """Return what the pictures will be brought to, by a few of them and the headers of all."""
    aim = aim_of(_sample(paths), len(paths))
    with warnings_as("ignore"):
        sizes = Counter(size for path in paths if (size := peek_size(path)) is not None)
    (height, width), _ = (sizes or Counter([(aim.height, aim.width)])).most_common(1)[0]
    return Aim(aim.form, height, width).within(len(paths))


def _read_ghost(path: Path) -> Picture | str:
    try:
        return ghost(read_unfiltered(path))
    except UnreadablePictureError as error:
        return error.reason


def ghost(picture: Picture) -> Picture:
    """Return the same with pixels that take no memory: only their shape and type are asked for."""
    pixels = picture.pixels
    return replace(picture, pixels=np.broadcast_to(np.zeros((), pixels.dtype), pixels.shape))


def in_threads(work: Callable[[T], U], items: Sequence[T], at_once: int = AT_ONCE) -> Iterator[U]:
    """Yield what comes of each, in order, as a thread a core works on them.

    Pillow and hashlib work without Python's lock.

    Parameters
    ----------
    work : callable
    items : sequence
    at_once : int
        Most items of which something may wait to be taken, `AT_ONCE` and one a core aside.
    """
    size = max(_cores(), min(at_once, AT_ONCE))
    with ThreadPoolExecutor(_cores()) as pool:
        for i in range(0, len(items), size):
            yield from pool.map(work, items[i : i + size])


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
