"""Rows of image data as PNG, written by hand: nothing else here needs an image library."""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np

from automl.arrays import Array


def is_picture(rows: Array | None) -> bool:
    """Return whether each row is one grey image."""
    return rows is not None and rows.ndim == 3


def brightest(rows: Array) -> float:
    """Return the value that is drawn white: the greatest of all rows, so that pictures compare."""
    return float(np.max(rows)) or 1.0


def data_uri(image: Array, white: float) -> str:
    """Encode a grey image of shape (height, width) as a PNG in a data URI; 0 is black."""
    grey = np.clip(np.asarray(image, dtype=np.float64) / white * 255, 0, 255).astype(np.uint8)
    return "data:image/png;base64," + base64.b64encode(_png(grey)).decode("ascii")


def _png(grey: Array) -> bytes:
    """PNG (ISO/IEC 15948) with 8 bits of grey: each line begins with filter type 0."""
    height, width = grey.shape
    lines = np.zeros((height, width + 1), dtype=np.uint8)
    lines[:, 1:] = grey
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(lines.tobytes(), 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in chunks)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
