"""Clusters of this machine for tests, as a user starts them, and what befalls them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from automl.orchestrator.observer import Observer
from automl.trial import EpochResult, TrialRecord


class Killer(Observer):
    """Kills a process beside the search once, in the middle of a trial."""

    def __init__(self, word: str) -> None:
        self.word, self.killed = word, 0

    def epoch(self, worker: int, result: EpochResult) -> None:
        import psutil

        if not self.killed:
            for child in psutil.Process().children():
                if self.word in " ".join(child.cmdline()):
                    child.kill()
                    self.killed += 1


def trial_facts(record: TrialRecord) -> tuple[Any, ...]:
    """What two runs of a deterministic search have in common."""
    history = [(e.epoch, e.train_loss, e.valid_loss, e.valid_score) for e in record.history]
    return record.number, record.status, record.params, record.error, history


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


LOOPBACK = "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"
"""Variable that keeps Ray to this machine where it is 0, on any system."""


@contextmanager
def ray_cluster(slots: int = 1) -> Iterator[str]:
    """A Ray cluster on loopback, by its address."""
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True))
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv(LOOPBACK, "0")
        patch.setenv("RAY_AUTH_MODE", "disabled")
        port, client = _free_port(), _free_port()
        options = [
            *("--head", "--block", f"--port={port}", f"--ray-client-server-port={client}"),
            *(f"--num-cpus={slots}", f"--temp-dir={folder}", "--include-dashboard=false"),
            *("--min-worker-port=0", "--max-worker-port=0", "--object-store-memory=100000000"),
            "--disable-usage-stats",
        ]
        command = [str(Path(sys.executable).with_name("ray")), "start", *options]
        path = os.pathsep.join(path for path in sys.path if path)
        pipe = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        started = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": path}, **pipe)
        stack.enter_context(started)
        stack.callback(started.terminate)
        while "Ray runtime started" not in (line := started.stdout.readline()):
            assert line, "Ray has not started"
        yield f"127.0.0.1:{port}"


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
