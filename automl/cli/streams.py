"""Standard output and error as they are found: closed, full, or unable to show a character."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import warnings
from collections.abc import Iterator
from typing import Any, TextIO

from automl.errors import DataWarning


def open_streams() -> None:
    r"""Let printing work, whatever the shell has closed and whatever a terminal can show.

    Without a stream for every number from 0 to 2, the next file that is opened would take the place
    of standard output. A character that the terminal's encoding lacks is shown as ``\u2713``.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    sys.stdin = sys.stdin or _nothing()
    sys.stdout = sys.stdout or _nothing()
    sys.stderr = sys.stderr or _nothing()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def write_data(text: str) -> None:
    """Print what a program may read, such as CSV.

    It is UTF-8 where the encoding of standard output lacks a character of it, as in a file: with
    another character in its place a class would have another name.
    """
    stream = sys.stdout
    if isinstance(stream, io.TextIOWrapper):
        try:
            text.encode(stream.encoding)
        except UnicodeEncodeError:
            stream.flush()
            stream.buffer.write(text.encode())
            return
    stream.write(text)


@contextlib.contextmanager
def warnings_as_notes() -> Iterator[None]:
    """Within, a `DataWarning` is a line on standard error that begins with ``note:``."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", DataWarning)
        show = warnings.showwarning

        def say(message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
            if issubclass(category, DataWarning):
                print(f"note: {message}", file=sys.stderr, flush=True)
            else:
                show(message, category, *where, **more)

        warnings.showwarning = say
        yield


def drop_output() -> None:
    """Let what is still to be printed go nowhere, so that the end of the process is quiet."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _nothing() -> TextIO:
    return open(os.devnull, "r+", encoding="utf-8")
