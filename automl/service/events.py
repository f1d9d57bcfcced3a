"""What happens in a search, as lines of a file that only grows.

An event's id is the place in the file at which its line ends, so that a reader who comes back with
it goes on there: no gap and no double. There is one writer at any time, the one that holds the
search's lock: its process, and before and after that the service. Standard library only, as the
process of a search writes with it too.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MOST_BYTES = 256 * 1024
"""Bytes that are read at a time; the longest line is far below."""

LAST = ("finished", "failed", "cancelled")
"""Events after which nothing comes, unless the search is taken up again."""


@dataclass(frozen=True, slots=True)
class Event:
    """One line.

    Attributes
    ----------
    id : int
        Place in the file at which it ends.
    kind : str
    data : str
        JSON.
    """

    id: int
    kind: str
    data: str

    def as_sent(self) -> bytes:
        """Return it as server-sent events have it."""
        return f"id: {self.id}\nevent: {self.kind}\ndata: {self.data}\n\n".encode()


class EventLog:
    """The writing end.

    Parameters
    ----------
    path : Path
        The half of a line that a killed process has left at its end is cut off.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        end = os.fstat(self._file).st_size
        start = max(0, end - MOST_BYTES)
        tail = os.pread(self._file, end - start, start)
        if tail and not tail.endswith(b"\n"):
            os.ftruncate(self._file, start + tail.rfind(b"\n") + 1)

    def write(self, kind: str, **data: Any) -> None:
        """Append an event, in one piece."""
        line = json.dumps({"event": kind, "at": round(time.time(), 3), **data}, ensure_ascii=False)
        left = line.encode() + b"\n"
        while left:
            left = left[os.write(self._file, left) :]

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


def append(path: Path, kind: str, attempt: int, **data: Any) -> None:
    """Append an event of an attempt, unless the last of that attempt is the same already.

    So what was done in part before a kill can be done again.
    """
    newest = _last_of(path, attempt)
    if newest == kind:
        return
    log = EventLog(path)
    try:
        log.write(kind, attempt=attempt, **data)
    finally:
        log.close()


def _last_of(path: Path, attempt: int) -> str | None:
    """Return the kind of the last event that names an attempt, if it names this one."""
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        return None
    found = None
    for event in read(path, _line_start(path, max(0, size - MOST_BYTES))):
        data = json.loads(event.data)
        if "attempt" in data:
            found = event.kind if data["attempt"] == attempt else None
    return found


def read(path: Path, after: int = 0) -> Iterator[Event]:
    """Yield the whole lines behind a place in the file, as far as they go now.

    Parameters
    ----------
    path : Path
    after : int
        The id of an event, or 0.
    """
    while True:
        piece = read_piece(path, after)
        if not piece:
            return
        for line in piece.splitlines(keepends=True):
            after += len(line)
            yield parse(line, after)


def read_piece(path: Path, after: int) -> bytes:
    """Return whole lines behind a place, not too many at a time; empty where there are no more."""
    try:
        with path.open("rb") as file:
            file.seek(after)
            piece = file.read(MOST_BYTES)
    except FileNotFoundError:
        return b""
    return piece[: piece.rfind(b"\n") + 1]


def parse(line: bytes, end: int) -> Event:
    """Return a line as an event."""
    data = json.loads(line)
    kind = data.pop("event")
    return Event(end, kind, json.dumps(data, ensure_ascii=False))


def _line_start(path: Path, place: int) -> int:
    """Return the first beginning of a line that is not before a place."""
    if place == 0:
        return 0
    with path.open("rb") as file:
        file.seek(place - 1)
        file.readline()
        return file.tell()


def is_event_id(path: Path, place: int) -> bool:
    """Return whether an event ends at a place."""
    if place == 0:
        return True
    try:
        with path.open("rb") as file:
            file.seek(place - 1)
            return file.read(1) == b"\n"
    except (FileNotFoundError, OverflowError, OSError):
        return False
