"""What to type next, on which machine."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from automl.cluster.folder import VARIABLE, ClusterFolder
from automl.errors import ConfigError

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|[0-9A-Fa-f:.]{2,45}")


def check_hosts(hosts: Sequence[str]) -> list[str]:
    """Return names of machines, each once.

    Raises
    ------
    ConfigError
        When one is no host's name and no address.
    """
    for host in hosts:
        if not _NAME.fullmatch(host):
            raise ConfigError(
                f"HOSTS: must be names or addresses of machines, but got {host!r:.120}"
            )
    return list(dict.fromkeys(hosts))


def next_commands(folder: ClusterFolder, hosts: Sequence[str]) -> list[str]:
    """Return the commands with which the machines become a cluster, to copy and paste.

    Parameters
    ----------
    folder : ClusterFolder
    hosts : sequence of str
        First the scheduler's, then the workers'; none stands for examples.
    """
    scheduler, *workers = hosts or ["SCHEDULER", "WORKER"]
    is_found = folder == ClusterFolder.find()
    quoted = shlex.quote(str(folder.path))
    lines = [
        f"on {scheduler}, with ca.pem, scheduler.pem and scheduler-key.pem in {folder.path}:",
        f"  automl cluster scheduler{'' if is_found else f' --folder {quoted}'}",
    ]
    for worker in workers:
        files = " ".join(shlex.quote(str(path)) for path in folder.files("worker"))
        lines += [
            f"on {worker}:",
            f"  ssh {worker} mkdir -p -m 700 cluster && scp -p {files} {worker}:cluster/",
            f"  ssh -t {worker} automl cluster worker {scheduler}",
        ]
    files = ", ".join(path.name for path in folder.files("client"))
    where = "" if is_found else f"{VARIABLE}={quoted} "
    return [
        *lines,
        f"where searches are started, with {files} in {folder.path}:",
        f"  {where}automl search --executor dask --cluster tls://{scheduler}:8786 --dataset digits",
    ]
