"""A slot of a Ray cluster: an actor, in which a station answers our requests.

Ray gets this file's class by value, so that it is there to say when automl is not. The top of the
file imports nothing but the standard library.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any


class RaySlot:
    """Answers as a `automl.executors.remote.station.Station` with one slot does.

    Parameters
    ----------
    home : str
        Folder to import automl from, where it is not installed; empty for none.
    root : str
        Folder for data; empty for one of this user's on its machine.
    """

    def __init__(self, home: str, root: str) -> None:
        if home and home not in sys.path:
            sys.path.append(home)
        self._root = root
        self._turn = threading.Lock()
        self._station: Any = None

    def node(self) -> str:
        """Return which of Ray's nodes it is on."""
        import ray

        return str(ray.get_runtime_context().get_node_id())

    def handle(self, place: int, request: bytes) -> bytes | str:
        """Return the answer to a request, or in words why there is none.

        Parameters
        ----------
        place : int
            Which of its machine's slots it is.
        request : bytes
        """
        try:
            with self._turn:
                if self._station is None:
                    from automl.executors.remote.station import Station

                    self._station = Station(1, self._folder(), place=place)
            answer: bytes = self._station.handle(request)
        except Exception as error:  # noqa: BLE001 - no exception of a slot's is to be unpickled
            return f"automl does not run there: {type(error).__name__}: {error!s:.200}"
        return answer

    def _folder(self) -> Path:
        if self._root:
            return Path(self._root)
        user = os.getuid() if hasattr(os, "getuid") else 0
        folder = Path(tempfile.gettempdir(), f"automl-ray-{user}")
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        if hasattr(os, "getuid") and (found.st_uid != user or found.st_mode & 0o077):
            raise PermissionError(f"{folder} must be this user's alone, but is not; remove it")
        return folder
