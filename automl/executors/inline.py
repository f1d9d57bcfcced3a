"""Everything in this process, one job at a time: a failing trial can be stepped through."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from automl.data.preprocess.prepared import PreparedStore
from automl.executors import Executor, JobError, Message
from automl.executors._failure import REASON_LENGTH, explain
from automl.executors._worker import TorchState, here
from automl.job import Job, MemberMessage, run_job
from automl.models._from_file import FamilyFile, load_files
from automl.trial import Stop

_TURN = threading.RLock()
"""Torch has one stream of random numbers and one set of switches in a process: of the searches
that run inline in several threads, one computes at a time."""


class InlineExecutor(Executor):
    """The executor's twin in this process. `workers` must be 1.

    A job advances only inside `next_message`, by one message at a time. In between, torch is as the
    program has left it.
    """

    own_process: ClassVar[bool] = False

    def __init__(self, workers: int = 1, families: Sequence[FamilyFile] = ()) -> None:
        super().__init__(1, families)
        self._data: PreparedStore | None = None
        self._job: Generator[Any, None, Any] | None = None
        self._ticket = 0
        self._stops: dict[int, Stop] = {}
        self._members = 1
        self._torch: TorchState | None = None

    def provide(self, data: PreparedStore, folder: Path) -> None:
        load_files(self.families)
        self._data = data

    @property
    def idle(self) -> int:
        return int(self._job is None)

    def submit(self, job: Job) -> int:
        assert self._job is None
        self._ticket += 1
        self._stops, self._members = {}, job.members
        # Only a job that needs none comes before the data.
        data = None if self._data is None else self._data.get(job.variant)
        self._job = run_job(job, data, lambda member=0: self._stops.get(member))
        return self._ticket

    def stop(self, ticket: int, why: Stop, member: int | None = None) -> None:
        if ticket == self._ticket:
            members = range(self._members) if member is None else (member,)
            self._stops |= dict.fromkeys(members, why)

    def kill(self, ticket: int, reason: str, member: int | None = None) -> None:
        """Nothing: a job that hangs, hangs in this process."""

    def seconds(self, ticket: int) -> float:
        return 0.0

    def memory(self, ticket: int) -> int:
        return 0

    def next_message(self, timeout: float) -> Message | None:
        if self._job is None:
            return None
        try:
            with self._torch_of_worker():
                said = next(self._job)
            if isinstance(said, MemberMessage):
                return Message(self._ticket, 0, said.payload, False, said.member)
            return Message(self._ticket, 0, said, final=False)
        except StopIteration as over:
            payload = over.value
        except Exception as error:  # noqa: BLE001 - a candidate's failure is a result
            payload = _with_advice(explain(error))
        self._job = None
        return Message(self._ticket, 0, payload, final=True, info=here())

    def close(self) -> None:
        self._job = self._data = self._torch = None

    @contextmanager
    def _torch_of_worker(self) -> Iterator[None]:
        """Let torch be as in a worker, with the random numbers of our last message."""
        with _TURN:
            programs = TorchState.now()
            (self._torch or TorchState.of_worker()).switch_on()
            try:
                yield
            finally:
                self._torch = TorchState.now()
                programs.switch_on()


def _with_advice(error: JobError) -> JobError:
    """Say of a failed kernel that this process keeps the device which it has spoilt."""
    if error.blame != "worker":
        return error
    advice = "executor inline keeps its process, so later trials may fail, too; process does not"
    return replace(error, reason=f"{error.reason:.{REASON_LENGTH - len(advice) - 2}}; {advice}")


EXECUTOR = InlineExecutor
