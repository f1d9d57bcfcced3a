"""Jobs that do one thing each; workers import them from here."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from automl.data.preprocess.prepared import PreparedData
from automl.data.preprocess.variants import DEFAULT, Variant
from automl.files import replace_file
from automl.job import Job, MemberMessage, ShouldStop
from automl.models import FAMILIES
from automl.trial import Stop


@dataclass(frozen=True)
class Count(Job):
    """Yield 1, 2, ... and return the sum of the training rows."""

    steps: int

    runs: ClassVar[str] = "automl.testing._executor_jobs:run_count"

    @property
    def variant(self) -> Variant:
        return DEFAULT


def run_count(
    job: Count, data: PreparedData, should_stop: ShouldStop
) -> Generator[int, None, float]:
    """Run a `Count` job."""
    yield from range(1, job.steps + 1)
    return float(np.asarray(data.train_X).sum())


@dataclass(frozen=True)
class Fail(Job):
    """Yield once, and raise."""

    runs: ClassVar[str] = "automl.testing._executor_jobs:run_fail"

    @property
    def variant(self) -> Variant:
        return DEFAULT


def run_fail(job: Fail, data: PreparedData, should_stop: ShouldStop) -> Generator[int, None, None]:
    """Run a `Fail` job."""
    yield 1
    raise ValueError("the soup is cold")


@dataclass(frozen=True)
class UntilStopped(Job):
    """Yield until told to stop, and return why."""

    runs: ClassVar[str] = "automl.testing._executor_jobs:run_until_stopped"

    @property
    def variant(self) -> Variant:
        return DEFAULT


def run_until_stopped(
    job: UntilStopped, data: PreparedData, should_stop: ShouldStop
) -> Generator[int, None, Stop]:
    """Run a `UntilStopped` job."""
    step = 0
    while (why := should_stop()) is None:
        step += 1
        yield step
    return why


@dataclass(frozen=True)
class Group(Job):
    """Count in each member until it is told to stop, and return how each ended."""

    size: int

    runs: ClassVar[str] = "automl.testing._executor_jobs:run_group"

    @property
    def variant(self) -> Variant:
        return DEFAULT

    @property
    def members(self) -> int:
        return self.size


def run_group(
    job: Group, data: PreparedData, should_stop: ShouldStop
) -> Generator[MemberMessage, None, dict[int, Stop]]:
    """Run a `Group` job."""
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
    """Read a file and leave its text twice in another one."""

    source: str
    target: str | None

    runs: ClassVar[str] = "automl.testing._executor_jobs:run_copy"
    inputs: ClassVar[tuple[str, ...]] = ("source",)
    outputs: ClassVar[tuple[str, ...]] = ("target",)

    @property
    def variant(self) -> Variant:
        return DEFAULT


def run_copy(job: Copy, data: PreparedData, should_stop: ShouldStop) -> Generator[None, None, str]:
    """Run a `Copy` job."""
    yield from ()
    text = Path(job.source).read_text(encoding="utf-8")
    assert job.target is not None
    with replace_file(Path(job.target)) as partial:
        partial.write_text(text * 2, encoding="utf-8")
    return job.target


@dataclass(frozen=True)
class Family(Job):
    """Return the SHA-256 of the file that a family comes from."""

    name: str

    runs: ClassVar[str] = "automl.testing._executor_jobs:run_family"

    @property
    def variant(self) -> Variant:
        return DEFAULT


def run_family(
    job: Family, data: PreparedData, should_stop: ShouldStop
) -> Generator[None, None, str]:
    """Run a `Family` job."""
    yield from ()
    FAMILIES.get(job.name)
    origin = FAMILIES.origin(job.name)
    return origin.version if origin is not None else "automl's own"
