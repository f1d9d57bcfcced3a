"""The scheduler: hands the jobs of several streams to one executor.

A stream is something that wants work done one job at a time: the trials, the baselines, the
finalists. Streams come first come, first served; each is told what its own jobs say.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from automl.executors import Executor, Job, Message
from automl.training.job import Stop

TICK_SECONDS = 0.1
"""How often the view is refreshed and the clock is looked at while nothing happens."""


class Stream(ABC):
    """Called by `Scheduler.run`, in the parent."""

    @abstractmethod
    def next_job(self) -> tuple[Job, Any] | None:
        """A job and a key to know it by, or None when there is none now."""

    def progress(self, key: Any, worker: int, payload: Any) -> Stop | None:
        """A job has yielded; the answer may stop it."""
        return None

    @abstractmethod
    def finished(self, key: Any, worker: int, payload: Any) -> None:
        """A job has returned its result, or a `JobError`."""

    def should_stop_all(self) -> Stop | None:
        """Asked at every tick; a stop goes to all jobs of this stream."""
        return None


class Scheduler:
    """Runs streams until one of them has nothing left.

    Parameters
    ----------
    executor : Executor
    tick : callable
        Called ten times a second.
    """

    def __init__(self, executor: Executor, tick: Callable[[], None]) -> None:
        self._executor = executor
        self._tick = tick
        self._streams: list[Stream] = []
        self._running: dict[int, tuple[Stream, Any]] = {}

    def add(self, stream: Stream) -> None:
        """Take a stream in, behind those that are there."""
        self._streams.append(stream)

    def run(self, until: Stream) -> None:
        """Work on all streams until this one has no job left, running or to come."""
        while True:
            self._fill()
            busy = any(stream is until for stream, _ in self._running.values())
            if not busy and self._executor.idle:
                return  # it was offered a worker, and declined
            message = self._executor.next_message(TICK_SECONDS)
            while message is not None:
                self._handle(message)
                if message.final:
                    break  # a worker is idle: fill it before anything else
                message = self._executor.next_message(0.0)
            self._stop_those_who_should()
            self._tick()

    def _fill(self) -> None:
        for stream in self._streams:
            while self._executor.idle and (offer := stream.next_job()) is not None:
                job, key = offer
                self._running[self._executor.submit(job)] = (stream, key)

    def _handle(self, message: Message) -> None:
        stream, key = self._running[message.ticket]
        if message.final:
            del self._running[message.ticket]
            stream.finished(key, message.worker, message.payload)
        elif (why := stream.progress(key, message.worker, message.payload)) is not None:
            self._executor.stop(message.ticket, why)

    def _stop_those_who_should(self) -> None:
        for ticket, (stream, _) in self._running.items():
            if (why := stream.should_stop_all()) is not None:
                self._executor.stop(ticket, why)
