"""Everything in this process, one job at a time: a failing trial can be stepped through."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

from automl.data.preprocess.prepared import PreparedStore
from automl.executors import Executor, Job, Message
from automl.executors._failure import explain
from automl.executors._worker_process import set_up_torch
from automl.trial import Stop

_TURN = threading.RLock()
"""Torch has one stream of random numbers and one set of switches in a process: of the searches
that run inline in several threads, one trains at a time, from its data to its end."""


class InlineExecutor(Executor):
    """The executor's twin in this process. `workers` must be 1.

    A job advances only inside `next_message`, by one message at a time.
    """

    def __init__(self, workers: int = 1) -> None:
        super().__init__(1)
        self._data: PreparedStore | None = None
        self._job: Generator[Any, None, Any] | None = None
        self._ticket = 0
        self._stop: Stop | None = None
        self._undo: Callable[[], None] = lambda: None

    def provide(self, data: PreparedStore, folder: Path) -> None:
        if self._data is None:
            _TURN.acquire()
            self._undo = set_up_torch()
        self._data = data

    @property
    def idle(self) -> int:
        return int(self._job is None)

    def submit(self, job: Job) -> int:
        assert self._job is None
        self._ticket += 1
        self._stop = None
        # Only a job that needs none comes before the data.
        data = None if self._data is None else self._data.get(job.variant)
        self._job = job.run(data, lambda: self._stop)  # type: ignore[arg-type]
        return self._ticket

    def stop(self, ticket: int, why: Stop) -> None:
        if ticket == self._ticket:
            self._stop = why

    def kill(self, ticket: int, reason: str) -> None:
        """Nothing: a job that hangs, hangs in this process."""

    def seconds(self, ticket: int) -> float:
        return 0.0

    def memory(self, ticket: int) -> int:
        return 0

    def next_message(self, timeout: float) -> Message | None:
        if self._job is None:
            return None
        try:
            return Message(self._ticket, 0, next(self._job), final=False)
        except StopIteration as over:
            payload = over.value
        except Exception as error:  # noqa: BLE001 - a candidate's failure is a result
            payload = explain(error)
        self._job = None
        return Message(self._ticket, 0, payload, final=True)

    def close(self) -> None:
        self._job = None
        if self._data is not None:
            self._data = None
            self._undo()
            _TURN.release()


EXECUTOR = InlineExecutor
