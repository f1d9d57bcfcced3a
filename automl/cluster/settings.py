"""How Dask is set for our scheduler and workers, whatever the user's own configuration says."""

from __future__ import annotations

from typing import Any

RESOURCE = "automl"
"""Name of the resource of which a slot has one, and a job needs one."""

NO_DASHBOARD = "127.0.0.1:0"
"""Address of Dask's HTTP server, which cannot be left out: a free port that nobody else reaches,
and without pages."""

SETTINGS: dict[str, Any] = {
    # A lost job is tried again by the search, which knows what it may have been the cause of.
    "distributed.scheduler.allowed-failures": 0,
    "distributed.scheduler.work-stealing": False,
    "distributed.scheduler.active-memory-manager.start": False,
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    # A slot has a worker process of ours as its child, which a daemon may not have.
    "distributed.worker.daemon": False,
    "distributed.worker.profile.enabled": False,
    "logging.distributed": "error",
    "distributed.nanny.pre-spawn-environ.DASK_LOGGING__DISTRIBUTED": "error",
}
"""Dask's settings."""
