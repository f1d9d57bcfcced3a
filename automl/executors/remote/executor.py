"""The executor on our side: what the scheduler sees of stations that come and go.

What happens elsewhere is a queue of events, and only `next_message` and `provide` take any out: to
whoever asks, no worker comes or goes between two lines.
"""

from __future__ import annotations

import functools
import pickle
import queue
import secrets
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from automl.cluster.versions import difference, versions
from automl.data.preprocess.prepared import PreparedStore
from automl.data.preprocess.variants import DEFAULT
from automl.errors import AutomlError, ConfigError, StudyError, one_line
from automl.executors import Executor, JobError, Message
from automl.executors.remote.engine import Engine
from automl.executors.remote.events import Came, Event, Letter, Lost, Trouble
from automl.executors.remote.link import GIVEN_UP, Link
from automl.executors.remote.outcome import Outcome
from automl.executors.remote.places import Places, Running
from automl.executors.remote.wire import WireError, decode
from automl.job import Job
from automl.models._from_file import FamilyFile
from automl.trial import Stop

START_SECONDS = 60.0
"""How long the first station is waited for."""

OTHERS_SECONDS = 10.0
"""How long those are waited for that are beside it."""

ALONE_SECONDS = 300.0
"""How long a search that had stations goes on without one."""

KEPT = "what is finished is kept, and the same command goes on from it"

DEAF_SECONDS = 30.0
"""How long a station may take to end a job before it is taken for lost."""


