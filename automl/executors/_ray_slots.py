"""The actors of a search, which come and go with the machines of a Ray cluster."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from automl.errors import one_line
from automl.executors import _ray_slot

REQUESTS = 16
"""Requests at a time at a slot; one waits for news, and a first job waits for torch."""


@dataclass(frozen=True, slots=True)
class _Slot:
    actor: Any
    node: str
    place: int


class Slots:
    """Keeps as many actors as the cluster has cores for, and a search wants.

    Parameters
    ----------
    most : int
        How many the search wants.
    home, root : str
        As in `automl.executors._ray_slot.RaySlot`.
    """

    def __init__(self, most: int, home: str, root: str) -> None:
        self._ray: Any = import_module("ray")
        self._ray.cloudpickle.register_pickle_by_value(_ray_slot)
        self._kind = self._ray.remote(
            num_cpus=1, max_restarts=0, max_task_retries=0, max_concurrency=REQUESTS
        )(_ray_slot.RaySlot)
        self._most, self._args = most, (home, root)
        self._coming: dict[Any, Any] = {}
        self._there: dict[str, _Slot] = {}
        self._turn = threading.Lock()

    def look(self, seconds: float = 0.0) -> list[str]:
        """Return the addresses of those that are there, and ask for others that there is room for.

        Parameters
        ----------
        seconds : float
            How long those are waited for that there is room for now.

        Raises
        ------
        Exception
            Of Ray's, when the cluster does not answer.
        """
        with self._turn:
            # One is asked for anyway: a cluster that grows on demand may have none to begin with.
            room = max(1, int(self._ray.cluster_resources().get("CPU", 0)))
            for _ in range(min(self._most, room) - len(self._coming) - len(self._there)):
                actor = self._kind.remote(*self._args)
                self._coming[actor.node.remote()] = actor
            self._take_in(seconds)
            return [*self._there]

    def _take_in(self, seconds: float) -> None:
        if not self._coming:
            return
        waited = [*self._coming]
        done, _ = self._ray.wait(waited, num_returns=len(waited), timeout=seconds)
        for answer in done:
            actor = self._coming.pop(answer)
            try:
                node = str(self._ray.get(answer))
            except self._ray.exceptions.RayError:
                continue  # it has died meanwhile: the next look asks for another
            taken = {slot.place for slot in [*self._there.values()] if slot.node == node}
            place = next(i for i in range(len(taken) + 1) if i not in taken)
            self._there[secrets.token_hex(8)] = _Slot(actor, node, place)

    async def call(self, address: str, request: bytes) -> bytes:
        """Return a slot's answer.

        Raises
        ------
        LookupError
            With a line, when there is none.
        """
        slot = self._there.get(address)
        if slot is None:
            raise LookupError("it has left")
        try:
            answer = await slot.actor.handle.remote(slot.place, request)
        except self._ray.exceptions.ActorUnavailableError as error:
            raise LookupError(_first_line(error)) from None
        except self._ray.exceptions.RayActorError as error:
            self._there.pop(address, None)
            raise LookupError(_first_line(error)) from None
        except Exception as error:  # noqa: BLE001 - of Ray's, one slot's alone
            raise LookupError(one_line(error)) from None
        if not isinstance(answer, bytes):
            raise LookupError(f"{answer!s:.300}")
        return answer

    def close(self) -> None:
        """End them all, at once."""
        for actor in [*(slot.actor for slot in self._there.values()), *self._coming.values()]:
            self._ray.kill(actor, no_restart=True)


def _first_line(error: Exception) -> str:
    """Return what Ray says of an actor, without its ids."""
    return str(error).strip().partition("\n")[0].rstrip(":") or type(error).__name__
