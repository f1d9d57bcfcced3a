"""Pictures out of a ZIP that may be hostile."""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from automl.data.formats.picture_files import SUFFIXES
from automl.errors import DataError

MAX_FILES = 200_000
MAX_DEPTH = 12
MAX_NAME = 200
"""Characters of a part of a name; file systems take 255 bytes."""

_PIECE = 1 << 20
_CONTROL = re.compile(r"[\x00-\x1f\x7f\\:]")
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError)


def holds_pictures(path: Path) -> bool:
    """Return whether a file is a ZIP with pictures in it."""
    if not zipfile.is_zipfile(path):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return any(is_picture_name(name) for name in archive.namelist())
    except _UNREADABLE:
        return False


def is_picture_name(name: str) -> bool:
    """Return whether a file in a ZIP is called as a picture, and not as a shadow of one."""
    parts = PurePosixPath(name).parts
    hidden = any(part.startswith((".", "__MACOSX")) and part != ".." for part in parts)
    return not hidden and name.lower().endswith(SUFFIXES)


def extract_pictures(path: Path, folder: Path, most_bytes: int) -> int:
    """Extract the pictures of a ZIP, and nothing else, into a folder that is made.

    A folder that holds all others is left out: `pets/cat/1.png` becomes `cat/1.png`.

    Parameters
    ----------
    path, folder : Path
    most_bytes : int
        Bytes of all pictures, counted as they are unpacked.

    Returns
    -------
    int
        Bytes of the pictures.

    Raises
    ------
    DataError
        When a name would leave the folder, a file is a link, or there are too many or too large
        ones; the folder may be there in part then.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = {_checked(m): m for m in archive.infolist() if is_picture_name(m.filename)}
            if len(members) > MAX_FILES:
                raise DataError(f"the ZIP must hold at most {MAX_FILES:,} pictures")
            if sum(member.file_size for member in members.values()) > most_bytes:
                raise _too_large(most_bytes)
            total = 0
            skip = _shared_depth(list(members))
            for name, member in members.items():
                to = folder.joinpath(*name.parts[skip:])
                to.parent.mkdir(parents=True, exist_ok=True)
                total += _extract(archive, member, to, most_bytes - total)
            return total
    except _UNREADABLE as error:
        raise DataError(f"the ZIP cannot be read: {' '.join(str(error).split()):.120}") from None


def _checked(member: zipfile.ZipInfo) -> PurePosixPath:
    """Return the name of a file in the ZIP, which stays in the folder."""
    name = PurePosixPath(member.filename)
    kind = stat.S_IFMT(member.external_attr >> 16)
    fault = (
        "leaves its folder"
        if name.is_absolute() or ".." in name.parts or _CONTROL.search(member.filename)
        else "is not a regular file"
        if kind not in (0, stat.S_IFREG)
        else "has too long or too many parts"
        if len(name.parts) > MAX_DEPTH or max(map(len, name.parts)) > MAX_NAME
        else None
    )
    if fault:
        raise DataError(f"the ZIP must hold plain pictures, but {member.filename!r:.80} {fault}")
    return name


def _extract(archive: zipfile.ZipFile, member: zipfile.ZipInfo, to: Path, most: int) -> int:
    total = 0
    with archive.open(member) as packed, to.open("xb") as file:
        while piece := packed.read(_PIECE):
            total += len(piece)
            if total > most:
                raise _too_large(most)
            file.write(piece)
    return total


def _too_large(most: int) -> DataError:
    return DataError(f"the pictures of the ZIP must have at most {most:,} bytes unpacked")


def _shared_depth(names: list[PurePosixPath]) -> int:
    """Return how many folders hold everything, beside a folder for each class."""
    depth = 0
    while names and all(len(name.parts) > depth + 2 for name in names):
        if len({name.parts[depth] for name in names}) > 1:
            break
        depth += 1
    return depth
