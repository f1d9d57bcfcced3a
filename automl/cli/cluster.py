"""``automl cluster``: several machines for one search."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from automl.cli.options import LateCommands
from automl.cli.panels import SERVICE

FOLDER = Annotated[
    Path | None,
    typer.Option(
        help="Folder of the certificates; by default $AUTOML_CLUSTER_FOLDER, else cluster."
    ),
]


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    cluster = typer.Typer(cls=LateCommands, no_args_is_help=True, add_completion=False)
    for command in (init, scheduler, worker, slurm):
        cluster.command(command.__name__)(command)
    app.add_typer(
        cluster,
        name="cluster",
        help="Search on several machines; see docs/cluster.md.",
        rich_help_panel=SERVICE,
    )


def init(
    hosts: Annotated[
        list[str] | None,
        typer.Argument(help="Names of the machines: first the scheduler's, then the workers'."),
    ] = None,
    folder: FOLDER = None,
    days: Annotated[int, typer.Option(min=1, max=3650, help="How long they are valid.")] = 365,
) -> None:
    """Make the certificates with which machines know each other."""
    from automl.cluster.folder import ClusterFolder
    from automl.cluster.guide import check_hosts, next_commands

    names = check_hosts(hosts or [])
    found = ClusterFolder.find(folder)
    expires = _load("certificates").make_certificates(found, names, days)
    print(f"wrote {found.path}: certificates that are valid until {expires:%Y-%m-%d}")
    print("\n".join(next_commands(found, names)))


def scheduler(
    address: Annotated[
        str,
        typer.Argument(
            help="What to listen at: HOST, HOST:PORT, or without TLS tcp://127.0.0.1:8786."
        ),
    ] = "tls://0.0.0.0:8786",
    folder: FOLDER = None,
) -> None:
    """Start the scheduler, which hands the jobs of searches to the workers."""
    from automl.cluster.address import Address

    where = Address.parse(address, "ADDRESS")
    _load("scheduler").run_scheduler(where, folder)


def worker(
    host: Annotated[
        str,
        typer.Argument(
            metavar="HOST",
            help="The scheduler: HOST, HOST:PORT, or without TLS tcp://127.0.0.1:8786.",
        ),
    ],
    slots: Annotated[
        int | None,
        typer.Option(min=1, max=1024, help="Jobs at a time; by default, one for each core."),
    ] = None,
    folder: FOLDER = None,
    local_folder: Annotated[
        Path | None,
        typer.Option(
            help="Folder for the data of searches; by default, a temporary one that is removed."
        ),
    ] = None,
) -> None:
    """Let searches use this machine, until Ctrl-C; a scheduler that goes away is waited for."""
    from automl.cluster.address import Address

    where = Address.parse(host, "HOST")
    _load("worker").run_worker(where, slots, folder, local_folder)


def slurm(
    host: Annotated[
        str,
        typer.Argument(
            metavar="HOST", help="The scheduler, as the nodes reach it: HOST or HOST:PORT."
        ),
    ],
    jobs: Annotated[int, typer.Option(min=1, max=10_000, help="Workers: jobs of the array.")] = 1,
    slots: Annotated[
        int, typer.Option(min=1, max=1024, help="Cores of each worker, a slot each.")
    ] = 4,
    time: Annotated[
        str, typer.Option(help="How long a worker may run, as sbatch takes it.")
    ] = "4:00:00",
    memory: Annotated[str, typer.Option(help="Memory of each core, as sbatch takes it.")] = "2G",
    gpus: Annotated[
        int, typer.Option(min=0, max=64, help="GPUs of each worker, on which its slots take turns.")
    ] = 0,
    partition: Annotated[str | None, typer.Option(help="Partition to wait in.")] = None,
    folder: FOLDER = None,
) -> None:
    """Print a script for `sbatch` that starts workers as a job array."""
    from automl.cluster.address import Address

    where = Address.parse(host, "HOST")
    script = _load("slurm").slurm_script(
        where,
        jobs=jobs,
        slots=slots,
        time=time,
        memory=memory,
        gpus=gpus,
        partition=partition,
        folder=folder,
    )
    print(script, end="")


def _load(module: str) -> Any:
    from automl.cluster.extra import load

    return load(f"automl.cluster.{module}")
