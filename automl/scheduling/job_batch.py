"""A stream of jobs that are known beforehand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from automl.executors import JobError, Message
from automl.job import Job
from automl.scheduling.failures import raise_if_hopeless
from automl.scheduling.limits import NO_LIMITS, Limits
from automl.scheduling.stream import Stream
from automl.trial import Stop


class JobBatch(Stream):
    """Runs every job once and keeps the results.

    Parameters
    ----------
    jobs : mapping of key to Job
    over : callable
        Whether running jobs should end with what they have.
    on_progress : callable
        Called with key, worker and what a job yielded.
    limits : Limits
        Limits of each job.

    Attributes
    ----------
    results : dict
        Results by key; a job that failed is missing.
    errors : dict of key to str
    """

    def __init__(
        self,
        jobs: Mapping[Any, Job],
        over: Callable[[], str | None] = lambda: None,
        on_progress: Callable[[Any, int, Any], None] = lambda key, worker, payload: None,
        limits: Limits = NO_LIMITS,
    ) -> None:
        self.limits = limits
        self._waiting = list(jobs.items())
        self._over = over
        self._on_progress = on_progress
        self.results: dict[Any, Any] = {}
        self.errors: dict[Any, str] = {}

    def next_job(self) -> tuple[Job, Any] | None:
        if not self._waiting:
            return None
        key, job = self._waiting.pop(0)
        return job, key

    def progress(self, key: Any, message: Message) -> Stop | None:
        self._on_progress(key, message.worker, message.payload)
        return None

    def finished(self, key: Any, message: Message) -> None:
        payload = message.payload
        if isinstance(payload, JobError):
            raise_if_hopeless(payload)
            self.errors[key] = payload.reason
        else:
            self.results[key] = payload

    def should_stop_all(self) -> Stop | None:
        return Stop.FINISH if self._over() else None
