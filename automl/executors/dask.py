"""Workers wherever Dask has some: in a cluster that is there, or by default on this machine.

Dask carries requests and nothing else. No task of Dask's is made, and its `Client` is not used: it
unpickles what it is sent, errors and warnings of workers among it, while what comes through the
connection here stays bytes, of which `automl.executors.remote.wire` reads JSON.
"""

from __future__ import annotations

import asyncio
import json
import pickle
from collections.abc import Sequence
from typing import Any, ClassVar

from automl.cluster.address import Address
from automl.cluster.extra import load
from automl.cluster.security import security_for
from automl.errors import one_line
from automl.executors._dask_station import OPERATION, put_station
from automl.executors.remote.child import Child
from automl.executors.remote.engine import Engine, EngineError, StationError
from automl.executors.remote.executor import RemoteExecutor
from automl.models._from_file import FamilyFile

CONNECT_SECONDS = 10.0

RESTARTS = 3
"""How often the cluster of this machine is begun anew when its process has ended."""


class DaskEngine(Engine):
    """Sends requests through a scheduler of Dask's to its workers.

    Parameters
    ----------
    slots : int
        How many slots this machine offers, where no cluster is named.
    cluster : Address or None
    """

    def __init__(self, slots: int, cluster: Address | None) -> None:
        self._slots, self._cluster = slots, cluster
        self.name = f"the cluster at {cluster}" if cluster else "the cluster of this machine"
        command = f"automl cluster worker {cluster}" if cluster else "the same command again"
        self.advice = f"start: {command}"
        self._core = load("distributed.core")
        self._security = security_for(cluster, "client") if cluster else None
        self._local: Child | None = None
        self._starts = 0
        self._address = str(cluster)
        self._pool: Any = None

    async def start(self) -> None:
        if self._cluster is None:
            await self._start_local()
        await self._connect()
        if self._cluster is not None:
            await self.addresses()

    async def addresses(self) -> list[str]:
        if self._local is not None and self._local.ended:
            await self._start_again()
        try:
            found = await self._pool(self._address).identity(n_workers=-1)
            return [str(address) for address in found["workers"]]
        except Exception as error:  # noqa: BLE001 - of Dask, tornado, ssl and the system
            raise EngineError(_reason(error)) from None

    async def call(self, address: str, request: bytes) -> bytes:
        message = {"op": OPERATION, "request": request}
        answer = await self._send(address, message)
        if answer is None:  # it does not know the operation
            put = await self._send(address, {"op": "run", "function": pickle.dumps(put_station)})
            if isinstance(put, dict) and put.get("status") == "error":
                raise StationError(f"automl does not run there: {put.get('exception_text')!s:.200}")
            answer = await self._send(address, message)
        if not isinstance(answer, dict) or not isinstance(answer.get("answer"), bytes):
            raise StationError(f"it does not answer as automl does: {answer!r:.120}")
        found: bytes = answer["answer"]
        return found

    async def close(self) -> None:
        if self._pool is not None:
            await self._pool.close()
        if self._local is not None:
            await asyncio.to_thread(self._local.end)

    async def _connect(self) -> None:
        security: Any = self._security
        self._pool = await self._core.ConnectionPool(
            deserialize=False,
            timeout=CONNECT_SECONDS,
            connection_args=security.get_connection_args("client") if security else {},
        )

    async def _send(self, address: str, message: dict[str, Any]) -> Any:
        try:
            answers = await self._pool(self._address).broadcast(
                msg=message, workers=[address], on_error="ignore"
            )
        except Exception as error:  # noqa: BLE001 - of Dask, tornado, ssl and the system
            raise StationError(_reason(error)) from None
        if address not in answers:
            raise StationError("the connection to it has broken")
        return answers[address]

    async def _start_local(self) -> None:
        self._starts += 1
        self._local = Child("automl.executors._dask_local:main", self._slots)
        line = await asyncio.to_thread(self._local.output.readline)
        if not line:
            await asyncio.to_thread(self._local.end)
            raise EngineError(f"it did not start: {self._local.last_words}")
        from automl.executors._dask_local import security_of

        told = json.loads(line)
        self._address, self._security = told["address"], security_of(told)

    async def _start_again(self) -> None:
        if self._starts > RESTARTS:
            raise EngineError("its process has ended again and again")
        assert self._local is not None
        self._local.end()
        await self._pool.close()
        await self._start_local()
        await self._connect()


def _reason(error: Exception) -> str:
    """Return what an error of Dask's says, without its description of the connection."""
    return one_line(error).rpartition(">: ")[2]


class DaskExecutor(RemoteExecutor):
    """Slots of a Dask cluster.

    Parameters
    ----------
    workers, families
        As in `Executor`.
    cluster : str, optional
        Address of its scheduler; without one, a cluster of this machine is begun, and ends with us.
    """

    joins_cluster: ClassVar[bool] = True

    def __init__(
        self, workers: int, families: Sequence[FamilyFile] = (), cluster: str | None = None
    ) -> None:
        address = Address.parse(cluster, "--cluster") if cluster else None
        super().__init__(DaskEngine(workers, address), workers, families)


EXECUTOR = DaskExecutor
