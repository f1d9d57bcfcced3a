"""Plain files of numbers: NPY, NPZ, IDX, and CSV with nothing but numbers.

Called for rows to predict and for data sets. What a file is, is told by its first bytes. No file
can run code here: pickles are refused.
"""

from __future__ import annotations

import tokenize
import zipfile
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from automl.arrays import Array
from automl.data.formats.idx import read_idx
from automl.errors import DataError, one_line
from automl.warning_filters import warnings_as

NPY = b"\x93NUMPY"
"""The first bytes of an NPY file."""

MAX_UNPACKED = 16 * 10**9
"""Bytes that an NPZ file may claim."""

_DELIMITERS = (",", ";", "\t")


def read_numbers(path: Path) -> Array:
    """Read one array.

    Parameters
    ----------
    path : Path
        A CSV file with or without a header, an NPY file, an NPZ file with ``X`` or a single
        array, or an IDX file, plain or gzipped.

    Raises
    ------
    DataError
        When it cannot be read.
    """
    try:
        with path.open("rb") as file:
            start = file.read(6)
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None
    if start == NPY:
        return read_npy(path)
    if start[:4] == b"PK\x03\x04":
        (rows,) = read_npz(path, _the_rows).values()
        return rows
    if start[:2] in (b"\x1f\x8b", b"\0\0"):
        return read_idx(path)
    return _read_csv(path)


_BROKEN = (SyntaxError, tokenize.TokenError)
"""Errors that numpy lets pass for a header that is no Python literal; found by fuzzing."""


def read_npy(path: Path) -> Array:
    """Read the array of an NPY file; see `read_numbers`."""
    try:
        # Mapped, because a header may claim any shape, and a map is checked against the file.
        mapped = np.load(path, mmap_mode="r", allow_pickle=False)
        return np.asarray(mapped)
    except (*_BROKEN, OSError, ValueError, EOFError, MemoryError) as error:
        raise DataError(f"{path}: must be an NPY file of numbers, but: {one_line(error)}") from None


def read_npz(path: Path, choose: Callable[[list[str]], Iterable[str]]) -> dict[str, Array]:
    """Arrays of an NPZ file by name.

    Parameters
    ----------
    path : Path
    choose : callable
        Given the names that are there, returns those to read, or raises ValueError with a reason.

    Raises
    ------
    DataError
        When it cannot be read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > MAX_UNPACKED:
                raise ValueError(f"it must unpack to less than {MAX_UNPACKED // 10**9} GB")
        with np.load(path, allow_pickle=False) as arrays:
            return {name: np.asarray(arrays[name]) for name in choose(list(arrays.keys()))}
    except (
        *_BROKEN,
        OSError,
        ValueError,
        EOFError,
        KeyError,
        MemoryError,
        NotImplementedError,
        RuntimeError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise DataError(f"{path}: must be an NPZ file of numbers, but: {one_line(error)}") from None


def _the_rows(names: list[str]) -> list[str]:
    name = "X" if "X" in names or len(names) != 1 else names[0]
    if name not in names:
        raise ValueError(f"it must hold one array, or one named X, but has {names}")
    return [name]


def rows_and_lengths(names: list[str]) -> list[str]:
    """Choose the rows of an NPZ file and, if they are there, the lengths of sequences."""
    rows = _the_rows([name for name in names if name != "lengths"])
    return [*rows, *(name for name in names if name == "lengths")]


def _read_csv(path: Path) -> Array:
    try:
        with path.open(encoding="utf-8-sig") as file:
            first = file.readline(1 << 20)
        delimiter = max(_DELIMITERS, key=first.count)
        with warnings_as("ignore", UserWarning):  # of an empty file: checked below
            X = np.loadtxt(
                path,
                delimiter=delimiter,
                skiprows=0 if _is_numbers(first, delimiter) else 1,
                ndmin=2,
                comments=None,
                quotechar='"',
                encoding="utf-8-sig",
            )
    except (OSError, ValueError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: must be CSV with numbers only, but: {one_line(error)}") from None
    if X.size == 0:
        raise DataError(f"{path}: must hold rows, but there are none")
    return X


def _is_numbers(line: str, delimiter: str) -> bool:
    """Return whether the first line is data, and not a header."""
    for field in line.split(delimiter):
        try:
            float(field.strip().strip('"'))
        except ValueError:
            return False
    return True
