"""The thread that speaks with the stations, and puts what it hears into a queue.

Nothing waits for ever: every request has a time, and a station that lets one pass is lost. Only
durations are compared, each on one machine's clock, so it does not matter what time it is where.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import queue
import threading
import time
from typing import Any

from automl.errors import AutomlError, one_line
from automl.executors.remote.engine import Engine, EngineError
from automl.executors.remote.events import Event, Letter, Lost, Trouble
from automl.executors.remote.parcel import Parcels
from automl.executors.remote.talk import Busy, Talk, Unfit
from automl.executors.remote.wire import WireError

LOOK_SECONDS = 0.5
"""How often the engine is asked which stations there are."""

ANSWER_SECONDS = 15.0
"""How long its answer may take."""

BUSY_SECONDS = 3.0
LOST_SECONDS = 3.0
SPARE_SECONDS = 10.0
UNFIT_SECONDS = 60.0
"""Pauses before a station is greeted again: one that another search has, that was lost, that was
not needed, or whose disk is full."""

GIVEN_UP = "it was given up"
"""The reason of `Lost` where this side has wanted it."""

ENGINE_SECONDS = 60.0
"""How long an engine may not answer."""


class Link:
    """Speaks with all stations of an engine.

    Parameters
    ----------
    engine : Engine
    session : str
        Name of this search, without spaces.
    families : bytes
        The pickled families of the user.

    Attributes
    ----------
    events : SimpleQueue of Event
        What has happened, in order.
    looked : threading.Event
        Set once it is known which stations there are, and each has answered or failed to.
    """

    def __init__(self, engine: Engine, session: str, families: bytes) -> None:
        self.events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.looked = threading.Event()
        self._engine, self._session, self._families = engine, session, families
        self._talks: dict[str, Talk] = {}
        self._later: dict[str, float] = {}
        self._greeted: set[str] = set()
        self._greetings = 0
        self._ends: set[asyncio.Task[None]] = set()
        self._parcels = Parcels()
        self._loop = asyncio.new_event_loop()
        self._main: asyncio.Task[None] | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name="automl link", daemon=True)
        self._thread.start()

    def send(self, address: str, letter: Letter) -> None:
        """Send a request to a station, behind those that were sent before."""
        self._soon(self._put, address, letter)

    def drop(self, address: str, *, ever: bool = False) -> None:
        """Take a station for lost; it is greeted again later, or never."""
        self._soon(self._lose, address, GIVEN_UP, math.inf if ever else LOST_SECONDS)

    def let_go(self, address: str) -> None:
        """Leave a station to other searches, for a while."""
        self._soon(self._leave, address)

    def close(self) -> None:
        """Let every station end what it does, and end the thread."""
        if not self._closed:
            self._closed = True
            self._soon(self._cancel)
            self._thread.join()

    def _soon(self, function: Any, *args: Any) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(function, *args)

    def _serve(self) -> None:
        with contextlib.closing(self._loop):
            self._main = main = self._loop.create_task(self._run())
            self._loop.run_until_complete(main)
            self._loop.run_until_complete(self._loop.shutdown_default_executor())

    def _cancel(self) -> None:
        if self._main is not None:
            self._main.cancel()

    async def _run(self) -> None:
        try:
            await self._engine.start()
            await self._watch()
        except asyncio.CancelledError:
            pass
        except (AutomlError, EngineError) as error:
            self.events.put(Trouble(error))
        except Exception as error:  # noqa: BLE001 - the search must hear of it
            self.events.put(Trouble(EngineError(f"{type(error).__name__}: {one_line(error)}")))
        finally:
            self._main = None  # what ends by itself is not cancelled while it does
            self.looked.set()
            await self._end()

    async def _watch(self) -> None:
        """Greet the stations that come, and leave those that are gone."""
        answered = time.monotonic()
        while True:
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    there = await self._engine.addresses()
            except (EngineError, TimeoutError) as error:
                if time.monotonic() - answered > ENGINE_SECONDS:
                    raise EngineError(one_line(error)) from None
            else:
                answered = time.monotonic()
                self._compare(there)
            await asyncio.sleep(LOOK_SECONDS if self.looked.is_set() else LOOK_SECONDS / 10)

    def _compare(self, there: list[str]) -> None:
        for address in set(self._talks) - set(there):
            self._lose(address, "it has left", 0.0)
        now = time.monotonic()
        for address in there:
            if address not in self._talks and self._later.get(address, 0.0) <= now:
                self._greet(address)
        if there and self._greeted.issuperset(there):
            self.looked.set()

    def _greet(self, address: str) -> None:
        self._greetings += 1
        session = f"{self._session} {self._greetings}"
        talk = Talk(self._engine, address, session, self._parcels, self.events.put)
        self._talks[address] = talk
        talk.task = self._loop.create_task(self._converse(address, talk))

    async def _converse(self, address: str, talk: Talk) -> None:
        """Go through all that happens with a station."""
        try:
            try:
                await talk.greet(self._families)
            finally:
                self._greeted.add(address)
            await talk.go_on()
        except Busy:
            self._lose(address, "another search has it", BUSY_SECONDS)
        except Unfit as error:
            self._lose(address, one_line(error), UNFIT_SECONDS)
        except WireError as error:
            self._lose(address, one_line(error), math.inf)
        except Exception as error:  # noqa: BLE001 - one station ends or hangs no search
            self._lose(address, one_line(error), LOST_SECONDS)

    def _put(self, address: str, letter: Letter) -> None:
        if (talk := self._talks.get(address)) is not None:
            talk.put(letter)

    def _lose(self, address: str, reason: str, pause: float) -> None:
        talk = self._talks.pop(address, None)
        if talk is None:
            return
        self._later[address] = time.monotonic() + pause
        if talk.task is not None and talk.task is not asyncio.current_task(self._loop):
            talk.task.cancel()
        self.events.put(Lost(address, reason))

    def _leave(self, address: str) -> None:
        talk = self._talks.get(address)
        self._lose(address, GIVEN_UP, SPARE_SECONDS)
        if talk is not None:
            self._ends.add(end := self._loop.create_task(talk.end()))
            end.add_done_callback(self._left)

    def _left(self, end: asyncio.Task[None]) -> None:
        self._ends.discard(end)
        if not end.cancelled():
            end.exception()  # a station that is gone need not be told

    async def _end(self) -> None:
        tasks = [talk.task for talk in self._talks.values() if talk.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        ends = [*self._ends, *(talk.end() for talk in self._talks.values())]
        await asyncio.gather(*ends, return_exceptions=True)
        with contextlib.suppress(OSError, EngineError):
            await self._engine.close()
