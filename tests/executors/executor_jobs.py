"""Jobs that do one thing each; a worker process imports them from here."""

from __future__ import annotations

import os
import signal
from collections.abc import Generator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from automl.data import PreparedData
from automl.data.preprocess.variants import DEFAULT
from automl.job import Job, ShouldStop


@dataclass(frozen=True)
class Die(Job):
    """Kills the process that it runs in."""

    signal: int

    runs = "executor_jobs:run_die"
    variant = DEFAULT


def run_die(job: Die, data: PreparedData, should_stop: ShouldStop) -> Generator[int, None, None]:
    yield os.getpid()
    os.kill(os.getpid(), job.signal)


@dataclass(frozen=True)
class Misalign(Job):
    """Fails as a kernel does that spoils its device."""

    runs = "executor_jobs:run_misalign"
    variant = DEFAULT


def run_misalign(
    job: Misalign, data: PreparedData, should_stop: ShouldStop
) -> Generator[None, None, None]:
    yield
    raise RuntimeError("CUDA error: misaligned address\n" + "kernel errors may come late " * 20)


@dataclass(frozen=True)
class Surroundings(Job):
    """Returns what a worker looks like from inside."""

    runs = "executor_jobs:run_surroundings"
    variant = DEFAULT


def run_surroundings(
    job: Surroundings, data: PreparedData, should_stop: ShouldStop
) -> Generator[None, None, dict[str, Any]]:
    import torch

    yield from ()
    return {
        "pid": os.getpid(),
        "torch threads": torch.get_num_threads(),
        "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS"),
        "deaf to Ctrl-C": signal.getsignal(signal.SIGINT) is signal.SIG_IGN,
        "test rows": len(data.test_X),
        "fields": sorted(type(data).__slots__),
    }


def tell_environment(connection: Connection) -> None:
    """What a process runs that is no worker."""
    connection.send(os.environ.get("OMP_NUM_THREADS"))


@dataclass(frozen=True)
class Dice(Job):
    """Yields random numbers of torch's, and returns its switches."""

    seed: int
    throws: int

    runs = "executor_jobs:run_dice"
    variant = DEFAULT


def run_dice(
    job: Dice, data: PreparedData, should_stop: ShouldStop
) -> Generator[float, None, tuple[int, bool]]:
    import torch

    torch.manual_seed(job.seed)
    for _ in range(job.throws):
        yield float(torch.rand(()))
    return torch.get_num_threads(), bool(torch.tensor(1e-39) * 1.0 == 0.0)
