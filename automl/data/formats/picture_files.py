"""Which files below a folder are pictures, and what is left out and why."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from automl.data.formats.pictures import START_BYTES, is_picture

SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp")
"""Endings of names that are believed: such a file is a picture, or a damaged one."""

SHOWN = 3
"""Files that are named for each reason why some are left out."""

HIDDEN = "hidden file{s} or folder{s}"
OTHER = "file{s} of another format"
UNREADABLE = "file{s} that cannot be read"


class LeftOut:
    """Files below a folder that are not used, by reason.

    Parameters
    ----------
    folder : Path
        Folder from which the files are named.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names: dict[str, list[str]] = {}

    def add(self, reason: str, path: Path, detail: str = "") -> None:
        """Count a file.

        Parameters
        ----------
        reason : str
            What such files are called, with ``{s}`` where several end in an s.
        path : Path
        detail : str
            What else is known of this one.
        """
        name = name_below(path, self._folder)
        self._names.setdefault(reason, []).append(f"{name}: {detail}" if detail else name)

    def sentences(self) -> tuple[str, ...]:
        """Return a sentence for each reason: how many files, and the names of the first."""
        return tuple(
            f"left out: {count_names(reason, names)}" for reason, names in self._names.items()
        )


def count_names(what: str, names: list[str]) -> str:
    """Count files, and name the first: ``2 hidden files (.a, .b)``."""
    shown = ", ".join(map(_printable, names[:SHOWN]))
    more = ", ..." if len(names) > SHOWN else ""
    return f"{len(names):,} {what.format(s='' if len(names) == 1 else 's')} ({shown}{more})"


def _printable(name: str) -> str:
    """Shorten a name, and show it in one line."""
    name = f"{name:.200}"
    return name if name.isprintable() else repr(name)


def name_below(path: Path, folder: Path) -> str:
    """Return the name of a file as seen from a folder above it, or its path from elsewhere."""
    is_below = path.is_relative_to(folder)
    return as_text(path.relative_to(folder).as_posix() if is_below else str(path))


def as_text(name: str) -> str:
    r"""Return a name of a file as text that can be written: a byte that is none is ``\xff``."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def find_pictures(folder: Path, left_out: LeftOut) -> list[Path]:
    """Return the pictures in a folder and all folders below it, in the order of their names.

    Parameters
    ----------
    folder : Path
    left_out : LeftOut
        Told of every other file.
    """
    found: list[Path] = []
    folders, seen = [folder], set()
    for inner in folders:  # which grow meanwhile
        try:
            # A link may lead back to a folder above it.
            place = os.path.realpath(inner)
            entries = [] if place in seen else sorted(os.scandir(inner), key=lambda e: e.name)
        except OSError as error:
            left_out.add("folder{s} that cannot be read", inner, error.strerror or "")
            continue
        seen.add(place)
        for entry in entries:
            path = inner / entry.name
            if entry.name.startswith("."):
                left_out.add(HIDDEN, path)
            elif entry.is_dir():
                folders.append(path)
            elif entry.is_file() and entry.name.lower().endswith(SUFFIXES):
                found.append(path)
            else:
                _add_by_content(path, found, left_out)
    return sorted(found, key=lambda path: path.parts)


def _add_by_content(path: Path, found: list[Path], left_out: LeftOut) -> None:
    """Look into a file whose name tells nothing."""
    try:
        if holds_picture(path):
            found.append(path)
        else:
            left_out.add(OTHER, path)
    except OSError as error:
        left_out.add(UNREADABLE, path, error.strerror or "")


def holds_picture(path: Path) -> bool:
    """Return whether a file is a picture by its name or its first bytes.

    Raises
    ------
    OSError
        When it is not there, or cannot be read.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        return False  # a pipe would wait for someone to write
    if path.name.lower().endswith(SUFFIXES):
        return True
    with path.open("rb") as file:
        return is_picture(file.read(START_BYTES))
