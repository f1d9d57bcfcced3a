"""What happens at stations, as the search's own thread hears of it, and what it asks of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from automl.errors import AutomlError
from automl.executors.remote.engine import EngineError


@dataclass(frozen=True, slots=True)
class Came:
    """A station has answered: it is there from now on.

    Attributes
    ----------
    address : str
    slots : int
    host : str
        Name of its machine.
    versions : mapping of str to str
        See `automl.cluster.versions.versions`.
    """

    address: str
    slots: int
    host: str
    versions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Lost:
    """A station is not there any more, and what ran on it is lost."""

    address: str
    reason: str


@dataclass(frozen=True, slots=True)
class Said:
    """A station has something to say of a job."""

    address: str
    plain: dict[str, Any]
    blobs: list[bytes]


@dataclass(frozen=True, slots=True)
class Trouble:
    """Nothing works any more."""

    error: AutomlError | EngineError


Event = Came | Lost | Said | Trouble


@dataclass(frozen=True, slots=True)
class Letter:
    """A request to a station.

    Attributes
    ----------
    head : dict
    blobs : tuple of bytes
    data : Path or None
        Folder with data that must be there first.
    """

    head: dict[str, Any]
    blobs: tuple[bytes, ...] = ()
    data: Path | None = None
