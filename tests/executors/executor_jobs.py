"""Jobs that do one thing each; a worker process imports them from here."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Generator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from automl.data import PreparedData
from automl.data.preprocess.variants import DEFAULT
from automl.trial import Stop

ShouldStop = Callable[[], Stop | None]


@dataclass(frozen=True)
class Count:
    """Yields 1, 2, ... and returns the sum of the training rows."""

    steps: int

    variant = DEFAULT

    def run(self, data: PreparedData, should_stop: ShouldStop) -> Generator[int, None, float]:
        yield from range(1, self.steps + 1)
        return float(data.train_X.sum())


@dataclass(frozen=True)
class Fail:
    """Yields once, and raises."""

    variant = DEFAULT

    def run(self, data: PreparedData, should_stop: ShouldStop) -> Generator[int, None, None]:
        yield 1
        raise ValueError("the soup is cold")


@dataclass(frozen=True)
class UntilStopped:
    """Yields until it is told to stop, and returns why."""

    variant = DEFAULT

    def run(self, data: PreparedData, should_stop: ShouldStop) -> Generator[int, None, Stop]:
        step = 0
        while (why := should_stop()) is None:
            step += 1
            yield step
        return why


@dataclass(frozen=True)
class Die:
    """Kills the process that it runs in."""

    signal: int

    variant = DEFAULT

    def run(self, data: PreparedData, should_stop: ShouldStop) -> Generator[int, None, None]:
        yield os.getpid()
        os.kill(os.getpid(), self.signal)


@dataclass(frozen=True)
class Surroundings:
    """Returns what a worker looks like from inside."""

    variant = DEFAULT

    def run(
        self, data: PreparedData, should_stop: ShouldStop
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
