"""A lock on a folder of the cache: one process at a time writes there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from automl.data.cache.progress import show_progress

try:
    import fcntl
except ImportError:  # Windows has no flock; there an open file cannot be replaced anyway
    fcntl = None  # type: ignore[assignment]


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other processes from writing to a folder; freed when the process ends.

    Where another one has the lock, that it is waited for is shown on stderr.

    Parameters
    ----------
    folder : Path
        Made when it is missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if fcntl is None:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with show_progress("waiting for another search that writes there", None):
                fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
