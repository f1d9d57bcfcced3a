"""``automl cluster scheduler``: Dask's scheduler, with our settings."""

from __future__ import annotations

import asyncio
from pathlib import Path

from automl.cluster.address import Address
from automl.cluster.extra import load
from automl.cluster.security import security_for
from automl.cluster.settings import NO_DASHBOARD, SETTINGS
from automl.cluster.signals import end_event
from automl.errors import ConfigError


def run_scheduler(address: Address, folder: Path | None = None) -> None:
    """Run a scheduler until SIGTERM or Ctrl-C.

    Parameters
    ----------
    address : Address
        What it listens at; ``0.0.0.0`` is every address of this machine, port 0 a free one.
    folder : Path, optional
        Where the certificates lie.

    Raises
    ------
    ConfigError
        When it cannot listen there, or has no certificate.
    """
    with load("dask").config.set(SETTINGS):
        asyncio.run(_run(address, folder))


async def _run(address: Address, folder: Path | None) -> None:
    scheduler = load("distributed").Scheduler(
        host=address.host,
        port=address.port,
        protocol="tls://" if address.encrypted else "tcp://",
        security=security_for(address, "scheduler", folder),
        dashboard=False,
        dashboard_address=NO_DASHBOARD,
    )
    end = end_event()
    try:
        await scheduler
    except RuntimeError as error:  # "failed to start", of what Dask says as its cause
        if not isinstance(cause := error.__cause__, OSError):
            raise
        reason = cause.strerror or cause
        raise ConfigError(f"{address}: cannot be listened at: {reason}") from None
    try:
        print(f"the scheduler is at {scheduler.address}", flush=True)
        await end.wait()
    finally:
        await scheduler.close()
