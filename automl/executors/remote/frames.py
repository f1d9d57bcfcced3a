"""Letters through a pipe, one behind the other."""

from __future__ import annotations

import struct
from typing import BinaryIO

_LENGTH = struct.Struct(">Q")


def write_frame(file: BinaryIO, letter: bytes) -> None:
    """Write a letter that `read_frame` finds at the other end.

    Raises
    ------
    OSError, ValueError
        When the pipe is broken, or closed.
    """
    file.write(_LENGTH.pack(len(letter)) + letter)
    file.flush()


def read_frame(file: BinaryIO) -> bytes | None:
    """Return the next letter; None when the pipe ends, also in the middle of one."""
    try:
        start = file.read(_LENGTH.size)
        if len(start) < _LENGTH.size:
            return None
        (length,) = _LENGTH.unpack(start)
        letter = file.read(length)
    except (OSError, ValueError):
        return None
    return letter if len(letter) == length else None
