"""The scheduler: hands the jobs of several streams to one executor.

A stream is something that wants work done one job at a time: the trials, the baselines, the
finalists. Streams come first come, first served; each is told what its own jobs say.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from automl.executors import Executor, Job, Message
from automl.trial import Stop

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

    def add(self, stream: Stream, *, ahead: bool = False) -> None:
        """Take a stream in: behind those that are there, or ahead of them."""
        self._streams.insert(0 if ahead else len(self._streams), stream)

    def run(self, until: Stream) -> None:
        """Work on all streams until this one has no job left, running or to come."""
        while not self._fill(until):
            timeout = TICK_SECONDS
            # One message a worker, and no more: an inline job always has another one, and would
            # run to its end before anybody looks at the clock.
            for _ in range(self._executor.workers):
                message = self._executor.next_message(timeout)
                if message is None:
                    break
                self._handle(message)
                if message.final:
                    break  # a worker is idle: fill it before anything else
                timeout = 0.0
            self._stop_those_who_should()
            self._tick()

    def _fill(self, until: Stream) -> bool:
        """Give every idle worker a job; true, and no more is given, once `until` is over."""
        for stream in self._streams:
            while self._executor.idle:
                offer = stream.next_job()
                if offer is None:
                    if stream is until and not self._is_running(until):
                        return True  # it was offered a worker, and declined
                    break
                job, key = offer
                self._running[self._executor.submit(job)] = (stream, key)
        return False

    def _is_running(self, stream: Stream) -> bool:
        return any(s is stream for s, _ in self._running.values())

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
