"""The script for `sbatch`: what it asks for, and what is refused before it is printed."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import Ran

pytest.importorskip("distributed")
pytest.importorskip("cryptography")

from automl.cluster.certificates import make_certificates
from automl.cluster.folder import ClusterFolder

Cli = Callable[..., Ran]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "home of somebody" / "cluster"
    make_certificates(ClusterFolder(path))
    return path


def test_each_job_of_the_array_is_a_worker_with_its_cores_and_gpus(cli: Cli, folder: Path) -> None:
    options = ("--jobs", "8", "--slots", "4", "--time", "1-12", "--memory", "3G", "--gpus", "1")
    made = cli(
        "cluster", "slurm", "head:9000", *options, "--partition", "long", "--folder", str(folder)
    )
    assert (made.code, made.err) == (0, "")
    first, *asked, last = made.out.splitlines()
    assert first == "#!/bin/sh"
    assert {line.removeprefix("#SBATCH --") for line in asked} >= {
        *("array=0-7", "cpus-per-task=4", "time=1-12", "mem-per-cpu=3G"),
        *("gres=gpu:1", "partition=long"),
    }
    start, command = shlex.split(last)[:4], shlex.split(last)[5:]
    assert start == ["exec", "srun", "-c", "4"]
    assert command == [
        *("-m", "automl", "cluster", "worker", "tls://head:9000"),
        *("--slots", "4", "--folder", str(folder)),
    ]


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--time", "soon"),
        ("--memory", "2 GB"),
        ("--partition", "a\n#SBATCH --uid=0"),
        ("--jobs", "0"),
        ("--folder", "nowhere"),
    ],
)
def test_what_slurm_or_the_nodes_would_refuse_is_refused_here(
    cli: Cli, folder: Path, option: str, value: str
) -> None:
    given = {"--folder": str(folder), option: value}
    ran = cli("cluster", "slurm", "head", *(text for pair in given.items() for text in pair))
    assert (ran.code, ran.out) == (2, "")
    assert option in ran.err or value in ran.err
