"""Workers wherever Ray has cores: in a cluster that is there, or by default on this machine.

Each slot is an actor, in which one of our own stations answers. Ray runs in a process beside the
search, `automl.executors._ray_driver`, and what comes from there is bytes, of which
`automl.executors.remote.wire` reads JSON: nothing of Ray's is loaded, set or unpickled here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from importlib.util import find_spec
from typing import ClassVar

from automl.cluster.ray_address import RayAddress
from automl.errors import ConfigError, one_line
from automl.executors._ray_relay import Relay
from automl.executors.remote.engine import Engine, EngineError
from automl.executors.remote.executor import RemoteExecutor
from automl.models._from_file import FamilyFile

CONNECT_SECONDS = 10.0

RESTARTS = 3
"""How often the cluster of this machine is begun anew when its process has ended."""


class RayEngine(Engine):
    """Sends requests to actors of Ray's.

    Parameters
    ----------
    slots : int
        The most slots to use.
    cluster : RayAddress or None
        None for a cluster of this machine, which ends with us.

    Raises
    ------
    ConfigError
        When Ray is not installed.
    """

    def __init__(self, slots: int, cluster: RayAddress | None) -> None:
        if find_spec("ray") is None or (cluster and cluster.client and find_spec("grpc") is None):
            raise ConfigError("Ray needs the extra ray: pip install 'automl[ray]'")
        self._slots, self._cluster = slots, cluster
        self.name = f"the cluster at {cluster}" if cluster else "the cluster of this machine"
        self.advice = "start one with a free core" if cluster else "start: the same command again"
        self._relay: Relay | None = None
        self._starting: asyncio.Task[Relay] | None = None
        self._starts = 0

    async def start(self) -> None:
        await self._there()

    async def addresses(self) -> list[str]:
        head, _ = await (await self._there()).ask({"what": "look"})
        return [str(address) for address in head.get("there", [])]

    async def call(self, address: str, request: bytes) -> bytes:
        if self._relay is None or self._relay.ended:
            raise EngineError("its process has ended")
        _, blobs = await self._relay.ask({"what": "call", "address": address}, request)
        return blobs[0] if blobs else b""

    async def close(self) -> None:
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.gather(self._starting, return_exceptions=True)
        if self._relay is not None:
            await self._relay.end()

    async def _there(self) -> Relay:
        """Return the process that speaks with Ray; begin it where it is not there any more."""
        if self._relay is not None and not self._relay.ended and self._starting is None:
            return self._relay
        if self._starting is None:
            self._starting = asyncio.create_task(self._begin())
        starting = self._starting
        try:
            # Who asks waits for less time than Ray may take to start.
            return await asyncio.shield(starting)
        finally:
            if starting.done():
                self._starting = None

    async def _begin(self) -> Relay:
        if self._cluster is not None:
            await _knock(self._cluster)
        elif self._starts > RESTARTS:
            raise EngineError("its process has ended again and again")
        if self._relay is not None:
            await self._relay.end()
        self._starts += 1
        self._relay = Relay(self._slots, str(self._cluster or ""))
        await self._relay.started()
        return self._relay


async def _knock(cluster: RayAddress) -> None:
    """Find out in seconds that nobody is there, for which Ray takes minutes."""
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            _, writer = await asyncio.open_connection(cluster.host, cluster.port)
    except (OSError, TimeoutError) as error:
        said = one_line(error) if str(error) else f"no answer in {CONNECT_SECONDS:.0f} s"
        raise EngineError(f"it cannot be reached: {said}") from None
    writer.close()


class RayExecutor(RemoteExecutor):
    """Slots of a Ray cluster.

    Parameters
    ----------
    workers, families
        As in `Executor`.
    cluster : str, optional
        Its address; without one, a cluster of this machine is begun, and ends with us.
    """

    joins_cluster: ClassVar[bool] = True

    def __init__(
        self, workers: int, families: Sequence[FamilyFile] = (), cluster: str | None = None
    ) -> None:
        address = RayAddress.parse(cluster, "--cluster") if cluster else None
        super().__init__(RayEngine(workers, address), workers, families)


EXECUTOR = RayExecutor
"""Workers on the cores of a Ray cluster."""
