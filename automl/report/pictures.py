"""Rows of image data as PNG, written by hand: nothing else here needs an image library."""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np

from automl.arrays import Array
from automl.data.stored_rows import AnyRows, limits

MOST_SIDE = 96
"""Pixels that a picture is shown with; larger ones are shrunk."""


def is_picture(rows: AnyRows | None) -> bool:
    """Return whether each row is one image, grey or in colour."""
    return rows is not None and (rows.ndim == 3 or (rows.ndim == 4 and rows.shape[1] in (1, 3)))


def brightest(rows: AnyRows) -> float:
    """Return the value that is drawn white: the greatest of all rows, so that pictures compare."""
    return float(limits(rows)[1]) or 1.0


def data_uri(image: Array, white: float) -> str:
    """Encode an image as a PNG in a data URI.

    Parameters
    ----------
    image : array of shape (height, width) or (channels, height, width)
    white : float
        0 is black.
    """
    values = np.asarray(image, dtype=np.float64)
    values = values[None] if values.ndim == 2 else values
    values = _shrunk(values, -(-max(values.shape[1:]) // MOST_SIDE))
    shade = np.clip(values / white * 255, 0, 255).astype(np.uint8).transpose(1, 2, 0)
    return "data:image/png;base64," + base64.b64encode(_png(shade)).decode("ascii")


def _shrunk(values: Array, factor: int) -> Array:
    """Return the means of squares of pixels with such a side."""
    channels, height, width = (values.shape[0], *(side // factor for side in values.shape[1:]))
    if factor == 1 or min(height, width) < 1:
        return values
    parts = values[:, : height * factor, : width * factor]
    return np.asarray(parts.reshape(channels, height, factor, width, factor).mean((2, 4)))


def _png(image: Array) -> bytes:
    """PNG (ISO/IEC 15948) with 8 bits a value: each line begins with filter type 0.

    Parameters
    ----------
    image : uint8 array of shape (height, width, channels)
        One channel for grey, three for colour.
    """
    height, width, channels = image.shape
    lines = np.zeros((height, 1 + width * channels), dtype=np.uint8)
    lines[:, 1:] = image.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, 0 if channels == 1 else 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(lines.tobytes(), 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in chunks)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
