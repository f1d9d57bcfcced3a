"""Data on a worker's machine: every file once, whatever is run there, under its SHA-256."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

MARK = ".mark"
"""A file beside the data of a search, whose content nobody else can know."""


def seen_here(folder: str, mark: str) -> Path | None:
    """Return a search's own folder where this machine sees it, as on a shared file system.

    Parameters
    ----------
    folder : str
        Where the search has its data.
    mark : str
        What its `MARK` says: another machine may have another folder of that name.
    """
    with contextlib.suppress(OSError, ValueError):
        if (Path(folder) / MARK).read_text(encoding="ascii") == mark:
            return Path(folder)
    return None


class DataFolder:
    """The files of one session, in a folder that the stations of a machine share.

    A session has links to the files; one that no session links to any more is removed.

    Parameters
    ----------
    root : Path
        The shared folder.
    """

    def __init__(self, root: Path) -> None:
        self._kept = root / "files"
        self._kept.mkdir(mode=0o700, parents=True, exist_ok=True)
        _remove_stale(root)
        name = f"session-{secrets.token_hex(8)}"
        self._lock = FileLock(root / f"{name}.lock", thread_local=False)
        self._lock.acquire()
        self.path = root / name
        self.path.mkdir(mode=0o700)
        self._wanted: dict[str, set[str]] = {}
        self._arriving: dict[str, Any] = {}

    def missing(self, files: Mapping[str, str], seen: Path | None = None) -> list[str]:
        """Link what is there already; return the SHA-256 of each file that has to be sent.

        Parameters
        ----------
        files : mapping of str to str
            Path below the session's folder, to the SHA-256 of the file.
        seen : Path, optional
            The search's own folder with the same paths below it.
        """
        if seen is not None:
            for name in files:
                self._show(seen / name, name)
        absent: dict[str, None] = {}
        for name, digest in files.items():
            if not (self.path / name).exists() and not self._link(self._kept / digest, name):
                self._wanted.setdefault(digest, set()).add(name)
                absent[digest] = None
        return list(absent)

    def take(self, digest: str, offset: int, part: bytes, *, last: bool) -> None:
        """Take in a part of a file.

        Raises
        ------
        ValueError
            When the parts do not make the file.
        """
        partial = self.path / f"{digest}.partial"
        if offset == 0:
            self._arriving[digest] = hashlib.sha256()
        with partial.open("ab" if offset else "wb") as file:
            file.write(part)
        self._arriving[digest].update(part)
        if not last:
            return
        if self._arriving.pop(digest).hexdigest() != digest:
            raise ValueError(f"the parts of {digest[:12]} do not make the file")
        for name in self._wanted.pop(digest, ()):
            self._link(partial, name)
        # With links from the start: who closes another session removes what has none.
        os.replace(partial, self._kept / digest)

    def close(self) -> None:
        """Remove the session, and what it alone has used."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._lock.release()
        Path(self._lock.lock_file).unlink(missing_ok=True)
        for file in self._kept.iterdir():
            with contextlib.suppress(OSError):
                if file.stat().st_nlink == 1:
                    file.unlink()

    def _show(self, source: Path, name: str) -> None:
        """Let a name stand for a file elsewhere, where that can be read."""
        target = self.path / name
        if os.access(source, os.R_OK) and not target.exists():
            target.parent.mkdir(exist_ok=True)
            target.symlink_to(source)

    def _link(self, source: Path, name: str) -> bool:
        target = self.path / name
        target.parent.mkdir(exist_ok=True)
        try:
            os.link(source, target)
        except FileExistsError:
            return True
        except FileNotFoundError:
            return False
        return True


def _remove_stale(root: Path) -> None:
    """Remove sessions whose process has ended without doing so."""
    for lock in root.glob("session-*.lock"):
        with contextlib.suppress(OSError, Timeout), FileLock(lock, timeout=0):
            shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
            lock.unlink(missing_ok=True)
