"""Rows to predict, read from a file or a folder: CSV, NPY, NPZ, IDX, or PNG images.

What a file is, is told by its first bytes. No file can run code here: pickles are refused.
"""

from __future__ import annotations

import math
import warnings
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.bundle.schema import InputSchema
from automl.data.idx import read_idx
from automl.errors import DataError

Array = NDArray[Any]

MAX_UNPACKED = 16 * 10**9
"""Bytes that an NPZ file may claim."""

_DELIMITERS = (",", ";", "\t")


def read_rows(path: Path, inputs: InputSchema, *, invert: bool = False) -> tuple[Array, list[str]]:
    """Read rows that a model can predict.

    Parameters
    ----------
    path : Path
        A CSV file with or without a header, an NPY file, an NPZ file with ``X``, an IDX file,
        plain or gzipped, or a folder of PNG images.
    inputs : InputSchema
        What the model was trained on.
    invert : bool
        Whether images are dark where the training data is bright.

    Returns
    -------
    rows : array of shape (rows, *inputs.shape)
    names : list of str
        File names of images, else empty.

    Raises
    ------
    DataError
        When it cannot be read, or the rows have another shape.
    """
    if path.is_dir():
        from automl.bundle.images import read_images

        return read_images(path, inputs, invert=invert)
    if invert:
        raise DataError(f"{path}: only a folder of images can be inverted")
    return _shaped(_read_file(path), path, inputs), []


def _read_file(path: Path) -> Array:
    try:
        with path.open("rb") as file:
            start = file.read(6)
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None
    if start == b"\x93NUMPY":
        return _read_npy(path)
    if start[:4] == b"PK\x03\x04":
        return _read_npz(path)
    if start[:2] in (b"\x1f\x8b", b"\0\0"):
        return read_idx(path)
    return _read_csv(path)


def _shaped(X: Array, path: Path, inputs: InputSchema) -> Array:
    """Rows of the model's shape; flattened ones are folded."""
    if X.dtype.kind not in "biuf":
        raise DataError(f"{path}: rows must be numbers, but got {X.dtype}")
    size = math.prod(inputs.shape)
    if X.ndim < 2 or math.prod(X.shape[1:]) != size:
        shape = " x ".join(map(str, inputs.shape))
        raise DataError(
            f"{path}: every row must have {size} values ({shape}), but got an array of shape"
            f" {X.shape}"
        )
    return X.reshape(len(X), *inputs.shape)


def _read_npy(path: Path) -> Array:
    try:
        # Mapped, because a header may claim any shape, and a map is checked against the file.
        mapped = np.load(path, mmap_mode="r", allow_pickle=False)
        return np.asarray(mapped)
    except (OSError, ValueError, EOFError, MemoryError) as error:
        raise DataError(f"{path}: must be an NPY file of numbers, but: {_line(error)}") from None


def _read_npz(path: Path) -> Array:
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > MAX_UNPACKED:
                raise ValueError(f"it must unpack to less than {MAX_UNPACKED // 10**9} GB")
        with np.load(path, allow_pickle=False) as arrays:
            names = list(arrays.keys())
            name = "X" if "X" in names or len(names) != 1 else names[0]
            if name not in names:
                raise ValueError(f"it must hold one array, or one named X, but has {names}")
            return np.asarray(arrays[name])
    except (
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
        raise DataError(f"{path}: must be an NPZ file of numbers, but: {_line(error)}") from None


def _read_csv(path: Path) -> Array:
    try:
        with path.open(encoding="utf-8-sig") as file:
            first = file.readline(1 << 20)
        delimiter = max(_DELIMITERS, key=first.count)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of an empty file: checked below
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
        raise DataError(f"{path}: must be CSV with numbers only, but: {_line(error)}") from None
    if X.size == 0:
        raise DataError(f"{path}: must hold rows, but there are none")
    return X


def _is_numbers(line: str, delimiter: str) -> bool:
    """Whether the first line is data, and not a header."""
    for field in line.split(delimiter):
        try:
            float(field.strip().strip('"'))
        except ValueError:
            return False
    return True


def _line(error: Exception) -> str:
    text = " ".join(str(error).split())
    return f"{text:.200}" if text else type(error).__name__
