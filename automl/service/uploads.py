"""What is uploaded: written beside, checked, and then kept once under the SHA-256 of its bytes."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from anyio import to_thread

from automl.data.formats.sniff import file_kind
from automl.errors import DataError
from automl.service.picture_zips import extract_pictures, holds_pictures
from automl.service.problems import Problem
from automl.service.settings import ServiceSettings

Kind = Literal["table", "arrays", "pictures"]

MAX_INFLATION = 20
"""Bytes of pictures for each byte of their ZIP, beyond the first 64 MB: pictures hardly shrink."""

SMALL = 64 * 10**6


@dataclass(slots=True)
class Upload:
    """A body that has arrived, and is not kept yet.

    Attributes
    ----------
    path : Path
        File, or the folder of the pictures that were in it.
    sha256 : str
        Hexadecimal digest of the bytes that were sent.
    bytes : int
        Bytes that it takes.
    kind : {"table", "arrays", "pictures"}
    """

    path: Path
    sha256: str
    bytes: int
    kind: Kind


async def receive(
    settings: ServiceSettings, pieces: AsyncIterator[bytes], take: Callable[[int], None]
) -> Upload:
    """Write a body to a file of its own and look what it is; half of one leaves nothing.

    Parameters
    ----------
    settings : ServiceSettings
    pieces : async iterator of bytes
    take : callable
        Is told how many bytes have come, and raises when they are too many.

    Raises
    ------
    Problem
        As `take` does, or 422 when it is none of the kinds that can be searched.
    """
    path = settings.uploads / secrets.token_hex(8)
    try:
        hashed, size = await _write(path, pieces, take)
        return await to_thread.run_sync(_look, path, hashed, size)
    except BaseException:
        discard(path)
        raise


async def _write(
    path: Path, pieces: AsyncIterator[bytes], take: Callable[[int], None]
) -> tuple[str, int]:
    hashed = hashlib.sha256()
    size = 0
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        async for piece in pieces:
            size += len(piece)
            take(len(piece))
            hashed.update(piece)
            file.write(piece)
    if not size:
        raise Problem(422, "the body must be the bytes of a data set, but it is empty")
    return hashed.hexdigest(), size


def _look(path: Path, sha256: str, size: int) -> Upload:
    try:
        if holds_pictures(path):
            folder = path.with_suffix(".pictures")
            try:
                size = extract_pictures(path, folder, SMALL + MAX_INFLATION * size)
            except BaseException:
                discard(folder)
                raise
            path.unlink()
            return Upload(folder, sha256, size, "pictures")
        kind = file_kind(path)
    except DataError as error:
        # The path is of no use to a client.
        raise Problem(422, str(error).replace(f"{path}: ", "the file ", 1)) from None
    if kind == "picture":
        raise Problem(422, "the file is one picture; send a ZIP with one folder a class")
    return Upload(path, sha256, size, "table" if kind in ("text", "parquet") else "arrays")


def discard(path: Path) -> None:
    """Delete a file or a folder, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
