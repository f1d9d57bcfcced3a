"""IDX files: the plain array format in which MNIST and its relatives are published.

Layout, after the page that published MNIST: two zero bytes, one byte for the type of the values,
one byte for the number of dimensions, each dimension as a big-endian 32-bit count, and then the
values, big-endian, last dimension fastest. A file may be gzipped; it is told by its first bytes.
"""

from __future__ import annotations

import gzip
import hashlib
import math
import os
import struct
import zlib
from io import BufferedIOBase
from pathlib import Path
from typing import Any

import numpy as np

from automl.arrays import Array
from automl.errors import DataError

MAX_BYTES = 2**30
"""No file may promise more values than this many bytes; MNIST's largest promises 47 MB."""

_DTYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_MAX_DIMENSIONS = 64  # what a numpy array can have
_MAX_INFLATION = 1032  # deflate cannot pack more bytes than this into one (zlib's own figure)
_PIECE = 2**20


def read_idx(path: Path, *, sha256: str | None = None) -> Array:
    """Read one file, gzipped or plain.

    Parameters
    ----------
    path : Path
    sha256 : str, optional
        What the SHA-256 of the uncompressed file must be, in hexadecimal.

    Returns
    -------
    array
        A writable array of the shape and type in the header, in this machine's byte order.

    Raises
    ------
    DataError
        When the file is missing, is no IDX file, holds fewer or more bytes than its header
        promises, or does not have the checksum. Memory follows the bytes that are there, never
        the bytes that a header claims.
    """
    try:
        with open(path, "rb") as raw:
            packed = raw.peek(2)[:2] == b"\x1f\x8b"
            stream = gzip.GzipFile(fileobj=raw) if packed else raw
            size = os.fstat(raw.fileno()).st_size
            header, dtype, shape = _read_header(stream, path)
            most = size * _MAX_INFLATION if packed else size - len(header)
            values = _read_values(stream, path, math.prod(shape) * dtype.itemsize, most)
    except (OSError, EOFError, zlib.error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise _refusal(path, "an IDX file must be readable to its end", reason) from error
    if sha256 is not None:
        digest = hashlib.sha256(header)
        digest.update(values)
        if digest.hexdigest() != sha256.lower():
            rule = f"the SHA-256 of the uncompressed file must be {sha256}"
            raise _refusal(path, rule, digest.hexdigest())
    array = np.frombuffer(values, dtype).reshape(shape)
    return array.astype(dtype.newbyteorder("="), copy=False)


def _refusal(path: Path, rule: str, got: object) -> DataError:
    return DataError(f"{rule}, but got {got}: {path}; put the original file in its place")


def _read_header(
    stream: BufferedIOBase, path: Path
) -> tuple[bytes, np.dtype[Any], tuple[int, ...]]:
    """Read the header's bytes, and the type and shape that it promises."""
    magic = stream.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0":
        rule = "an IDX file must start with two zero bytes, a type and a number of dimensions"
        raise _refusal(path, rule, magic.hex(" ") or "nothing")
    code, dimensions = magic[2], magic[3]
    if code not in _DTYPES:
        known = ", ".join(f"0x{known:02x}" for known in _DTYPES)
        raise _refusal(path, f"the type of an IDX file must be one of {known}", f"0x{code:02x}")
    if not 1 <= dimensions <= _MAX_DIMENSIONS:
        rule = f"an IDX file must have between 1 and {_MAX_DIMENSIONS} dimensions"
        raise _refusal(path, rule, dimensions)
    counts = stream.read(4 * dimensions)
    if len(counts) < 4 * dimensions:
        raise _refusal(path, f"{dimensions} dimensions must follow", f"{len(counts)} bytes")
    shape = struct.unpack(f">{dimensions}I", counts)
    if 0 in shape:
        raise _refusal(path, "every dimension of an IDX file must be at least 1", shape)
    return magic + counts, np.dtype(_DTYPES[code]), shape


def _read_values(stream: BufferedIOBase, path: Path, promised: int, most: int) -> bytearray:
    """Exactly the promised bytes; `most` is what the file can hold at all."""
    rule = f"the header promises {promised} bytes of values"
    if promised > MAX_BYTES:
        raise _refusal(path, f"an IDX file may hold {MAX_BYTES} bytes", f"one of {promised}")
    if promised > most:
        raise _refusal(path, rule, f"room for {most} at most")
    values = bytearray()
    # One byte more than promised: enough to see that there is a surplus, and to make gzip read
    # its trailer and check its own checksum, yet a bomb is never unpacked further than that.
    while len(values) <= promised:
        piece = stream.read(min(_PIECE, promised + 1 - len(values)))
        if not piece:
            break
        values += piece
    if len(values) != promised:
        raise _refusal(path, rule, "more" if len(values) > promised else f"{len(values)}")
    return values
