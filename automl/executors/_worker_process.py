"""What runs in a worker process.

The parent imports this module to name `work`, and never loads torch for it; the fork server
preloads it together with torch.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from ctypes import c_longlong
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from pathlib import Path

from automl.data.preprocess.prepared import PreparedData
from automl.executors import JobError
from automl.executors._failure import explain
from automl.models._from_file import FamilyFile, load_files
from automl.processes.parent_death import die_with
from automl.trial import Stop

STOP_BITS = 2
"""The low bits of a stop flag hold the `Stop`, the rest the ticket that it is for."""


def work(connection: Connection, flag: c_longlong, families: tuple[FamilyFile, ...]) -> None:
    """Receive jobs until the pipe closes, and send back what they yield and return.

    Parameters
    ----------
    connection : Connection
        Receives ``(ticket, job, data folder)``; sends ``(ticket, payload, final)``, and first
        of all ``(ticket, None, False)`` when it begins.
    flag : shared integer
        Set by the parent to stop the job of a ticket. Reading it costs 0.1 µs, a pipe 20.
    families : tuple of FamilyFile
        Of the user's own, which jobs may name.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    parent = parent_process()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if parent is not None and os.getppid() != parent.pid:  # forked by the fork server
        die_with(os.getppid())
    set_up_torch()
    data: dict[str, PreparedData] = {}
    while True:
        try:
            ticket, job, folder = connection.recv()
        except (EOFError, OSError):
            return

        def should_stop(ticket: int = ticket) -> Stop | None:
            value = flag.value
            if value >> STOP_BITS != ticket:
                return None
            return Stop(value & (1 << STOP_BITS) - 1)

        try:
            connection.send((ticket, None, False))  # it begins
            if folder and folder not in data:
                data[folder] = PreparedData.open(Path(folder))
            load_files(families)  # the first job says what is wrong with one
            # Only a job that needs none comes before the data.
            generator = job.run(data.get(folder), should_stop)
            try:
                while True:
                    connection.send((ticket, next(generator), False))
            except StopIteration as over:
                payload = over.value
        except BrokenPipeError:
            return
        except Exception as error:  # noqa: BLE001 - a candidate's failure is a result
            payload = explain(error)
        connection.send((ticket, payload, True))
        if isinstance(payload, JobError) and payload.blame == "worker":
            return  # what comes next on a spoilt device would fail, too


def set_up_torch() -> Callable[[], None]:
    """Let torch compute as in every worker: the number of threads decides the last digits.

    Returns
    -------
    callable
        Undoes it.
    """
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)

    def undo() -> None:
        torch.set_num_threads(threads)
        torch.set_flush_denormal(False)

    return undo


def _end_with_parent() -> None:
    """Leave no orphan: a killed parent takes its workers along, even in the middle of a fit.

    A fit that holds the interpreter's lock would never let this thread run. On Linux the kernel
    sees to it then: the fork server ends with the parent, and its children with it.
    """
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
