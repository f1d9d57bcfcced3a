"""A script for SLURM: a job array of workers, each of which serves the same scheduler.

The nodes have to see this Python and the folder of the certificates, as they do where home folders
are shared.
"""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

from automl.cluster.address import Address
from automl.cluster.folder import ClusterFolder
from automl.cluster.security import security_for
from automl.errors import ConfigError

_TIME = re.compile(r"(?:\d{1,3}-)?\d{1,3}(?::\d{2}){0,2}")
_PARTITION = re.compile(r"[A-Za-z0-9_.,-]{1,200}")


def slurm_script(
    address: Address,
    *,
    jobs: int = 1,
    slots: int = 4,
    time: str = "4:00:00",
    memory: str = "2G",
    gpus: int = 0,
    partition: str | None = None,
    folder: Path | None = None,
) -> str:
    """Return a script for `sbatch`: each job of the array is one ``automl cluster worker``.

    The jobs start one by one as the queue lets them, and the search uses those that are there.

    Parameters
    ----------
    address : Address
        The scheduler's, as the nodes reach it.
    jobs : int
        Length of the array.
    slots : int
        Cores of each job, and jobs of searches that it takes at a time.
    time : str
        How long each may run, as SLURM writes it.
    memory : str
        For each core, as SLURM writes it.
    gpus : int
        For each job, whose slots take turns on them.
    partition : str, optional
    folder : Path, optional
        Where the certificates lie, in a file system that the nodes have.

    Raises
    ------
    ConfigError
        When a time, a size or a name has not the form that SLURM reads, or the certificates would
        be refused on the nodes.
    """
    _check("--time", time, _TIME, "MINUTES, HOURS:MINUTES:SECONDS or DAYS-HOURS")
    _check("--memory", memory, re.compile(r"\d{1,9}[KMGT]?"), "a size such as 2G")
    if partition is not None:
        _check("--partition", partition, _PARTITION, "a name")
    security_for(address, "worker", folder)
    certificates = ClusterFolder.find(folder).path.resolve()
    options = [
        "job-name=automl-worker",
        f"array=0-{jobs - 1}",
        "ntasks=1",
        f"cpus-per-task={slots}",
        f"mem-per-cpu={memory}",
        f"time={time}",
        # SIGTERM half a minute before the end, to the worker itself.
        "signal=TERM@30",
        "output=automl-worker-%A-%a.log",
        *([f"gres=gpu:{gpus}"] if gpus else []),
        *([f"partition={partition}"] if partition else []),
    ]
    command = [sys.executable, "-m", "automl", "cluster", "worker", str(address)]
    command += ["--slots", str(slots), "--folder", str(certificates)]
    # Since SLURM 22.05 srun does not take it from the job: it would have one core of all.
    lines = ["#!/bin/sh", *(f"#SBATCH --{option}" for option in options)]
    return "\n".join([*lines, f"exec srun -c {slots} {shlex.join(command)}", ""])


def _check(option: str, value: str, form: re.Pattern[str], rule: str) -> None:
    if not form.fullmatch(value):
        raise ConfigError(f"{option}: must be {rule}, but got {value!r:.80}")
