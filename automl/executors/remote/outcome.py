"""What a station says of a job's end, checked before anything of it is believed or written."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from automl.errors import DISK_ERRORS, one_line
from automl.executors import JobError, WorkerInfo
from automl.executors.remote.wire import WireError, decode
from automl.files import replace_file
from automl.job import Job


def seal(number: int, content: bytes) -> list[Any]:
    """Return what is said of a file that a job has left: which it is, its size and its SHA-256."""
    return [number, len(content), hashlib.sha256(content).hexdigest()]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of a job.

    Attributes
    ----------
    payload : object
        What the job returned, or a `JobError`.
    info : WorkerInfo or None
        Where it ran.
    fit : bool
        Whether its slot can take another job.
    files : mapping of str to bytes
        What it has left, by our paths.
    """

    payload: Any
    info: WorkerInfo | None
    fit: bool
    files: Mapping[str, bytes]

    @classmethod
    def read(cls, job: Job, plain: Mapping[str, Any], blobs: Sequence[bytes]) -> Outcome:
        """Read the message with which a slot ends a job.

        Raises
        ------
        WireError
            When it is none, a file has not come whole, or it names one that is not the job's.
        """
        payload, info = decode(plain["payload"], job.says), decode(plain.get("info"))
        if not (info is None or isinstance(info, WorkerInfo)):
            raise WireError("it does not say where the job ran")
        seals = plain.get("left", [])
        if [seal(found[0], blob) for found, blob in zip(seals, blobs, strict=True)] != seals:
            raise WireError("a file of a job has not come whole")
        paths = job.output_files()
        _check_paths(payload, job, paths)
        files = {paths[number]: blob for (number, *_), blob in zip(seals, blobs, strict=True)}
        return cls(payload, info, bool(plain.get("fit", True)), files)

    def write(self) -> JobError | None:
        """Write the files, each whole or not at all; return what has gone wrong."""
        try:
            for path, content in self.files.items():
                target = Path(path)
                target.parent.mkdir(exist_ok=True)
                with replace_file(target) as partial:
                    partial.write_bytes(content)
        except OSError as error:
            disk = error.errno in DISK_ERRORS
            return JobError(one_line(error), blame="disk" if disk else "candidate")
        return None


def _check_paths(payload: object, job: Job, paths: Sequence[str]) -> None:
    """Refuse a result that names a file which the job was not told to leave."""
    named = [getattr(payload, name, None) for name in (*job.outputs, "path")]
    for value in [payload, *named] if job.outputs else []:
        if isinstance(value, str) and value not in paths:
            raise WireError(f"its result names a file that is none of the job's: {value!r:.120}")
