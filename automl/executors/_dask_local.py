"""A cluster of this machine alone, in one process: Dask's scheduler and one worker.

It is a process of its own, so nothing of Dask's is set, logged or run in that of the search.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import tempfile
from typing import Any

from automl.cluster.extra import load
from automl.cluster.settings import NO_DASHBOARD, SETTINGS
from automl.executors._dask_station import put_station


def main(slots: int) -> None:
    """Serve until our standard input ends, which it does when the search ends.

    The first line of the standard output is JSON: the address, and what `security_of` reads.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the search's to answer
    with (
        load("dask").config.set(SETTINGS),
        tempfile.TemporaryDirectory(prefix="automl-", ignore_cleanup_errors=True) as folder,
    ):
        asyncio.run(_serve(slots, folder))
    os._exit(0)  # threads that wait for a worker process do not matter any more


async def _serve(slots: int, folder: str) -> None:
    distributed = load("distributed")
    security = distributed.Security.temporary()
    common = {
        "host": "127.0.0.1",
        "protocol": "tls://",
        "security": security,
        "dashboard": False,
        "dashboard_address": NO_DASHBOARD,
    }
    async with distributed.Scheduler(port=0, **common) as scheduler:
        worker = distributed.Worker(
            scheduler.address,
            nthreads=slots,
            memory_limit=0,
            local_directory=folder,
            **common,
        )
        async with worker:
            put_station(worker)
            keys = {name: getattr(security, name) for name in KEYS}
            print(json.dumps({"address": scheduler.address, **keys}), flush=True)
            await asyncio.to_thread(sys.stdin.buffer.read)


KEYS = ("tls_ca_file", "tls_client_cert", "tls_client_key")
"""What a client needs, as PEM."""


def security_of(told: dict[str, str]) -> Any:
    """Return what the first line says as Dask's `Security`."""
    keys = {name: told[name] for name in KEYS}
    return load("distributed").Security(require_encryption=True, **keys)