class RemoteExecutor(Executor):
    """Runs jobs in the slots of stations. A file for an engine has a subclass.

    Parameters
    ----------
    engine : Engine
        Carries our requests.
    workers : int
        The most slots to use.
    families : sequence of FamilyFile
    """

    def __init__(self, engine: Engine, workers: int, families: Sequence[FamilyFile] = ()) -> None:
        super().__init__(workers, families)
        self._data: PreparedStore | None = None
        self._folder = Path()
        self._tickets = 0
        self._most = workers
        self._places = Places()
        self._running: dict[int, Running] = {}
        self._lost: deque[Message] = deque()
        self._waiting: deque[tuple[int, Job]] = deque()
        self._notes: dict[str, bool] = {}
        self._alone_since = time.monotonic()
        self._met = False
        self._engine = engine
        self._link = Link(self._engine, secrets.token_hex(8), pickle.dumps(self.families))

    def provide(self, data: PreparedStore, folder: Path) -> None:
        self._data, self._folder = data, folder
        data.save(DEFAULT, folder)  # while stations start; most searches need it
        self.await_worker()

    @property
    def idle(self) -> int:
        return max(0, self._places.free - len(self._waiting))

    def submit(self, job: Job) -> int:
        if not self._met:  # a job that needs no data comes before `provide`
            self.await_worker()
        self._tickets += 1
        self._waiting.append((self._tickets, job))
        self._begin_waiting()
        return self._tickets

    def stop(self, ticket: int, why: Stop, member: int | None = None) -> None:
        if (running := self._running.get(ticket)) is not None:
            head = {"what": "stop", "ticket": ticket, "why": why.name, "member": member}
            self._link.send(running.place.address, Letter(head))

    def kill(self, ticket: int, reason: str, member: int | None = None) -> None:
        running = self._running.get(ticket)
        if running is not None and running.doomed is None:
            running.doomed = JobError(reason, member=member)
            running.deadline = time.monotonic() + DEAF_SECONDS
            head = {"what": "kill", "ticket": ticket, "reason": reason, "member": member}
            self._link.send(running.place.address, Letter(head))

    def seconds(self, ticket: int) -> float:
        running = self._running.get(ticket)
        began = None if running is None else running.began
        return 0.0 if began is None else time.monotonic() - began

    def memory(self, ticket: int) -> int:
        running = self._running.get(ticket)
        return 0 if running is None else running.memory

    def next_message(self, timeout: float) -> Message | None:
        end = time.monotonic() + timeout
        while True:
            self._look()
            if self._lost:
                return self._lost.popleft()
            try:
                event = self._link.events.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                return None
            if (message := self._apply(event)) is not None:
                return message

    def news(self) -> list[str]:
        new = [line for line, told in self._notes.items() if not told]
        self._notes |= dict.fromkeys(new, True)
        return new

    def close(self) -> None:
        self._link.close()
        self._running, self._data = {}, None

    @functools.cached_property
    def _versions(self) -> dict[str, str]:
        return versions()  # once: what is installed takes 15 ms to look up

    def await_worker(self) -> None:
        """Wait for the first station, and for those beside it."""
        end = time.monotonic() + START_SECONDS
        while not len(self._places):
            left = end - time.monotonic()
            if left <= 0.0:
                said = "".join(f"; {line}" for line in self.news())
                raise ConfigError(
                    f"{self._engine.name} has no worker for this search after"
                    f" {START_SECONDS:.0f} s{said}; {self._engine.advice}"
                )
            try:
                self._apply(self._link.events.get(timeout=min(0.1, left)))
            except queue.Empty:
                continue
            self._link.looked.wait(OTHERS_SECONDS)
            while not self._link.events.empty():
                if (message := self._apply(self._link.events.get())) is not None:
                    self._lost.append(message)  # for `next_message`

    def _apply(self, event: Event) -> Message | None:
        match event:
            case Came():
                self._came(event)
            case Lost():
                self._lose(event.address, event.reason)
            case Trouble():
                raise self._end(event)
            case _:
                return self._hear(event.address, event.plain, event.blobs)
        return None

    def _end(self, trouble: Trouble) -> AutomlError:
        if isinstance(trouble.error, AutomlError):
            return trouble.error
        what = f"{self._engine.name} does not answer: {one_line(trouble.error)}"
        if not self._tickets:
            return ConfigError(what)
        return StudyError(f"{what}; {KEPT}")

    def _came(self, station: Came) -> None:
        if (why := difference(self._versions, station.versions)) is not None:
            self._notes.setdefault(f"{station.host} is not used: {why}", False)
            self._link.drop(station.address, ever=True)
            return
        wanted = self._most - len(self._places)
        if wanted <= 0:
            self._link.let_go(station.address)  # to other searches
            return
        self._places.add(station.address, station.host, min(station.slots, wanted))
        self._met = True
        self._count()
        self._begin_waiting()

    def _lose(self, address: str, reason: str) -> None:
        removed = self._places.remove(address)
        if removed is None:
            if reason != GIVEN_UP:
                self._notes.setdefault(f"a worker is not used: {reason}", False)
            return
        host, tickets = removed
        self._notes.setdefault(f"the worker on {host} is gone: {reason}", False)
        self._count()
        for ticket in tickets:
            running = self._running.pop(ticket)
            lost = JobError(f"the worker on {host} was lost: {reason}", blame="worker")
            error = running.doomed or lost
            self._lost.append(running.place.message(ticket, error, final=True))

    def _count(self) -> None:
        self.workers = max(1, len(self._places))
        self._alone_since = time.monotonic()

    def _begin_waiting(self) -> None:
        while self._waiting and self._places.free:
            self._begin(*self._waiting.popleft())

    def _begin(self, ticket: int, job: Job) -> None:
        place = self._places.take(ticket)
        assert place is not None
        # Only a job that needs none comes before the data.
        data = None if self._data is None else self._data.save(job.variant, self._folder)
        inputs = job.input_files()
        try:
            blobs = (pickle.dumps(job), *(Path(path).read_bytes() for path in inputs))
        except OSError as error:
            end = JobError(f"a file of the job cannot be read: {one_line(error)}")
            self._places.give_back(ticket, place.address)
            self._lost.append(place.message(ticket, end, final=True))
            return
        self._running[ticket] = Running(job, place)
        head = {
            "what": "begin",
            "ticket": ticket,
            "place": place.slot,
            "data": "" if data is None else data.name,
            "inputs": inputs,
            "outputs": job.output_files(),
        }
        self._link.send(place.address, Letter(head, blobs, data))

    def _hear(self, address: str, plain: dict[str, Any], blobs: list[bytes]) -> Message | None:
        running = self._running.get(plain.get("ticket", -1))
        if running is None or running.place.address != address:
            return None  # it was taken for lost meanwhile
        try:
            return self._understand(plain["ticket"], running, plain, blobs)
        except (WireError, KeyError, TypeError, ValueError) as error:
            self._give_up(address, one_line(error), ever=True)
        return None

    def _understand(
        self, ticket: int, running: Running, plain: dict[str, Any], blobs: list[bytes]
    ) -> Message | None:
        match plain["what"]:
            case "begun":
                running.began = time.monotonic()
            case "memory":
                running.memory = int(plain["bytes"])
            case "said":
                payload = decode(plain["payload"], running.job.says)
                member = int(plain["member"])
                return running.place.message(ticket, payload, member=member)
            case "final":
                return self._final(ticket, running, plain, blobs)
        return None

    def _final(
        self, ticket: int, running: Running, plain: dict[str, Any], blobs: list[bytes]
    ) -> Message:
        outcome = Outcome.read(running.job, plain, blobs)
        error = outcome.write()
        del self._running[ticket]
        self._places.give_back(ticket, running.place.address)
        if outcome.fit:
            self._begin_waiting()
        else:
            self._give_up(running.place.address, "it could not take a job")
        payload = error or outcome.payload
        return running.place.message(ticket, payload, final=True, info=outcome.info)

    def _give_up(self, address: str, reason: str, *, ever: bool = False) -> None:
        """Take a station for lost, whatever it may still say."""
        self._link.drop(address, ever=ever)
        self._lose(address, reason)

    def _look(self) -> None:
        """Look after what time alone brings."""
        now = time.monotonic()
        for running in list(self._running.values()):
            if now > running.deadline:
                self._give_up(running.place.address, "it did not end a job")
        if not len(self._places) and now - self._alone_since > ALONE_SECONDS:
            raise StudyError(
                f"{self._engine.name} has had no worker for {ALONE_SECONDS:.0f} s;"
                f" {self._engine.advice}; {KEPT}"
            )
