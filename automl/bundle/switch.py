"""Let one folder take the place of another at once, so that a reader sees the old one or the new.

The best model of a study is a real folder, which is copied, packed and sent as any other. Linux and
macOS can exchange two folders in one step; elsewhere there is a moment without it, and what was
moved aside by a process that was killed in that moment is found there.
"""

from __future__ import annotations

import ctypes
import errno
import os
import secrets
import shutil
import sys
from pathlib import Path

_AT_FDCWD = -100  # of <fcntl.h>: paths are relative to the current folder
_EXCHANGE = 2  # RENAME_EXCHANGE of <linux/fs.h>, and RENAME_SWAP of macOS's <sys/stdio.h>
_CANNOT = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EXDEV)


def beside(place: Path) -> Path:
    """Return the hidden folder in which what will take a place is made."""
    return place.parent / f".{place.name}"


def new_folder(place: Path) -> Path:
    """Make an empty folder that `switch_folder` can put in a place later."""
    folder = beside(place) / secrets.token_hex(8)
    folder.mkdir(parents=True)
    return folder


def switch_folder(place: Path, folder: Path) -> None:
    """Put a folder of `new_folder` in its place, and remove what was there.

    One process at a time does this: the study's lock sees to it. Earlier versions had a link to a
    hidden folder there, which is replaced like anything else.
    """
    if not os.path.lexists(place):
        folder.rename(place)
    elif not exchange(place, folder):
        aside = folder.with_name(secrets.token_hex(8))
        place.rename(aside)
        folder.rename(place)
    shutil.rmtree(beside(place), ignore_errors=True)
    place.with_name(f".{place.name}.next").unlink(missing_ok=True)  # of a killed earlier version


def stranded(place: Path, file: str) -> Path | None:
    """Return the last folder that was to take a place which is empty, if it has this file."""
    try:
        if os.path.lexists(place):
            return None
        found = sorted(beside(place).glob(f"*/{file}"), key=lambda path: path.stat().st_mtime_ns)
    except (OSError, ValueError):  # a name longer than any file's, or with a NUL
        return None
    return found[-1].parent if found else None


def exchange(one: Path, other: Path) -> bool:
    """Exchange two paths in one step; return False where the system or the disk cannot.

    Raises
    ------
    OSError
        When it could, and may not.
    """
    name = {"linux": "renameat2", "darwin": "renamex_np"}.get(sys.platform)
    function = None if name is None else getattr(ctypes.CDLL(None, use_errno=True), name, None)
    if function is None:
        return False
    a, b = os.fsencode(one), os.fsencode(other)
    paths = (_AT_FDCWD, a, _AT_FDCWD, b) if name == "renameat2" else (a, b)
    if function(*paths, _EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in _CANNOT:
        return False
    raise OSError(code, os.strerror(code), str(one))
