"""Our end of the process that speaks with Ray."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import secrets
import shutil
import tempfile
import threading
from pathlib import Path
from typing import Any

from automl.executors.remote.child import Child
from automl.executors.remote.engine import EngineError, StationError
from automl.executors.remote.frames import read_frame, write_frame
from automl.executors.remote.wire import WireError, pack, unpack

START_SECONDS = 55.0
"""How long it may take to start; a search waits a minute for its first worker."""

END_SECONDS = 20.0
"""How long it may take to end, and with it the cluster of this machine."""

LONGEST_FOLDER = 40
"""Characters of a temporary folder below which Ray's sockets still fit into the system's 107."""

_Letter = tuple[dict[str, Any], list[bytes]]


class Relay:
    """Asks the process, several things at a time; used in the thread of one event loop.

    Parameters
    ----------
    slots : int
    address : str
        As in `automl.executors._ray_driver.main`.
    """

    def __init__(self, slots: int, address: str) -> None:
        self._folder = tempfile.mkdtemp(prefix="automl-", dir=_short_folder())
        self._child = Child(
            "automl.executors._ray_driver:main",
            *(slots, address, self._folder),
            environment=_environment(local=not address),
        )
        self._loop = asyncio.get_running_loop()
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[_Letter]] = {0: self._loop.create_future()}
        self._hello = self._waiting[0]
        self._writing = threading.Lock()
        self._thread = threading.Thread(target=self._listen, name="automl ray", daemon=True)
        self._thread.start()
        self.ended = False

    async def started(self) -> None:
        """Wait until the first slots are there.

        Raises
        ------
        EngineError
        """
        try:
            async with asyncio.timeout(START_SECONDS):
                await self._result(self._hello)
        except (EngineError, TimeoutError) as error:
            await self.end()
            late = f"it takes more than {START_SECONDS:.0f} s"
            said = late if isinstance(error, TimeoutError) else str(error) or self._child.last_words
            raise EngineError(f"it did not start: {said}") from None

    async def ask(self, head: dict[str, Any], *blobs: bytes) -> _Letter:
        """Return the answer to a question.

        Raises
        ------
        EngineError, StationError
        """
        if self.ended:
            raise EngineError("its process has ended")
        number = next(self._numbers)
        self._waiting[number] = answer = self._loop.create_future()
        try:
            await asyncio.to_thread(self._write, pack({**head, "number": number}, blobs))
            return await self._result(answer)
        finally:
            self._waiting.pop(number, None)

    async def end(self) -> None:
        """End the process, and what it has started."""
        self.ended = True
        await asyncio.to_thread(self._child.end, END_SECONDS)
        await asyncio.to_thread(self._thread.join)
        shutil.rmtree(self._folder, ignore_errors=True)

    async def _result(self, answer: asyncio.Future[_Letter]) -> _Letter:
        head, blobs = await answer
        if "lost" in head:
            raise StationError(str(head["lost"]))
        if "error" in head:
            raise EngineError(str(head["error"]))
        return head, blobs

    def _write(self, letter: bytes) -> None:
        try:
            with self._writing:
                write_frame(self._child.input, letter)
        except (OSError, ValueError):
            raise EngineError("its process has ended") from None

    def _listen(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended
            while (letter := read_frame(self._child.output)) is not None:
                self._loop.call_soon_threadsafe(self._take, letter)
            self._loop.call_soon_threadsafe(self._lose)

    def _take(self, letter: bytes) -> None:
        try:
            head, blobs = unpack(letter)
            answer = self._waiting.pop(int(head["number"]), None)
        except (WireError, KeyError, TypeError, ValueError):
            return  # who waits for it has a time
        if answer is not None and not answer.done():
            answer.set_result((head, blobs))

    def _lose(self) -> None:
        self.ended = True
        for number, answer in self._waiting.items():
            if not answer.done():
                answer.set_result(({"error": "its process has ended" if number else ""}, []))


def _short_folder() -> str | None:
    """Return where a folder's name is short enough; None for the usual place."""
    usual = len(tempfile.gettempdir()) > LONGEST_FOLDER and Path("/tmp").is_dir()  # noqa: S108
    return "/tmp" if usual else None  # noqa: S108


def _environment(*, local: bool) -> dict[str, str]:
    """Return ours, with Ray's settings; a cluster that is there has its own for the most part."""
    found = {
        **os.environ,
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",  # it would send the current folder to every worker
        "RAY_BACKEND_LOG_LEVEL": "error",
    }
    if local:
        found |= {
            # Whoever may connect runs code as this user, and others are on this machine, too.
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN": secrets.token_hex(32),
            "RAY_USE_TLS": "0",
            "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # on any system: nothing beyond loopback
            # Our own workers keep to their limits; it would kill a whole slot for them.
            "RAY_memory_monitor_refresh_ms": "0",
        }
    return found
