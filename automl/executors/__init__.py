"""The contract of an executor: where workers run.

The search loop calls `provide` once, `submit` whenever `idle` says that a worker is free, and
`next_message` in between; it may answer an epoch with `stop`. One file here is one ``--executor``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Protocol

from automl.data.preprocess.prepared import PreparedData, PreparedStore
from automl.data.preprocess.variants import Variant
from automl.registry import Registry
from automl.trial import Stop


class Job(Protocol):
    """Work for one worker: picklable, and run as a generator of progress messages.

    Attributes
    ----------
    variant : Variant
        Of the data that `run` gets.
    """

    @property
    def variant(self) -> Variant: ...

    def run(
        self, data: PreparedData, should_stop: Callable[[], Stop | None]
    ) -> Generator[Any, None, Any]:
        """Yield progress, return the result. Called in the worker."""
        ...


@dataclass(frozen=True, slots=True)
class JobError:
    """The result of a job that raised, or whose worker died.

    Attributes
    ----------
    reason : str
        One line.
    traceback : str
        Empty when the worker died without one.
    blame : {"candidate", "worker", "disk", "user"}
        What is to blame, which decides what comes next: the candidate fails; a job whose worker
        died, or has a device that a failed kernel has spoilt, may be tried once more on a fresh
        one; with a disk that cannot be written, or something that the user gave, no other job
        would fare better.
    """

    reason: str
    traceback: str = ""
    blame: Literal["candidate", "worker", "disk", "user"] = "candidate"


@dataclass(frozen=True, slots=True)
class Message:
    """One thing that a job had to say.

    Attributes
    ----------
    ticket : int
        What `Executor.submit` returned for the job.
    worker : int
        Counted from 0.
    payload : object
        What the job yielded or returned, or a `JobError`.
    final : bool
        Whether the job is over, and its worker idle again.
    """

    ticket: int
    worker: int
    payload: Any
    final: bool


class Executor(ABC):
    """Runs jobs on a fixed number of workers. A file assigns its class to ``EXECUTOR``.

    Parameters
    ----------
    workers : int
        How many jobs run at a time.
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers

    @abstractmethod
    def provide(self, data: PreparedStore, folder: Path) -> None:
        """Hand the data to every worker, as jobs ask for it; `folder` may be used to share it."""

    @property
    @abstractmethod
    def idle(self) -> int:
        """How many workers have nothing to do."""

    @abstractmethod
    def submit(self, job: Job) -> int:
        """Give a job to an idle worker; returns its ticket."""

    @abstractmethod
    def stop(self, ticket: int, why: Stop) -> None:
        """Tell a running job to stop; its final message still comes."""

    @abstractmethod
    def kill(self, ticket: int, reason: str) -> None:
        """End a job that does not listen, and its worker; its final message, a `JobError` with
        this reason, still comes. An executor that shares our process cannot, and does nothing.
        """

    @abstractmethod
    def seconds(self, ticket: int) -> float:
        """Since the worker began a running job; 0 while the worker itself is still starting."""

    @abstractmethod
    def memory(self, ticket: int) -> int:
        """Resident bytes of the worker of a running job; 0 when there is no telling."""

    @abstractmethod
    def next_message(self, timeout: float) -> Message | None:
        """The next message of any job, or None after `timeout` seconds without one."""

    @abstractmethod
    def close(self) -> None:
        """End every worker, at once: what a job was doing is lost."""

    def __enter__(self) -> Executor:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


EXECUTORS: Registry[type[Executor]] = Registry("automl.executors", "EXECUTOR", "executor")
