"""The contract of an engine: what carries requests to other machines.

All methods run in the one thread that a `automl.executors.remote.link.Link` has for them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod


class EngineError(Exception):
    """The engine does not answer, in one line."""


class StationError(Exception):
    """One station does not answer, in one line."""


class Engine(ABC):
    """Knows which stations there are, and carries requests to them.

    Attributes
    ----------
    name : str
        What is served in messages, such as ``"the cluster at tls://host:8786"``.
    advice : str
        What to do when there is no station.
    """

    name: str
    advice: str

    @abstractmethod
    async def start(self) -> None:
        """Connect, or start what is to be connected to.

        Raises
        ------
        EngineError, ConfigError
        """

    @abstractmethod
    async def addresses(self) -> list[str]:
        """Return the stations that there are now; one that was lost has another address later.

        Raises
        ------
        EngineError
        """

    @abstractmethod
    async def call(self, address: str, request: bytes) -> bytes:
        """Let `Station.handle` answer a request at a station. It may be cancelled.

        Raises
        ------
        StationError, EngineError
        """

    @abstractmethod
    async def close(self) -> None:
        """Let go of everything; ends what `start` has started."""
