"""Data as it is sent: the files of a variant, with their SHA-256."""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
from pathlib import Path

from automl.executors.remote.data_folder import MARK


class Parcels:
    """Knows the files of each folder that `PreparedStore.save` has made; none ever changes."""

    def __init__(self) -> None:
        self._digests: dict[Path, str] = {}
        self._turns: dict[str, asyncio.Lock] = {}
        self._marks: dict[Path, str] = {}

    def turn(self, host: str) -> asyncio.Lock:
        """Return the lock of whoever sends something to a machine."""
        return self._turns.setdefault(host, asyncio.Lock())

    def files(self, folder: Path) -> dict[str, Path]:
        """Return what `PreparedData.open` reads there, by the paths below the folder's parent."""
        several, prepared = folder / "splits.json", folder / "prepared.json"
        found = {f"{folder.name}/{path.name}": path for path in sorted(folder.iterdir())}
        others = json.loads(several.read_text()) if several.exists() else []
        if prepared.exists():
            targets = (folder / json.loads(prepared.read_text())["targets"]).resolve()
            others = [] if targets == folder.resolve() else [targets.name]
        for name in others:
            found |= self.files(folder.parent / name)
        return found

    def mark(self, folder: Path) -> str:
        """Mark a folder as this search's; returns what its mark says.

        Who reads it there sees the very folder, and needs no copy of what is in it.
        """
        if folder not in self._marks:
            self._marks[folder] = mark = secrets.token_hex(16)
            (folder / MARK).write_text(mark, encoding="ascii")
        return self._marks[folder]

    def digest(self, path: Path) -> str:
        """Return the SHA-256 of a file; it is read once."""
        if path not in self._digests:
            with path.open("rb") as file:
                self._digests[path] = hashlib.file_digest(file, "sha256").hexdigest()
        return self._digests[path]
