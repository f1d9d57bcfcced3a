"""A station in a worker of Dask's, which is put there by a search that finds none.

It answers requests under a name of its own, beside Dask's tasks: none is made, so there is nothing
that Dask could schedule, repeat or steal.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from automl.cluster.versions import FACTS
from automl.executors.remote.station import Station

OPERATION = "automl"
"""Name of the request in Dask's protocol."""

THREADS = 64
"""Requests at a time; one of each search waits for news, and a first job waits for torch."""


def put_station(dask_worker: Any) -> None:
    """Let a worker of Dask's answer our requests, with as many slots as it has threads.

    Parameters
    ----------
    dask_worker : distributed.Worker
    """
    if OPERATION in dask_worker.handlers:
        return
    # Dask's own folder is the worker's; the one above it is shared by those of a machine.
    root = Path(dask_worker.local_directory).parent / "automl"
    station = Station(dask_worker.state.nthreads, root, place=_place(dask_worker))
    threads = ThreadPoolExecutor(THREADS, thread_name_prefix="automl station")

    async def answer(request: bytes) -> dict[str, Any]:
        loop = asyncio.get_running_loop()
        return {"answer": await loop.run_in_executor(threads, station.handle, request)}

    dask_worker.handlers[OPERATION] = answer


def _place(dask_worker: Any) -> int:
    """Return which of its machine's slots is the first one here, where `automl cluster` says it."""
    facts = dask_worker.startup_information.get(FACTS)
    return 0 if facts is None else int(facts(dask_worker)["place"])
