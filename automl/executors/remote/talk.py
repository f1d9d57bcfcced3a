"""What goes on with one station, from its greeting until it is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

from automl.executors.remote.engine import Engine, StationError
from automl.executors.remote.events import Came, Event, Letter, Said
from automl.executors.remote.parcel import Parcels
from automl.executors.remote.wire import WireError, pack, unpack

POLL_SECONDS = 5.0
"""How long a station with nothing to say keeps a request open; it is the sign of life."""

SILENCE_SECONDS = 10.0
"""How much longer its answer may take; less in all than a station's lease of 30 s."""

REQUEST_SECONDS = 120.0
"""How long any other answer may take: the first job of a station waits for torch."""

END_SECONDS = 5.0
"""How long a station is waited for at the end of a search."""

PART_BYTES = 4_000_000
"""Bytes of a file that are sent at a time."""


class Busy(Exception):
    """Another search has the station."""


class Unfit(Exception):
    """The station cannot take a job now, such as when its disk is full."""


class Talk:
    """A conversation with one station; everything runs in the link's thread.

    Parameters
    ----------
    engine : Engine
        Carries what is said.
    address : str
    session : str
        Names the search, and this conversation of it.
    parcels : Parcels
    hear : callable
        Takes what has happened.
    """

    def __init__(
        self,
        engine: Engine,
        address: str,
        session: str,
        parcels: Parcels,
        hear: Callable[[Event], None],
    ) -> None:
        self.task: asyncio.Task[None] | None = None
        self._engine, self._address, self._session = engine, address, session
        self._parcels, self._hear = parcels, hear
        self._letters: asyncio.Queue[Letter] = asyncio.Queue()
        self._has: set[Path] = set()
        self._host = ""

    def put(self, letter: Letter) -> None:
        """Send a request, behind those that were sent before."""
        self._letters.put_nowait(letter)

    async def greet(self, families: bytes) -> None:
        """Let the station serve this search.

        Parameters
        ----------
        families : bytes
            The pickled families of the user.

        Raises
        ------
        Busy
        Unfit, StationError, EngineError, WireError
        """
        head, _ = await self._call(Letter({"what": "hello"}, (families,)))
        if head.get("busy"):
            raise Busy
        came = _read_facts(self._address, head)
        self._host = came.host
        self._hear(came)

    async def go_on(self) -> None:
        """Hear what it says and send what it is to do, until something goes wrong.

        Raises
        ------
        Unfit, StationError, EngineError, WireError
        """
        await _first_error(self._poll(), self._deliver())

    async def end(self) -> None:
        """Let the station forget this search."""
        await self._call(Letter({"what": "end"}), END_SECONDS)

    async def _poll(self) -> None:
        heard = 0
        while True:
            letter = Letter({"what": "poll", "heard": heard, "wait": POLL_SECONDS})
            head, blobs = await self._call(letter, POLL_SECONDS + SILENCE_SECONDS)
            try:
                for plain in head["messages"]:
                    count = int(plain["blobs"])
                    mine, blobs = blobs[:count], blobs[count:]
                    heard = int(plain["number"])
                    self._hear(Said(self._address, dict(plain), mine))
            except (KeyError, TypeError, ValueError):
                raise WireError("it sent something that is no message") from None

    async def _deliver(self) -> None:
        while True:
            letter = await self._letters.get()
            if letter.data is not None and letter.data not in self._has:
                await self._bring(letter.data)
                self._has.add(letter.data)
            await self._call(letter)

    async def _bring(self, folder: Path) -> None:
        """Let data be at the station; of those on one machine, one gets it at a time."""
        async with self._parcels.turn(self._host):
            files = await asyncio.to_thread(self._parcels.files, folder)
            digests = {
                name: await asyncio.to_thread(self._parcels.digest, path)
                for name, path in files.items()
            }
            at, mark = folder.parent, self._parcels.mark(folder.parent)
            letter = {"what": "have", "files": digests, "folder": str(at), "mark": mark}
            head, _ = await self._call(Letter(letter))
            paths = {digests[name]: path for name, path in files.items()}
            for digest in head["missing"]:
                await self._bring_file(digest, paths[digest])

    async def _bring_file(self, digest: str, path: Path) -> None:
        size, offset = path.stat().st_size, 0
        with path.open("rb") as file:
            while True:
                part = await asyncio.to_thread(file.read, PART_BYTES)
                last = offset + len(part) >= size
                head = {"what": "put", "digest": digest, "offset": offset, "last": last}
                await self._call(Letter(head, (part,)))
                offset += len(part)
                if last:
                    return

    async def _call(
        self, letter: Letter, seconds: float = REQUEST_SECONDS
    ) -> tuple[dict[str, Any], list[bytes]]:
        request = pack({**letter.head, "session": self._session}, letter.blobs)
        try:
            # Not `wait_for`, which on Python 3.11 may forget that it was cancelled.
            async with asyncio.timeout(seconds):
                answer = await self._engine.call(self._address, request)
        except TimeoutError:
            raise StationError(f"it has not answered for {seconds:.0f} s") from None
        head, blobs = unpack(answer)
        if "error" in head:
            raise (Unfit if head.get("unfit") else StationError)(str(head["error"]))
        return head, blobs


def _read_facts(address: str, head: Mapping[str, Any]) -> Came:
    match head:
        case {"slots": int(slots), "facts": {"host": str(host), "versions": dict(versions)}}:
            texts = [*versions, *versions.values()]
            if slots > 0 and all(isinstance(text, str) for text in texts):
                return Came(address, slots, host, versions)
    raise WireError("it does not say what it is")


async def _first_error(*both: Coroutine[Any, Any, None]) -> None:
    """Run what never returns until one of them raises."""
    tasks = [asyncio.ensure_future(one) for one in both]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
