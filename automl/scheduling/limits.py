"""What a job may take before its worker is ended: time, memory, and silence.

Called by the scheduler, which looks at every running job ten times a second.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from automl.executors import Executor

MAX_SILENT_SECONDS = 3600.0
"""A job is hung when it has been silent for so long, and for `SILENCES` times as long as ever."""

ANSWER_SECONDS = 60.0
"""Time that a job has to end once it was told to stop; it looks for that at every batch."""

SILENCES = 20
"""A job is hung when it has been silent this many times longer than its longest earlier pause."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one job may take, all its members together.

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
    """A running job: when each member was told to stop, and when it has last spoken since."""

    limits: Limits
    members: int
    heard: float
    told: dict[int, float] = field(default_factory=dict)
    deaf: dict[int, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Broken:
    """Which limit was broken, and by which member if not by the whole job."""

    reason: str
    member: int | None = None


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

    def begins(self, ticket: int, limits: Limits, members: int = 1) -> None:
        """Take note that a job was given to a worker."""
        self._watched[ticket] = _Watched(limits, members, time.monotonic())

    def speaks(self, ticket: int, member: int = 0) -> None:
        """Take note that a member of it has yielded something."""
        watched, now = self._watched[ticket], time.monotonic()
        self._longest = max(self._longest, now - watched.heard)
        watched.heard = now
        if member in watched.told:
            watched.deaf[member] = now

    def told(self, ticket: int, member: int | None = None) -> None:
        """Take note that it was told to stop, or one of its members."""
        watched, now = self._watched[ticket], time.monotonic()
        for one in range(watched.members) if member is None else (member,):
            watched.told.setdefault(one, now)

    def ends(self, ticket: int) -> None:
        """Take note that it has returned."""
        del self._watched[ticket]

    def look(self) -> None:
        """End every job that has broken a limit."""
        now = time.monotonic()
        for ticket, watched in self._watched.items():
            broken = self._broken(ticket, watched, now)
            if broken is not None:
                self._executor.kill(ticket, broken.reason, broken.member)

    def _broken(self, ticket: int, watched: _Watched, now: float) -> _Broken | None:
        limits = watched.limits
        if limits.seconds is not None and self._executor.seconds(ticket) > limits.seconds:
            return _Broken(f"took longer than --trial-timeout, {limits.seconds:g} s")
        if limits.memory is not None:
            used = self._executor.memory(ticket)
            if used > limits.memory:
                return _Broken(
                    f"needed more memory than --trial-memory, {limits.memory / 1e6:,.0f} MB:"
                    f" its worker had {used / 1e6:,.0f} MB"
                )
        if not limits.listens:
            return None
        patience = SILENCES * self._longest
        if now - watched.heard > max(MAX_SILENT_SECONDS, patience):
            return _Broken(f"hung: nothing was heard of it for {now - watched.heard:.0f} s")
        return _unanswered(watched, now, max(ANSWER_SECONDS, patience))


def _unanswered(watched: _Watched, now: float, limit: float) -> _Broken | None:
    """Return a stop that was not heeded: all have been told, or one has gone on speaking."""
    if len(watched.told) == watched.members:
        ago = now - max(watched.told.values())
        if ago > limit:
            return _Broken(f"hung: it was told to stop {ago:.0f} s ago")
    for member, spoke in watched.deaf.items():
        ago = spoke - watched.told[member]
        if ago > limit:
            said = f"hung: member {member} was told to stop, and went on for {ago:.0f} s"
            return _Broken(said, member)
    return None
