"""The contract of an executor: where workers run.

A search may call `prepare` before it makes one. The scheduler calls `provide` once, `submit`
whenever `idle` says that a worker is free, and `next_message` in between; it may answer an epoch
with `stop`. One file here is one ``--executor``.

A worker calls `automl.executors._worker.set_up_worker` once, then `automl.job.run_job` for each
job; in a process that is not the worker's own, it switches to `TorchState.of_worker` for each step
of a job and back. An executor whose workers share no file system with the parent carries what
`Job.input_files` names there before the job runs, and what `Job.output_files` names back, whole,
before the job's final message; `automl.job.relocate` gives jobs and results the paths of the other
side.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Literal

from automl.data.preprocess.prepared import PreparedStore
from automl.errors import ConfigError
from automl.job import Job
from automl.models._from_file import FamilyFile
from automl.registry import Registry
from automl.trial import Stop


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
    member : int or None
        The member that is to blame, where it is one of several: the others may be tried again.
    """

    reason: str
    traceback: str = ""
    blame: Literal["candidate", "worker", "disk", "user"] = "candidate"
    member: int | None = None


@dataclass(frozen=True, slots=True)
class WorkerInfo:
    """Where a job ran.

    Attributes
    ----------
    host : str
        Name of the worker's machine.
    pid : int
        The worker's process there.
    memory : int
        Resident bytes of that process when the job ended; 0 when there is no telling.
    device : str
        Device of the process in torch's words, such as ``cuda:0``; empty when there is no telling.
    processor, accelerator : str
        Models of the machine's processor and of the GPU that the process has used; empty when
        there is no telling, or no such thing.
    """

    host: str
    pid: int
    memory: int = 0
    device: str = ""
    processor: str = ""
    accelerator: str = ""


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
    member : int
        Which member of the job has yielded this, counted from 0.
    info : WorkerInfo or None
        Where the job ran, in its final message; None when its worker died.
    host : str
        Name of the worker's machine, where the executor knows it before the job is over; else
        empty.
    """

    ticket: int
    worker: int
    payload: Any
    final: bool
    member: int = 0
    info: WorkerInfo | None = None
    host: str = ""


class Executor(ABC):
    """Runs jobs on a number of workers. A file assigns its class to ``EXECUTOR``.

    Parameters
    ----------
    workers : int
        How many jobs run at a time.
    families : sequence of FamilyFile
        Families of the user's own that jobs may name.

    Attributes
    ----------
    workers : int
        How many workers there are; where they come and go, it changes in `next_message`, `submit`
        and `provide` alone, and is 1 while there is none.
    own_process : bool
        Whether a worker has a process of its own, which `kill` can end and `memory` can measure.
    joins_cluster : bool
        Whether it takes a third argument, `cluster`: the address of machines that are there.
    """

    own_process: ClassVar[bool] = True
    joins_cluster: ClassVar[bool] = False

    def __init__(self, workers: int, families: Sequence[FamilyFile] = ()) -> None:
        self.workers = workers
        self.families = tuple(families)

    @classmethod  # noqa: B027 - most have nothing to begin
    def prepare(cls) -> None:
        """Begin what takes long and needs no executor yet, such as loading libraries elsewhere.

        Called as soon as it is known that one will be made, while this process loads its own.
        """

    def await_worker(self) -> None:  # noqa: B027 - most start theirs themselves
        """Wait until there is a worker; called before anything of a search is written.

        Raises
        ------
        ConfigError
            When none comes.
        """

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
    def stop(self, ticket: int, why: Stop, member: int | None = None) -> None:
        """Tell a running job, or one of its members, to stop; its final message still comes."""

    @abstractmethod
    def kill(self, ticket: int, reason: str, member: int | None = None) -> None:
        """End a job that does not listen, and its worker; its final message, a `JobError` with
        this reason, still comes. It names the member that is the cause, if it is not the whole job:
        a worker ends with all its members. An executor that shares our process does nothing.
        """

    @abstractmethod
    def seconds(self, ticket: int) -> float:
        """Since the worker began a running job; 0 while the worker itself is still starting."""

    @abstractmethod
    def memory(self, ticket: int) -> int:
        """Resident bytes of the worker of a running job; 0 when there is no telling."""

    @abstractmethod
    def next_message(self, timeout: float) -> Message | None:
        """Return the next message of any job, or None after `timeout` seconds without one."""

    def news(self) -> list[str]:
        """Return what there is to tell the user of the workers, each line once."""
        return []

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


def make_executor(
    name: str, workers: int, families: Sequence[FamilyFile] = (), cluster: str | None = None
) -> Executor:
    """Return an executor by its name.

    Parameters
    ----------
    name : str
    workers : int
    families : sequence of FamilyFile
    cluster : str, optional
        Address of machines that it is to join.

    Raises
    ------
    ConfigError
        When there is a cluster, and it joins none.
    UnknownNameError
    """
    kind = EXECUTORS.get(name)
    if cluster is None:
        return kind(workers, families)
    if not kind.joins_cluster:
        raise ConfigError(
            f"--cluster: must go with an executor that joins one, such as dask, but got --executor"
            f" {name}"
        )
    joining: Any = kind
    joined: Executor = joining(workers, families, cluster)
    return joined
