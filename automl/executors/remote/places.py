"""The slots that there are, and which job is in which: what the search's own thread knows."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

from automl.executors import JobError, Message, WorkerInfo
from automl.job import Job


@dataclass(frozen=True, slots=True)
class Place:
    """A slot of a station.

    Attributes
    ----------
    address : str
        Address of its station.
    host : str
        Name of its machine.
    slot : int
        Which of its station's slots it is.
    worker : int
        Its number in the search; the slots of a station that has left hand theirs on.
    """

    address: str
    host: str
    slot: int
    worker: int

    def message(
        self,
        ticket: int,
        payload: object,
        *,
        final: bool = False,
        member: int = 0,
        info: WorkerInfo | None = None,
    ) -> Message:
        """Return a message of the job that runs, or ran, here."""
        return Message(ticket, self.worker, payload, final, member, info, self.host)


@dataclass(slots=True)
class Running:
    """A job at a station; `began` is on our clock, whatever the station's says."""

    job: Job
    place: Place
    began: float | None = None
    memory: int = 0
    doomed: JobError | None = None
    deadline: float = float("inf")


@dataclass(slots=True)
class _Station:
    host: str
    places: Sequence[Place]
    tickets: dict[int, Place] = field(default_factory=dict)

    @property
    def free(self) -> int:
        return len(self.places) - len(self.tickets)


class Places:
    """The stations that a search uses."""

    def __init__(self) -> None:
        self._stations: dict[str, _Station] = {}
        self._slots = 0
        self._busy = 0

    def __len__(self) -> int:
        return self._slots

    @property
    def free(self) -> int:
        """How many slots have no job."""
        return self._slots - self._busy

    def add(self, address: str, host: str, slots: int) -> None:
        """Use so many slots of a station that has come."""
        taken = {place.worker for s in self._stations.values() for place in s.places}
        free = (number for number in itertools.count() if number not in taken)
        places = [Place(address, host, slot, next(free)) for slot in range(slots)]
        self._stations[address] = _Station(host, places)
        self._slots += slots

    def remove(self, address: str) -> tuple[str, list[int]] | None:
        """Forget a station; return its host and the tickets of its jobs, None if it is not used."""
        station = self._stations.pop(address, None)
        if station is None:
            return None
        self._slots -= len(station.places)
        self._busy -= len(station.tickets)
        return station.host, [*station.tickets]

    def take(self, ticket: int) -> Place | None:
        """Return a slot for a job, of the station that has most of them free; None without one."""
        station = max(self._stations.values(), key=lambda s: s.free, default=None)
        if station is None or not station.free:
            return None
        used = station.tickets.values()
        place = next(place for place in station.places if place not in used)
        station.tickets[ticket] = place
        self._busy += 1
        return place

    def give_back(self, ticket: int, address: str) -> None:
        """Take note that a job is over."""
        del self._stations[address].tickets[ticket]
        self._busy -= 1
