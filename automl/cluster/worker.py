"""``automl cluster worker``: slots on this machine, each of which is one of Dask's workers."""

from __future__ import annotations

import asyncio
import functools
import logging
import os
import socket
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from automl.cluster.address import Address
from automl.cluster.extra import load
from automl.cluster.security import security_for
from automl.cluster.settings import NO_DASHBOARD, RESOURCE, SETTINGS
from automl.cluster.signals import end_event
from automl.cluster.versions import FACTS, slot_facts
from automl.errors import ConfigError, one_line

if TYPE_CHECKING:
    from distributed import Security

PAUSE = 2.0
"""Seconds between two tries to reach the scheduler."""

START_SECONDS = 120.0
"""How long a slot may take to start: on a busy disk, Python and Dask alone take many seconds."""


def free_cores() -> int:
    """Return how many cores this process may use: those of its job, where it is in one."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_worker(
    address: Address,
    slots: int | None = None,
    folder: Path | None = None,
    local_folder: Path | None = None,
) -> None:
    """Offer slots to a scheduler until SIGTERM or Ctrl-C; one that goes away is waited for.

    Parameters
    ----------
    address : Address
        The scheduler's.
    slots : int, optional
        How many jobs may run here at a time; by default, one for each core.
    folder : Path, optional
        Where the certificates lie.
    local_folder : Path, optional
        Where data is kept while it is used; by default, a folder of its own that is removed at the
        end.

    Raises
    ------
    ConfigError
        When it has no certificate, or the scheduler does not accept it.
    """
    with load("dask").config.set(SETTINGS), _own_folder(local_folder) as local:
        security = security_for(address, "worker", folder)
        asyncio.run(_Slots(address, security, local).run(slots or free_cores()))


@contextmanager
def _own_folder(given: Path | None) -> Iterator[Path]:
    if given is None:
        with tempfile.TemporaryDirectory(prefix="automl-", ignore_cleanup_errors=True) as made:
            yield Path(made)
        return
    try:
        given.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=given):
            pass
    except OSError as error:
        raise ConfigError(
            f"--local-folder: must be a folder that can be written, but {given}: {error.strerror}"
        ) from None
    yield given.resolve()


@dataclass(slots=True)
class _Slots:
    """The slots of this machine."""

    address: Address
    security: Security | None
    local: Path
    waits: bool = False

    async def run(self, slots: int) -> None:
        end = asyncio.create_task(end_event().wait())
        try:
            reached = asyncio.create_task(self._reach())
            await asyncio.wait([end, reached], return_when=asyncio.FIRST_COMPLETED)
            if not reached.done():
                reached.cancel()
                return
            await reached
            serve = "1 slot of {} serves" if slots == 1 else f"{slots} slots of {{}} serve"
            print(f"{serve.format(socket.gethostname())} {self.address}", flush=True)
            kept = [asyncio.create_task(self._keep(place)) for place in range(slots)]
            await asyncio.wait([end, *kept], return_when=asyncio.FIRST_COMPLETED)
            for task in kept:
                task.cancel()
            for over in await asyncio.gather(*kept, return_exceptions=True):
                if isinstance(over, Exception):
                    raise over
        finally:
            end.cancel()

    async def _keep(self, place: int) -> None:
        """Let one slot be there whenever the scheduler is."""
        while True:
            nanny = self._make(place)
            try:
                await nanny
                await nanny.finished()
            except (OSError, TimeoutError):  # the scheduler has just gone
                pass
            finally:
                await nanny.close()
            await self._reach()

    def _make(self, place: int) -> Any:
        return load("distributed").Nanny(
            str(self.address),
            # Else it would listen at every address of this machine.
            host=self.address.host if self.address.is_loopback else None,
            nthreads=1,
            resources={RESOURCE: 1},
            memory_limit=0,
            security=self.security,
            local_directory=str(self.local),
            death_timeout=START_SECONDS,
            startup_information={FACTS: functools.partial(slot_facts, place=place)},
            dashboard=False,
            dashboard_address=NO_DASHBOARD,
            silence_logs=logging.ERROR,
        )

    async def _reach(self) -> None:
        """Wait until the scheduler answers.

        Raises
        ------
        ConfigError
            When one of us does not accept the other's certificate.
        """
        connect = load("distributed.core").connect
        security: Any = self.security
        args = security.get_connection_args("worker") if security else {}
        while True:
            try:
                comm = await connect(str(self.address), timeout=PAUSE, **args)
            except OSError as error:
                self._explain(error)
                await asyncio.sleep(PAUSE)
            else:
                comm.abort()
                self.waits = False
                return

    def _explain(self, error: BaseException) -> None:
        causes = [error]
        while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None:
            causes.append(cause)
        reason = one_line(Exception(str(causes[-1]) or str(error)))
        if any(isinstance(cause, ssl.SSLError) for cause in causes):
            raise ConfigError(
                f"{self.address}: must have a certificate of the same cluster, but has not:"
                f" {reason}; copy the files of one `automl cluster init` to both machines"
            ) from None
        if not self.waits:
            self.waits = True
            print(f"waiting for {self.address}: {reason}", flush=True)
