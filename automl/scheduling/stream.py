"""A stream: something that wants work done one job at a time.

The trials are one, the baselines another, and a `JobBatch` a third.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from automl.executors import Message
from automl.job import Job
from automl.scheduling.limits import NO_LIMITS, Limits
from automl.trial import Stop


class Stream(ABC):
    """Called by `Scheduler.run`, in the parent."""

    limits: Limits = NO_LIMITS
    """Limits of each of its jobs."""

    @abstractmethod
    def next_job(self) -> tuple[Job, Any] | None:
        """Return a job and a key to know it by, or None when there is none now."""

    def progress(self, key: Any, message: Message) -> Stop | None:
        """Take in what a job, or one of its members, has yielded; the answer may stop it.

        A job whose worker died is begun anew on another, once, and yields the same again.
        """
        return None

    @abstractmethod
    def finished(self, key: Any, message: Message) -> None:
        """Take in what a job has returned: its result, or a `JobError`."""

    def should_stop_all(self) -> Stop | None:
        """Asked at every tick; a stop goes to all jobs of this stream."""
        return None
