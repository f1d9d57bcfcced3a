"""What runs in a worker process.

The parent imports this module to name `work`, and never loads torch for it; the fork server
preloads it together with torch.
"""

from __future__ import annotations

import os
import signal
import threading
from ctypes import Array, c_longlong
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from pathlib import Path

from automl.data.preprocess.prepared import PreparedData
from automl.executors import JobError
from automl.executors._failure import explain
from automl.executors._worker import here, set_up_worker
from automl.job import run_job
from automl.models._from_file import FamilyFile
from automl.processes.parent_death import die_with
from automl.trial import Stop

BEGUN = "begun"
"""A worker's first message of a job."""

STOP_BITS = 2
"""The low bits of a stop flag hold the `Stop`, the rest the ticket that it is for."""


MAX_MEMBERS = 1024
"""Members of one job: each has a stop flag of 8 bytes."""


def work(
    connection: Connection,
    flags: Array[c_longlong],
    families: tuple[FamilyFile, ...],
    place: int,
) -> None:
    """Receive jobs until the pipe closes, and send back what they yield and return.

    Parameters
    ----------
    connection : Connection
        Receives ``(ticket, job, data folder)``; sends ``(ticket, payload, None)`` for progress,
        first of all ``(ticket, BEGUN, None)``, and ``(ticket, result, WorkerInfo)`` at the end.
    flags : shared array of int64
        One a member; the parent sets it to stop that member of the job of a ticket. Reading it
        costs 0.1 µs, a pipe 20.
    families : tuple of FamilyFile
        Families of the user's own, which jobs may name.
    place : int
        Which of the workers this is.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    parent = parent_process()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if parent is not None and os.getppid() != parent.pid:  # forked by the fork server
        die_with(os.getppid())
    is_set_up = False
    data: dict[str, PreparedData] = {}
    while True:
        try:
            ticket, job, folder = connection.recv()
        except (EOFError, OSError):
            return

        def should_stop(member: int = 0, ticket: int = ticket) -> Stop | None:
            value = flags[member]
            if value >> STOP_BITS != ticket:
                return None
            return Stop(value & (1 << STOP_BITS) - 1)

        try:
            connection.send((ticket, BEGUN, None))
            if not is_set_up:
                set_up_worker(families, place)  # the first job says what is wrong with a family
                is_set_up = True
            if folder and folder not in data:
                data[folder] = PreparedData.open(Path(folder))
            # Only a job that needs none comes before the data.
            generator = run_job(job, data.get(folder), should_stop)
            try:
                while True:
                    connection.send((ticket, next(generator), None))
            except StopIteration as over:
                payload = over.value
        except BrokenPipeError:
            return
        except Exception as error:  # noqa: BLE001 - a candidate's failure is a result
            payload = explain(error)
        connection.send((ticket, payload, here()))
        if isinstance(payload, JobError) and payload.blame == "worker":
            return  # what comes next on a spoilt device would fail, too


def _end_with_parent() -> None:
    """Leave no orphan: a killed parent takes its workers along, even in the middle of a fit.

    A fit that holds the interpreter's lock would never let this thread run. On Linux the kernel
    sees to it then: the fork server ends with the parent, and its children with it.
    """
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
