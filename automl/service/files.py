"""Files as answers: their SHA-256, `ETag`, ranges, and what a client has already."""

from __future__ import annotations

import base64
import hashlib
import os
from collections import OrderedDict
from pathlib import Path
from threading import Lock

from fastapi import Request, Response
from fastapi.responses import FileResponse

from automl.service.problems import Problem

MOST_KEPT = 1000

_Key = tuple[str, int, int, int]


class Digests:
    """SHA-256 of files, each computed once while it stays the same."""

    def __init__(self) -> None:
        self._kept: OrderedDict[_Key, bytes] = OrderedDict()
        self._lock = Lock()

    def of(self, path: Path) -> bytes:
        """Return the SHA-256 of a file."""
        stat = os.stat(path)
        key = (str(path), stat.st_ino, stat.st_size, stat.st_mtime_ns)
        with self._lock:
            if key in self._kept:
                return self._kept[key]
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").digest()
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return found

    def answer(
        self,
        request: Request,
        path: Path,
        media_type: str,
        download_as: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Response:
        """Return a file as an answer: whole, a range of it, or that it is the same still.

        Raises
        ------
        Problem
            404 when it is not there.
        """
        try:
            digest = self.of(path)
        except OSError:
            raise Problem(404, "this is not there yet") from None
        tag = f'"{digest.hex()}"'
        named = {
            "etag": tag,
            "repr-digest": f"sha-256=:{base64.b64encode(digest).decode()}:",
            "cache-control": "private, no-cache",
            **(headers or {}),
        }
        asked = request.headers.get("if-none-match", "").split(",")
        if {tag, "*"} & {part.strip().removeprefix("W/") for part in asked}:
            return Response(status_code=304, headers=named)
        return FileResponse(path, media_type=media_type, filename=download_as, headers=named)
