"""The scheduler: hands the jobs of several streams to one executor.

Streams come first come, first served; each is told what its own jobs say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from automl.executors import Executor, JobError, Message
from automl.job import Job
from automl.scheduling.job_batch import JobBatch
from automl.scheduling.limits import NO_LIMITS, Limits, Watch
from automl.scheduling.stream import Stream
from automl.trial import Stop

TICK_SECONDS = 0.1
"""How often the view is refreshed and the clock is looked at while nothing happens."""


@dataclass(frozen=True, slots=True)
class _Running:
    stream: Stream
    key: Any
    job: Job
    again: bool = False


class Scheduler:
    """Runs streams until one of them has nothing left.

    Parameters
    ----------
    executor : Executor
    tick : callable
        Called ten times a second.
    heard : callable
        Called with every message, before the stream that it is for.
    """

    def __init__(
        self,
        executor: Executor,
        tick: Callable[[], None],
        heard: Callable[[Message], None] = lambda message: None,
    ) -> None:
        self._executor = executor
        self._tick = tick
        self._heard = heard
        self._streams: list[Stream] = []
        self._running: dict[int, _Running] = {}
        self._lost: list[_Running] = []
        self._watch = Watch(executor)

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
            self._watch.look()
            self._tick()

    def run_batch(
        self,
        jobs: Mapping[Any, Job],
        over: Callable[[], str | None] = lambda: None,
        on_progress: Callable[[Any, int, Any], None] = lambda key, worker, payload: None,
        limits: Limits = NO_LIMITS,
        *,
        ahead: bool = False,
    ) -> JobBatch:
        """Run jobs that are known beforehand to their end, beside the streams that are there.

        Parameters
        ----------
        jobs, over, on_progress, limits
            As in `JobBatch`.
        ahead : bool
            Whether they go before the jobs of the other streams.
        """
        batch = JobBatch(jobs, over, on_progress, limits)
        self.add(batch, ahead=ahead)
        self.run(until=batch)
        return batch

    def _fill(self, until: Stream) -> bool:
        """Give every idle worker a job; true, and no more is given, once `until` is over."""
        while self._lost and self._executor.idle:
            self._begin(self._lost.pop(0))
        for stream in self._streams:
            while self._executor.idle:
                offer = stream.next_job()
                if offer is None:
                    if stream is until and not self._is_running(until):
                        return True  # it was offered a worker, and declined
                    break
                job, key = offer
                self._begin(_Running(stream, key, job))
        return False

    def _begin(self, running: _Running) -> None:
        ticket = self._executor.submit(running.job)
        self._running[ticket] = running
        self._watch.begins(ticket, running.stream.limits, running.job.members)

    def _is_running(self, stream: Stream) -> bool:
        return any(r.stream is stream for r in (*self._running.values(), *self._lost))

    def _handle(self, message: Message) -> None:
        self._heard(message)
        running = self._running[message.ticket]
        stream, key = running.stream, running.key
        if message.final:
            del self._running[message.ticket]
            self._watch.ends(message.ticket)
            if _worth_another_try(message.payload) and not running.again:
                self._lost.append(replace(running, again=True))
            else:
                stream.finished(key, message)
            return
        self._watch.speaks(message.ticket, message.member)
        if (why := stream.progress(key, message)) is not None:
            self._stop(message.ticket, why, message.member)

    def _stop_those_who_should(self) -> None:
        for ticket, running in self._running.items():
            if (why := running.stream.should_stop_all()) is not None:
                self._stop(ticket, why)

    def _stop(self, ticket: int, why: Stop, member: int | None = None) -> None:
        self._executor.stop(ticket, why, member)
        self._watch.told(ticket, member)


def _worth_another_try(payload: Any) -> bool:
    """Return whether something else than the job itself may be to blame."""
    return isinstance(payload, JobError) and payload.blame == "worker"
