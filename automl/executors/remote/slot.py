"""A slot: one job at a time, in a worker process of its own."""

from __future__ import annotations

import os
import pickle
import shutil
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, is_dataclass, replace
from pathlib import Path
from typing import Any

from automl.errors import one_line
from automl.executors import JobError, Message
from automl.executors.process import ProcessExecutor
from automl.executors.remote.outcome import seal
from automl.executors.remote.wire import WireError, encode
from automl.job import Job, relocate
from automl.models._from_file import FamilyFile
from automl.trial import Stop

LOOK_SECONDS = 0.1
"""How often a slot looks at its worker's memory."""

GROWTH = 0.1
"""Share by which memory changes before it is told again."""

Say = Callable[[int, dict[str, Any], Sequence[bytes]], None]
"""Takes a ticket, what there is to say, and raw bytes; it may make the slot wait."""


@dataclass(frozen=True, slots=True)
class Errand:
    """A job as it came.

    Attributes
    ----------
    ticket : int
    job : bytes
        The pickled job.
    data : str
        Folder of its data; empty when it needs none.
    inputs : mapping of str to bytes
        Its input files, by their paths where the job was made.
    outputs : tuple of str
        Paths there of what it may leave.
    """

    ticket: int
    job: bytes
    data: str
    inputs: Mapping[str, bytes]
    outputs: tuple[str, ...]


class Slot:
    """Runs jobs, and says what becomes of them.

    Parameters
    ----------
    place : int
        Which of its station's slots it is.
    families : sequence of FamilyFile
    folder : Path
        Where files of jobs may lie.
    say : callable
    """

    def __init__(self, place: int, families: Sequence[FamilyFile], folder: Path, say: Say) -> None:
        self._executor = ProcessExecutor(1, families, place)
        self._folder = folder / f"slot-{place}"
        self._say = say
        self._errand: Errand | None = None
        self._there: dict[str, str] = {}
        self._inner = 0
        self._work = threading.Semaphore(0)
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name=f"automl slot {place}")
        self._thread.daemon = True
        self._thread.start()

    def begin(self, errand: Errand) -> None:
        """Begin a job. Whatever hinders that is said as its end."""
        try:
            job: Job = pickle.loads(errand.job)  # noqa: S301 - whoever may connect runs code here
            self._there = self._lay_out(errand)
            self._inner = self._executor.submit_with(relocate(job, self._there), errand.data)
        except Exception as error:  # noqa: BLE001 - such as a full disk, or a module not there
            reason = f"{socket.gethostname()} cannot begin it: {one_line(error)}"
            end = JobError(reason, blame="worker")
            fit = not isinstance(error, OSError)
            self._say(errand.ticket, {"what": "final", "payload": encode(end), "fit": fit}, ())
            return
        self._errand = errand
        self._work.release()

    def stop(self, ticket: int, why: Stop, member: int | None) -> None:
        """See `automl.executors.Executor.stop`."""
        if self._errand is not None and self._errand.ticket == ticket:
            self._executor.stop(self._inner, why, member)

    def kill(self, ticket: int, reason: str, member: int | None) -> None:
        """See `automl.executors.Executor.kill`."""
        if self._errand is not None and self._errand.ticket == ticket:
            self._executor.kill(self._inner, reason, member)

    def close(self) -> None:
        """End the worker, at once."""
        self._closed = True
        self._work.release()
        self._thread.join()
        self._executor.close()

    def _serve(self) -> None:
        while self._work.acquire() and not self._closed:
            errand = self._errand
            assert errand is not None
            try:
                self._relay(errand, self._inner)
            except Exception as error:  # noqa: BLE001 - the search waits for an end
                self._executor.kill(self._inner, "")
                self._errand = None
                end = JobError(f"{type(error).__name__}: {one_line(error)}", blame="worker")
                said = {"what": "final", "payload": encode(end), "fit": False}
                self._say(errand.ticket, said, ())

    def _relay(self, errand: Errand, inner: int) -> None:
        """Pass on what the worker says until the job is over."""
        begun, told = False, 0
        while not self._closed:
            message = self._executor.next_message(LOOK_SECONDS)
            if not begun and (message is not None or self._executor.seconds(inner) > 0.0):
                begun = True
                self._say(errand.ticket, {"what": "begun"}, ())
            if message is not None and message.final:
                self._errand = None
                self._say(errand.ticket, *self._end(errand, message))
                return
            memory = self._executor.memory(inner)
            if abs(memory - told) > GROWTH * told:
                told = memory
                self._say(errand.ticket, {"what": "memory", "bytes": memory}, ())
            if message is None:
                continue
            try:
                said = encode(message.payload)
            except WireError as error:
                self._executor.kill(inner, one_line(error))
                continue
            plain = {"what": "said", "payload": said, "member": message.member}
            self._say(errand.ticket, plain, ())

    def _lay_out(self, errand: Errand) -> dict[str, str]:
        """Write the inputs; return where every file of the job lies here."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(mode=0o700)
        names = [*errand.inputs, *errand.outputs]
        there = {p: str(self._folder / f"{i}-{Path(p).name}") for i, p in enumerate(names)}
        for path, content in errand.inputs.items():
            Path(there[path]).write_bytes(content)
        return there

    def _end(self, errand: Errand, message: Message) -> tuple[dict[str, Any], list[bytes]]:
        payload, fit = message.payload, True
        left: list[Any] = []
        blobs: list[bytes] = []
        if isinstance(payload, JobError) and payload.blame == "disk":
            # The disk is this machine's: another one may do better.
            reason = f"{socket.gethostname()} cannot write: {payload.reason}"
            payload, fit = JobError(reason, payload.traceback, "worker"), False
        try:
            for number, path in enumerate(errand.outputs):
                if os.path.exists(self._there[path]):
                    blobs.append(Path(self._there[path]).read_bytes())
                    left.append(seal(number, blobs[-1]))
            plain = encode(_with_paths(payload, self._there))
        except (OSError, WireError) as error:
            left, blobs = [], []
            lost = JobError(one_line(error))
            plain = encode(replace(lost, blame="worker") if isinstance(error, OSError) else lost)
        shutil.rmtree(self._folder, ignore_errors=True)
        info = None if message.info is None else encode(message.info)
        said = {"what": "final", "payload": plain, "info": info, "left": left, "fit": fit}
        return said, blobs


def _with_paths(payload: Any, there: Mapping[str, str]) -> Any:
    """Return a result with the paths that the parent knows."""
    here = {ours: theirs for theirs, ours in there.items()}
    if isinstance(payload, str):
        return here.get(payload, payload)
    if is_dataclass(payload) and not isinstance(payload, type):
        return relocate(payload, here)
    return payload
