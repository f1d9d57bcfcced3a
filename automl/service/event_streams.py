"""Server-sent events: one reader a search, however many watch it.

The lines that are new are read and formed once, and handed to everybody who is up to date. Who is
slower reads the file from where he is; neither the search nor anybody else waits for him.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from anyio import to_thread

from automl.service.events import LAST, Event, parse, read_piece

POLL_SECONDS = 0.25
PING_SECONDS = 15.0
"""Time without events after which a comment keeps proxies from closing the connection."""


class _Tail:
    """The end of one search's file, for those who watch it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.watchers = 0
        self.start = self.end = 0  # of the newest piece
        self.piece = b""
        self.is_last = False
        self.news = asyncio.Event()
        self.task: asyncio.Task[None] | None = None

    async def follow(self) -> None:
        """Look for new lines for as long as somebody watches."""
        while True:
            raw = await to_thread.run_sync(_news, self.path, self.end)
            if raw:
                self.piece, self.is_last = formed(raw, self.end)
                self.start, self.end = self.end, self.end + len(raw)
                news, self.news = self.news, asyncio.Event()
                news.set()
            else:
                await asyncio.sleep(POLL_SECONDS)


class EventStreams:
    """The streams of a service."""

    def __init__(self) -> None:
        self._tails: dict[Path, _Tail] = {}
        self._closed = False

    def close(self) -> None:
        """Let all streams end, as the service does; in the thread of the event loop."""
        self._closed = True
        for tail in self._tails.values():
            tail.news.set()

    async def stream(self, path: Path, after: int) -> AsyncIterator[bytes]:
        """Yield the events behind a place, until the search is over or the service ends."""
        tail = self._tails.get(path)
        if tail is None:
            tail = self._tails[path] = _Tail(path)
            tail.start = tail.end = await to_thread.run_sync(_whole_size, path)
            tail.task = asyncio.create_task(tail.follow())
        tail.watchers += 1
        try:
            async for piece in self._pieces(tail, after):
                yield piece
        finally:
            tail.watchers -= 1
            if not tail.watchers:
                self._tails.pop(path, None)
                assert tail.task is not None
                tail.task.cancel()

    async def _pieces(self, tail: _Tail, after: int) -> AsyncIterator[bytes]:
        yield b"retry: 1000\n\n"
        while not self._closed:
            news = tail.news
            if after == tail.start and tail.piece:
                piece, is_last, after = tail.piece, tail.is_last, tail.end
            elif after < tail.end:
                raw = await to_thread.run_sync(read_piece, tail.path, after)
                piece, is_last = formed(raw, after)
                after += len(raw)
            else:
                piece, is_last = await _wait(news), False
            if piece:
                yield piece
            if is_last and after >= tail.end:
                return


async def _wait(news: asyncio.Event) -> bytes:
    """Wait for news; return what is sent meanwhile."""
    try:
        async with asyncio.timeout(PING_SECONDS):
            await news.wait()
    except TimeoutError:
        return b": still here\n\n"
    return b""


def formed(raw: bytes, start: int) -> tuple[bytes, bool]:
    """Return lines of the file as they are sent, and whether nothing comes after the last one."""
    found: list[Event] = []
    for line in raw.splitlines(keepends=True):
        start += len(line)
        found.append(parse(line, start))
    return b"".join(e.as_sent() for e in found), bool(found) and found[-1].kind in LAST


def _news(path: Path, after: int) -> bytes:
    """Return whole lines behind a place, without opening a file that has not grown."""
    try:
        has_grown = path.stat().st_size > after
    except FileNotFoundError:
        return b""
    return read_piece(path, after) if has_grown else b""


def _whole_size(path: Path) -> int:
    """Return where the last whole line ends."""
    place = 0
    while piece := read_piece(path, place):
        place += len(piece)
    return place
