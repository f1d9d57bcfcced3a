"""A scheduler and a worker as they are started, with the certificates of one folder."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from commands import Ran

distributed = pytest.importorskip("distributed")
pytest.importorskip("cryptography")

from automl.cluster.certificates import make_certificates  # noqa: E402
from automl.cluster.folder import ClusterFolder  # noqa: E402
from automl.cluster.security import security  # noqa: E402
from automl.cluster.versions import difference, versions  # noqa: E402

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_certificates(ClusterFolder(tmp_path / "cluster"))
    return tmp_path / "cluster"


@pytest.fixture
def start(folder: Path, tmp_path: Path) -> Iterator[Start]:
    """Start ``automl cluster ARGUMENTS``, and end it with the test."""
    with ExitStack() as stack:

        def run(*args: str) -> subprocess.Popen[str]:
            command = [sys.executable, "-m", "automl", "cluster", *args, "--folder", str(folder)]
            environment = {**os.environ, "TMPDIR": str(tmp_path)}
            ran = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
            )
            stack.enter_context(ran)
            stack.callback(ran.kill)
            return ran

        yield run


def _said(ran: subprocess.Popen[str]) -> str:
    assert ran.stdout is not None
    return ran.stdout.readline()


SBATCH = """#!/bin/sh
last=$(sed -n 's/^#SBATCH --array=0-//p' "$1")
for task in $(seq 0 "$last"); do
    SLURM_ARRAY_TASK_ID=$task sh "$1" & echo $!
done
wait
"""
"""Runs a job array on this machine, names its processes, and waits for them."""


def _slurm(folder: Path) -> dict[str, str]:
    """Make stand-ins of SLURM's programs; returns the environment that finds them."""
    folder.mkdir()
    for name, text in (("sbatch", SBATCH), ("srun", '#!/bin/sh\nshift 2\nexec "$@"\n')):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    path = os.pathsep.join([str(folder), os.environ["PATH"]])
    return {**os.environ, "PATH": path, "TMPDIR": str(folder.parent)}


def test_the_workers_of_a_job_array_come_back_when_the_scheduler_does_and_leave_nothing(
    start: Start, folder: Path, tmp_path: Path, cli: Callable[..., Ran]
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"tls://127.0.0.1:{probe.getsockname()[1]}"
    scheduler = start("scheduler", address)
    assert _said(scheduler) == f"the scheduler is at {address}\n"
    made = cli("cluster", "slurm", address, "--jobs", "2", "--slots", "1", "--folder", str(folder))
    (tmp_path / "workers.sh").write_text(made.out)
    command = ["sbatch", str(tmp_path / "workers.sh")]
    environment = _slurm(tmp_path / "slurm")

    def slots() -> dict[str, int]:
        with distributed.Client(
            address, security=security("client", folder), set_as_default=False
        ) as client:
            client.wait_for_workers(2, timeout=60)
            found = client.scheduler_info(n_workers=-1)["workers"]
            for slot in found.values():
                assert difference(versions(), slot["automl"]["versions"]) is None
                assert (slot["nthreads"], slot["resources"]) == (1, {"automl": 1})
            pids: dict[str, int] = client.run(os.getpid)
            return pids

    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as array:
        jobs = [int(_said(array)), int(_said(array))]
        try:
            assert _said(array) == f"1 slot of {socket.gethostname()} serves {address}\n"
            slots()
            scheduler.kill()
            scheduler.wait()
            scheduler = start("scheduler", address)
            assert _said(scheduler)
            pids = slots().values()
        finally:
            for job in jobs:  # as `scancel` does, and a job's time that is over
                os.kill(job, signal.SIGTERM)
        assert array.wait(60) == 0
    scheduler.send_signal(signal.SIGTERM)
    assert scheduler.wait(60) == 0
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    assert list(tmp_path.glob("automl-*")) == []


def test_a_port_that_is_taken_is_one_line(start: Start) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"tls://127.0.0.1:{taken.getsockname()[1]}"
        scheduler = start("scheduler", address)
        _, said = scheduler.communicate(timeout=60)
    assert scheduler.returncode == 2
    assert said == f"error: {address}: cannot be listened at: Address already in use\n"
