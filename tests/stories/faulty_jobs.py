"""Candidates that do damage; a worker process imports them from here."""

from __future__ import annotations

import ctypes
import os
import signal
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from automl.data import PreparedData
from automl.job import Job, ShouldStop, run_job


@dataclass(frozen=True)
class Faulty(Job):
    """A real training with a fault after its first epoch."""

    job: Any
    fault: str
    marker: str

    @property
    def variant(self) -> Any:
        return self.job.variant

    runs: ClassVar[str] = "faulty_jobs:run_faulty"


def run_faulty(
    job: Faulty, data: PreparedData, should_stop: ShouldStop
) -> Generator[Any, None, Any]:
    training = run_job(job.job, data, should_stop)
    yield next(training)
    FAULTS[job.fault](Path(job.marker))
    return (yield from training)


@dataclass(frozen=True)
class Spoiled(Job):
    """A job of any kind with a fault before it begins."""

    job: Any
    fault: str
    marker: str

    @property
    def predictions(self) -> str:
        return str(self.job.predictions)

    @property
    def variant(self) -> Any:
        return self.job.variant

    runs: ClassVar[str] = "faulty_jobs:run_spoiled"


def run_spoiled(
    job: Spoiled, data: PreparedData, should_stop: ShouldStop
) -> Generator[Any, None, Any]:
    FAULTS[job.fault](Path(job.marker))
    return (yield from run_job(job.job, data, should_stop))


def _raise(marker: Path) -> None:
    raise ValueError("the soup is cold")


def _die(marker: Path) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _die_once(marker: Path) -> None:
    if not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGSEGV)


def _hang(marker: Path) -> None:
    # PyDLL keeps the interpreter's lock: no thread of this process runs any more.
    ctypes.PyDLL(None).sleep(3600)


def _eat(marker: Path) -> None:
    eaten = []
    while True:
        eaten.append(b"x" * 50_000_000)


MISALIGNED = "CUDA error: misaligned address\nCUDA kernel errors might be asynchronously reported"
_spoilt = False


def _device(marker: Path) -> None:
    """Fail as every kernel does after one has spoilt the device of this process."""
    if _spoilt:
        raise RuntimeError(MISALIGNED)


def _spoil_device(marker: Path) -> None:
    global _spoilt
    _spoilt = True
    _device(marker)


def _spoil_device_once(marker: Path) -> None:
    if not marker.exists():
        marker.touch()
        _spoil_device(marker)
    _device(marker)


def _disk(marker: Path) -> None:
    raise OSError(28, os.strerror(28), str(marker))


FAULTS: dict[str, Callable[[Path], None]] = {
    "raise": _raise,
    "die": _die,
    "die once": _die_once,
    "hang": _hang,
    "eat": _eat,
    "disk": _disk,
    "device": _device,
    "spoil device": _spoil_device,
    "spoil device once": _spoil_device_once,
}
