"""A cluster of this machine for tests: a scheduler and its slots, as a user starts them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Cluster:
    """Where it is, and its processes."""

    address: str
    scheduler: subprocess.Popen[str]
    worker: subprocess.Popen[str]


@contextmanager
def cluster(slots: int = 1) -> Iterator[Cluster]:
    """A cluster on loopback, without TLS."""
    with ExitStack() as stack:

        def start(*args: str) -> tuple[subprocess.Popen[str], str]:
            command = [sys.executable, "-m", "automl", "cluster", *args]
            ran = stack.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
            stack.callback(ran.terminate)
            assert ran.stdout is not None
            return ran, ran.stdout.readline()

        scheduler, said = start("scheduler", "tcp://127.0.0.1:0")
        address = said.split()[-1]
        worker, _ = start("worker", address, "--slots", str(slots))
        yield Cluster(address, scheduler, worker)
