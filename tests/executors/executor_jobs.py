"""Jobs that do one thing each; a worker process imports them from here."""

from __future__ import annotations

import os
import signal
from collections.abc import Generator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from automl.data import PreparedData
from automl.data.preprocess.variants import DEFAULT
from automl.files import replace_file
from automl.job import Job, MemberMessage, ShouldStop
from automl.trial import Stop


@dataclass(frozen=True)
class Count(Job):
    """Yields 1, 2, ... and returns the sum of the training rows."""

    steps: int

    runs = "executor_jobs:run_count"
    variant = DEFAULT


def run_count(
    job: Count, data: PreparedData, should_stop: ShouldStop
) -> Generator[int, None, float]:
    yield from range(1, job.steps + 1)
    return float(data.train_X.sum())


@dataclass(frozen=True)
class Fail(Job):
    """Yields once, and raises."""

    runs = "executor_jobs:run_fail"
    variant = DEFAULT


def run_fail(job: Fail, data: PreparedData, should_stop: ShouldStop) -> Generator[int, None, None]:
    yield 1
    raise ValueError("the soup is cold")


@dataclass(frozen=True)
class UntilStopped(Job):
    """Yields until it is told to stop, and returns why."""

    runs = "executor_jobs:run_until_stopped"
    variant = DEFAULT


def run_until_stopped(
    job: UntilStopped, data: PreparedData, should_stop: ShouldStop
) -> Generator[int, None, Stop]:
    step = 0
    while (why := should_stop()) is None:
        step += 1
        yield step
    return why


@dataclass(frozen=True)
class Group(Job):
    """Each member counts until it is told to stop, and the job returns how that was."""

    size: int

    runs = "executor_jobs:run_group"
    variant = DEFAULT

    @property
    def members(self) -> int:
        return self.size


def run_group(
    job: Group, data: PreparedData, should_stop: ShouldStop
) -> Generator[MemberMessage, None, dict[int, Stop]]:
    ended: dict[int, Stop] = {}
    step = 0
    while len(ended) < job.size:
        step += 1
        for member in range(job.size):
            if member in ended:
                continue
            if (why := should_stop(member)) is not None:
                ended[member] = why
            else:
                yield MemberMessage(member, step)
    return ended


@dataclass(frozen=True)
class Copy(Job):
    """Reads a file and leaves its text twice in another one."""

    source: str
    target: str | None

    runs = "executor_jobs:run_copy"
    inputs = ("source",)
    outputs = ("target",)
    variant = DEFAULT


def run_copy(job: Copy, data: PreparedData, should_stop: ShouldStop) -> Generator[None, None, str]:
    yield from ()
    text = Path(job.source).read_text(encoding="utf-8")
    assert job.target is not None
    with replace_file(Path(job.target)) as partial:
        partial.write_text(text * 2, encoding="utf-8")
    return job.target


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
