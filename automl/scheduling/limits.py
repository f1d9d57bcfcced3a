"""What a job may take before its worker is ended: time, memory, and silence.

Called by the scheduler, which looks at every running job ten times a second.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from automl.executors import Executor

MAX_SILENT_SECONDS = 3600.0
"""A job is hung when it has been silent for so long, and for `SILENCES` times as long as ever."""

ANSWER_SECONDS = 60.0
"""Time that a job has to end once it was told to stop; it looks for that at every batch."""

SILENCES = 20
"""A job is hung when it has been silent this many times longer than its longest earlier pause."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one job may take.

    Attributes
    ----------
    seconds : float or None
        Wall clock from the moment at which the worker began it.
    memory : int or None
        Resident bytes of its worker.
    listens : bool
        Whether it says something every epoch and looks for a stop at every batch, so that
        silence means that it hangs.
    """

    seconds: float | None = None
    memory: int | None = None
    listens: bool = False


NO_LIMITS = Limits()


@dataclass(slots=True)
class _Watched:
    limits: Limits
    heard: float
    told: float | None = None


class Watch:
    """Ends jobs that break their limits.

    Parameters
    ----------
    executor : Executor
    """

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._watched: dict[int, _Watched] = {}
        self._longest = 0.0  # silence of a job that went on

    def begins(self, ticket: int, limits: Limits) -> None:
        """Take note that a job was given to a worker."""
        self._watched[ticket] = _Watched(limits, time.monotonic())

    def speaks(self, ticket: int) -> None:
        """Take note that it has yielded something."""
        watched, now = self._watched[ticket], time.monotonic()
        self._longest = max(self._longest, now - watched.heard)
        watched.heard = now

    def told(self, ticket: int) -> None:
        """Take note that it was told to stop."""
        watched = self._watched[ticket]
        if watched.told is None:
            watched.told = time.monotonic()

    def ends(self, ticket: int) -> None:
        """Take note that it has returned."""
        del self._watched[ticket]

    def look(self) -> None:
        """End every job that has broken a limit."""
        now = time.monotonic()
        for ticket, watched in self._watched.items():
            reason = self._broken(ticket, watched, now)
            if reason is not None:
                self._executor.kill(ticket, reason)

    def _broken(self, ticket: int, watched: _Watched, now: float) -> str | None:
        limits = watched.limits
        if limits.seconds is not None and self._executor.seconds(ticket) > limits.seconds:
            return f"took longer than --trial-timeout, {limits.seconds:g} s"
        if limits.memory is not None:
            used = self._executor.memory(ticket)
            if used > limits.memory:
                return (
                    f"needed more memory than --trial-memory, {limits.memory / 1e6:,.0f} MB:"
                    f" its worker had {used / 1e6:,.0f} MB"
                )
        if not limits.listens:
            return None
        patience = SILENCES * self._longest
        if watched.told is not None and now - watched.told > max(ANSWER_SECONDS, patience):
            return f"hung: it was told to stop {now - watched.told:.0f} s ago"
        if now - watched.heard > max(MAX_SILENT_SECONDS, patience):
            return f"hung: nothing was heard of it for {now - watched.heard:.0f} s"
        return None
