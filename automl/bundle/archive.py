"""Bundles as one file: packing a zip, and unpacking one that may be hostile."""

from __future__ import annotations

import shutil
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from automl.bundle.format import CARD, MAX_JSON_BYTES, MODEL, is_bundle_file, read_info
from automl.errors import BundleError
from automl.files import replace_file

MAX_BYTES = 16 * 10**9
"""Unpacked; a zip that claims more is a bomb."""

MAX_RATIO = 100
"""Unpacked bytes a packed byte, beyond the first MB. Weights hardly shrink, text shrinks tenfold;
deflate itself can reach 1,032."""

_PIECE = 1 << 20
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip knows: the same bundle, the same bytes


def copy_bundle(folder: Path, to: Path) -> None:
    """Copy a bundle, whole or not at all.

    Parameters
    ----------
    folder : Path
    to : Path
        A zip when its name ends so, else a folder that is not there yet, or empty.

    Raises
    ------
    BundleError
        When the bundle is not whole, or `to` cannot be written.
    """
    info = read_info(folder)
    names = [MODEL, *filter(is_bundle_file, info["files"])]
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        with replace_file(to) as partial:
            if to.name.lower().endswith(".zip"):
                _pack(folder, names, partial)
            else:
                partial.mkdir()
                for name in names:
                    shutil.copyfile(folder / name, partial / name)
    except OSError as error:
        rule = "must be a .zip file, or a folder that is new or empty"
        raise BundleError(f"{to}: {rule}, but: {error.strerror}") from None


def _pack(folder: Path, names: list[str], to: Path) -> None:
    with zipfile.ZipFile(to, "w") as archive:
        for name in sorted(names):
            member = zipfile.ZipInfo(name, _EPOCH)
            member.external_attr = 0o644 << 16
            text = name in (MODEL, CARD)
            member.compress_type = zipfile.ZIP_DEFLATED if text else zipfile.ZIP_STORED
            with (folder / name).open("rb") as file, archive.open(member, "w") as packed:
                shutil.copyfileobj(file, packed, _PIECE)


def unpack(path: Path, folder: Path) -> None:
    """Unpack a bundle's files, and nothing else, into a folder.

    They lie at the top of the zip, or together in its only folder.

    Raises
    ------
    BundleError
        When it is no zip of a bundle, a name would leave the folder, or it is a bomb.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = _members(path, archive)
            _check_size(path, list(members.values()))
            for name, member in members.items():
                _extract(archive, member, folder / name)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        NotImplementedError,
        RuntimeError,
        ValueError,
    ) as error:
        if isinstance(error, BundleError):
            raise
        raise BundleError(f"{path}: must be a zip of a bundle, but: {error}") from None


def _members(path: Path, archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Return the bundle's files by name."""
    found: dict[str, zipfile.ZipInfo] = {}
    tops = set()
    for member in archive.infolist():
        parts = PurePosixPath(member.filename).parts
        if ".." in parts or "\\" in member.filename or member.filename.startswith("/"):
            raise BundleError(
                f"{path}: names must stay inside the zip, but got {member.filename!r:.80}"
            )
        if member.is_dir() or not is_bundle_file(parts[-1]) or len(parts) > 2:
            continue
        if parts[-1] in found:
            raise BundleError(f"{path}: must hold one bundle, but has {parts[-1]} twice")
        found[parts[-1]] = member
        tops.add(parts[:-1])
    if MODEL not in found or len(tops) > 1:
        raise BundleError(f"{path}: is not a zip of a bundle: it has no {MODEL}")
    return found


def _check_size(path: Path, members: list[zipfile.ZipInfo]) -> None:
    size = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    most = min(MAX_BYTES, _PIECE + MAX_RATIO * packed)
    if size > most:
        raise BundleError(
            f"{path}: must unpack to at most {most:,} bytes, but claims {size:,}: a zip bomb?"
        )


def _extract(archive: zipfile.ZipFile, member: zipfile.ZipInfo, to: Path) -> None:
    limit = MAX_JSON_BYTES if to.name == MODEL else MAX_BYTES
    left = min(limit, member.file_size)  # whatever the zip really holds
    with archive.open(member) as packed, to.open("wb") as file:
        while left > 0 and (part := packed.read(min(left, _PIECE))):
            file.write(part)
            left -= len(part)
