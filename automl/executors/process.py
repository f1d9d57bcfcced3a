"""One process a worker, one torch thread each, data mapped and not copied."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe, wait
from multiprocessing.process import BaseProcess
from multiprocessing.sharedctypes import RawArray
from pathlib import Path
from typing import TYPE_CHECKING, Any

from automl.data.preprocess.prepared import PreparedStore
from automl.data.preprocess.variants import DEFAULT
from automl.executors import Executor, JobError, Message
from automl.executors._worker import resident_bytes
from automl.executors._worker_process import BEGUN, MAX_MEMBERS, STOP_BITS, work
from automl.job import Job, MemberMessage
from automl.models._from_file import FamilyFile
from automl.processes.spawned import Spawner
from automl.trial import Stop

if TYPE_CHECKING:
    from automl.processes.forked import ForkServer

WORKER_ENVIRONMENT = {
    # Read by OpenMP and by the BLAS libraries when they are loaded. With more threads than free
    # cores, workers wait for each other at every barrier: 22 times slower steps were measured.
    "OMP_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "PASSIVE",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    # Every shape of a product leaves compiled kernels in these caches, 15 MB a candidate in
    # bfloat16, until there are 1,024 of them; 64 are more than one network needs.
    "ONEDNN_PRIMITIVE_CACHE_CAPACITY": "64",
    "LRU_CACHE_CAPACITY": "64",
}

PRELOAD = [
    "automl.processes.fork_server",
    "automl.executors._worker_process",
    "automl.training.entry",
]


def _server() -> ForkServer | Spawner:
    if sys.platform == "win32":
        return Spawner(WORKER_ENVIRONMENT)
    from automl.processes.forked import ForkServer  # which Windows cannot import

    return ForkServer(PRELOAD, WORKER_ENVIRONMENT)


_SERVER = _server()
"""One for all searches of this process: the second one finds torch loaded."""


SECONDS_TO_END = 3.0

START_TRIES = 5
START_PAUSE = 0.2
"""Seconds; a killed fork server is seen as dead once it has been waited for."""


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    connection: Connection
    flags: Any
    ticket: int | None = None
    members: int = 1
    began: float | None = None
    doomed: JobError | None = None


class ProcessExecutor(Executor):
    """Worker processes from a fork server that has loaded torch once.

    The server starts at once, and loads torch while the parent is still loading its own libraries
    and reading the data; the workers are forked from it for the first job. Starting one before
    would wait for torch.

    Parameters
    ----------
    workers, families
        As in `Executor`.
    first_place : int
        Place of the first worker among all of this machine, which choose their GPUs by it.
    """

    @classmethod
    def prepare(cls) -> None:
        _SERVER.ensure_running()

    def __init__(
        self, workers: int, families: Sequence[FamilyFile] = (), first_place: int = 0
    ) -> None:
        super().__init__(workers, families)
        self._first_place = first_place
        self._data: PreparedStore | None = None
        self._folder = Path()
        self._tickets = 0
        self._lost: list[Message] = []
        self._workers: list[_Worker] = []
        self.prepare()

    def provide(self, data: PreparedStore, folder: Path) -> None:
        self._data, self._folder = data, folder
        data.save(DEFAULT, folder)  # while the fork server loads torch; most searches need it

    @property
    def idle(self) -> int:
        busy = sum(w.ticket is not None for w in self._workers)
        return self.workers - busy

    def submit(self, job: Job) -> int:
        # Only a job that needs none comes before the data.
        folder = "" if self._data is None else self._data.save(job.variant, self._folder)
        return self.submit_with(job, str(folder))

    def submit_with(self, job: Job, folder: str) -> int:
        """Give a job to an idle worker, with data that lies in a folder already; see `submit`.

        Parameters
        ----------
        job : Job
        folder : str
            Where `PreparedData.open` finds it; empty for a job that needs none.
        """
        if job.members > MAX_MEMBERS:
            raise ValueError(f"a job has at most {MAX_MEMBERS} members, but got {job.members}")
        if not self._workers:
            self._workers = [self._start(place) for place in range(self.workers)]
        self._tickets += 1
        index = next(i for i, w in enumerate(self._workers) if w.ticket is None)
        worker = self._workers[index]
        worker.ticket, worker.members, worker.began = self._tickets, job.members, None
        try:
            worker.connection.send((self._tickets, job, folder))
        except OSError:
            self._lost.append(self._replace(index))  # it died while idle
        return self._tickets

    def stop(self, ticket: int, why: Stop, member: int | None = None) -> None:
        for worker in self._workers:
            if worker.ticket == ticket:
                members = range(worker.members) if member is None else (member,)
                for one in members:
                    worker.flags[one] = ticket << STOP_BITS | why.value

    def kill(self, ticket: int, reason: str, member: int | None = None) -> None:
        for worker in self._workers:
            if worker.ticket == ticket and worker.doomed is None:
                worker.doomed = JobError(reason, member=member)
                worker.process.kill()

    def seconds(self, ticket: int) -> float:
        began = next((w.began for w in self._workers if w.ticket == ticket), None)
        return 0.0 if began is None else time.monotonic() - began

    def memory(self, ticket: int) -> int:
        pid = next((w.process.pid for w in self._workers if w.ticket == ticket), None)
        return resident_bytes(pid) if pid is not None else 0

    def next_message(self, timeout: float) -> Message | None:
        if self._lost:
            return self._lost.pop(0)
        busy = {w.connection: i for i, w in enumerate(self._workers) if w.ticket is not None}
        for connection in wait(list(busy), timeout):
            index = busy[connection]  # type: ignore[index]
            worker = self._workers[index]
            try:
                ticket, payload, info = worker.connection.recv()
            except (EOFError, OSError):
                return self._replace(index)
            if info is None and payload == BEGUN:
                worker.began = time.monotonic()
                return self.next_message(timeout)
            if info is not None:
                worker.ticket = None
                spoilt = isinstance(payload, JobError) and payload.blame == "worker"
                if spoilt:
                    worker.process.kill()  # it may hang while it lets go of its device
                if spoilt or worker.doomed:  # or the job ended by itself in the last moment
                    self._replace(index)
                return Message(ticket, index, payload, final=True, info=info)
            if isinstance(payload, MemberMessage):
                return Message(ticket, index, payload.payload, False, payload.member)
            return Message(ticket, index, payload, final=False)
        return None

    def close(self) -> None:
        for worker in self._workers:
            worker.connection.close()
            if worker.ticket is not None:
                worker.process.terminate()
        for worker in self._workers:
            worker.process.join(SECONDS_TO_END)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()
        self._workers = []

    def _start(self, place: int) -> _Worker:
        for _ in range(START_TRIES - 1):
            try:
                return self._start_once(place)
            except (EOFError, ConnectionError):
                time.sleep(
                    START_PAUSE
                )  # the fork server has just died: the next try starts another
        return self._start_once(place)

    def _start_once(self, place: int) -> _Worker:
        ours, theirs = Pipe()
        try:
            flags = RawArray("q", MAX_MEMBERS)
            process = _SERVER.start(work, (theirs, flags, self.families, self._first_place + place))
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        return _Worker(process, ours, flags)

    def _replace(self, index: int) -> Message:
        """Start a fresh worker in place of a dead one, and return the message of its lost job."""
        dead = self._workers[index]
        dead.connection.close()
        dead.process.join(SECONDS_TO_END)
        code = dead.process.exitcode
        self._workers[index] = self._start(index)
        error = dead.doomed or JobError(_reason(code), blame="worker")
        return Message(dead.ticket or 0, index, error, final=True)


def _reason(exit_code: int | None) -> str:
    if exit_code is None or exit_code >= 0:
        return f"the worker process ended unexpectedly with exit code {exit_code}"
    name = signal.Signals(-exit_code).name
    hint = "; was the machine out of memory?" if name == "SIGKILL" else ""
    return f"the worker process was killed by {name}{hint}"


EXECUTOR = ProcessExecutor
