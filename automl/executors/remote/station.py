"""A station: what runs on a worker's machine, and answers the requests of one search at a time."""

from __future__ import annotations

import pickle
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from automl.cluster.versions import slot_facts
from automl.errors import DISK_ERRORS, one_line
from automl.executors.remote.data_folder import DataFolder, seen_here
from automl.executors.remote.slot import Errand, Slot
from automl.executors.remote.wire import pack, unpack
from automl.models._from_file import FamilyFile
from automl.trial import Stop

LEASE_SECONDS = 30.0
"""Time without a sign of the search after which its jobs are ended."""

UNHEARD = 256
"""Messages that wait for the search before a job does, too."""

LETTER_BYTES = 64_000_000
"""Size at which an answer takes in no further message."""


class Station:
    """Runs the jobs of one search in its slots.

    Parameters
    ----------
    slots : int
    root : Path
        Folder that the stations of a machine share, for data.
    lease : float
        Seconds without a request after which a search is taken for gone.
    place : int
        Which of its machine's slots is its first one; they choose their GPUs by it.
    """

    def __init__(
        self, slots: int, root: Path, lease: float = LEASE_SECONDS, place: int = 0
    ) -> None:
        self._places = range(place, place + slots)
        self._root, self._lease = root, lease
        self._session: _Session | None = None
        self._turn = threading.RLock()
        self._ended = threading.Event()
        threading.Thread(target=self._watch, name="automl lease", daemon=True).start()

    def handle(self, request: bytes) -> bytes:
        """Answer a request; called from several threads at a time, and may take seconds."""
        head, blobs = unpack(request)
        try:
            if head["what"] == "hello":
                return pack(self._hello(head["session"], pickle.loads(blobs[0])))  # noqa: S301
            session = self._session
            if session is None or session.name != head["session"]:
                return pack({"error": "it does not know this search any more"})
            session.heard = time.monotonic()
            if head["what"] == "end":
                self._end()
                return pack({})
            return _ANSWERS[head["what"]](session, head, blobs)
        except OSError as error:
            disk = error.errno in DISK_ERRORS
            return pack({"error": f"{socket.gethostname()}: {one_line(error)}", "unfit": disk})
        except Exception as error:  # noqa: BLE001 - told where it can be seen
            return pack({"error": f"{type(error).__name__}: {one_line(error)}"})

    def close(self) -> None:
        """End the search that there is."""
        self._ended.set()
        self._end()

    def _hello(self, name: str, families: Sequence[FamilyFile]) -> dict[str, Any]:
        with self._turn:
            if self._session is not None and self._session.name.split()[0] != name.split()[0]:
                return {"busy": True}
            self._end()
            self._session = _Session(name, self._places, self._root, families)
            return {"slots": len(self._places), "facts": slot_facts()}

    def _end(self) -> None:
        with self._turn:
            session, self._session = self._session, None
            if session is not None:
                session.close()

    def _watch(self) -> None:
        while not self._ended.wait(min(1.0, self._lease / 4)):
            session = self._session
            if session is not None and time.monotonic() - session.heard > self._lease:
                self._end()


class _Session:
    """One search, from its hello to its end."""

    def __init__(
        self, name: str, places: range, root: Path, families: Sequence[FamilyFile]
    ) -> None:
        self.name = name
        self.heard = time.monotonic()
        self._said: deque[tuple[int, dict[str, Any], Sequence[bytes]]] = deque()
        self._count = 0
        self._closed = False
        self._news = threading.Condition()
        self._data = DataFolder(root)
        self._slots = [Slot(i, families, self._data.path, self._say) for i in places]

    def have(self, head: dict[str, Any], blobs: list[bytes]) -> bytes:
        seen = seen_here(head["folder"], head["mark"])
        return pack({"missing": self._data.missing(head["files"], seen)})

    def put(self, head: dict[str, Any], blobs: list[bytes]) -> bytes:
        self._data.take(head["digest"], head["offset"], blobs[0], last=head["last"])
        return pack({})

    def begin(self, head: dict[str, Any], blobs: list[bytes]) -> bytes:
        data = str(self._data.path / head["data"]) if head["data"] else ""
        inputs = dict(zip(head["inputs"], blobs[1:], strict=True))
        errand = Errand(head["ticket"], blobs[0], data, inputs, tuple(head["outputs"]))
        self._slots[head["place"]].begin(errand)
        return pack({})

    def stop(self, head: dict[str, Any], blobs: list[bytes]) -> bytes:
        for slot in self._slots:
            slot.stop(head["ticket"], Stop[head["why"]], head["member"])
        return pack({})

    def kill(self, head: dict[str, Any], blobs: list[bytes]) -> bytes:
        for slot in self._slots:
            slot.kill(head["ticket"], head["reason"], head["member"])
        return pack({})

    def poll(self, head: dict[str, Any], blobs: list[bytes]) -> bytes:
        """Return what was said since; what the search has got is forgotten now."""
        with self._news:
            while self._said and self._said[0][0] <= head["heard"]:
                self._said.popleft()
            self._news.notify_all()
            self._news.wait_for(lambda: self._said or self._closed, head["wait"])
            messages: list[dict[str, Any]] = []
            files: list[bytes] = []
            size = 0
            for number, plain, more in self._said:
                messages.append({**plain, "number": number, "blobs": len(more)})
                files.extend(more)
                size += sum(map(len, more))
                if size > LETTER_BYTES:
                    break
        return pack({"messages": messages}, files)

    def close(self) -> None:
        with self._news:
            self._closed = True
            self._news.notify_all()
        for slot in self._slots:
            slot.close()
        self._data.close()

    def _say(self, ticket: int, plain: dict[str, Any], blobs: Sequence[bytes]) -> None:
        with self._news:
            self._news.wait_for(lambda: len(self._said) < UNHEARD or self._closed)
            self._count += 1
            self._said.append((self._count, {**plain, "ticket": ticket}, blobs))
            self._news.notify_all()


_ANSWERS: dict[str, Callable[[_Session, dict[str, Any], list[bytes]], bytes]] = {
    "have": _Session.have,
    "put": _Session.put,
    "begin": _Session.begin,
    "stop": _Session.stop,
    "kill": _Session.kill,
    "poll": _Session.poll,
}
