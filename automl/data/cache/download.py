"""Fetches published files: checked, resumable, and never half there.

A file grows beside its place as ``<name>.part`` and takes its name only when its checksum is
right. A connection that was cut goes on where it stopped, in this run or in the next one.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from automl.data.cache.folders import VARIABLE
from automl.data.cache.lock import locked
from automl.data.cache.progress import show_progress
from automl.errors import DataError

MAX_BYTES = 2**30
"""No mirror may send more for one file; Fashion-MNIST's largest has 26 MB."""

_PIECE = 2**18
_TRIES = 5  # a mirror that cut the connection this often is given up


@dataclass(frozen=True, slots=True)
class Checksum:
    """What a file must hash to.

    Attributes
    ----------
    algorithm : {"sha256", "md5"}
        MD5 only where the publisher names nothing better: it finds damage, not forgery.
    digest : str
        The checksum in hexadecimal, lower case.
    """

    algorithm: Literal["sha256", "md5"]
    digest: str

    def of(self, path: Path) -> str:
        """Return the file's own digest by this algorithm."""
        with open(path, "rb") as file:
            # MD5 would be refused on machines in FIPS mode without the second argument.
            digest = hashlib.file_digest(
                file, lambda: hashlib.new(self.algorithm, usedforsecurity=False)
            )
        return digest.hexdigest()

    def check(self, path: Path) -> None:
        """Raise a DataError when the file is not the one that was published."""
        if (got := self.of(path)) != self.digest:
            raise DataError(
                f"the {self.algorithm.upper()} must be {self.digest}, but got {got}: {path}; "
                "delete it and fetch it again"
            )


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One published file.

    Attributes
    ----------
    name : str
        Its name on disk.
    urls : tuple of str
        Its addresses (http or https), best first.
    checksum : Checksum
        Checksum of the file as it is sent.
    """

    name: str
    urls: tuple[str, ...]
    checksum: Checksum


class _NoUseError(Exception):
    """An address will not give the file."""


class _CutError(Exception):
    """The connection ended early; what came so far is good."""


def fetch(files: Sequence[RemoteFile], folder: Path, *, timeout: float = 30.0) -> None:
    """Fetch those of `files` that are not in `folder` yet, with a progress bar on stderr.

    Parameters
    ----------
    files : sequence of RemoteFile
    folder : Path
        Made when it is missing. A second process that fetches to it waits for the first.
    timeout : float
        Seconds without a byte after which a connection counts as cut.

    Raises
    ------
    DataError
        When the folder cannot be written, or no address gives a file with the right checksum;
        the message names every file and the folder, so they can be put there by hand.
    """
    try:
        with locked(folder):
            for file in files:
                if not (folder / file.name).exists():
                    _fetch_one(file, folder / file.name, timeout)
    except _NoUseError as error:
        names = ", ".join(file.name for file in files)
        raise DataError(f"{error}; try again, or put {names} in {folder} by hand") from None
    except OSError as error:  # those of the network never get here
        raise DataError(
            f"the folder that data sets are fetched to must be writable, but {folder} answers "
            f"{error.strerror!r}; set {VARIABLE} to one that is"
        ) from error


def _fetch_one(file: RemoteFile, target: Path, timeout: float) -> None:
    part = target.with_name(target.name + ".part")
    if part.exists() and file.checksum.of(part) == file.checksum.digest:
        part.replace(target)  # the last run ended between the last byte and the new name
        return
    reasons = []
    for url in file.urls:
        try:
            _fetch_from(url, file, part, timeout)
        except _NoUseError as error:
            reasons.append(f"{urlsplit(url).netloc}: {error}")
        else:
            part.replace(target)
            return
    raise _NoUseError(f"{file.name} could not be fetched ({'; '.join(reasons)})")


def _fetch_from(url: str, file: RemoteFile, part: Path, timeout: float) -> None:
    """Fill `part` from one address until its checksum is right."""
    cut = None
    for _ in range(_TRIES):
        start = part.stat().st_size if part.exists() else 0
        try:
            start = _receive(url, part, start, timeout)
        except _CutError as error:
            cut = str(error)
            continue
        got = file.checksum.of(part)
        if got == file.checksum.digest:
            return
        part.unlink()
        if start == 0:
            rule = f"{file.checksum.algorithm.upper()} must be {file.checksum.digest}"
            raise _NoUseError(f"{rule}, but got {got}")
        # Else an old beginning and a new end do not fit together: once more, all of it.
    raise _NoUseError(f"the connection was cut {_TRIES} times, last {cut}")


def _receive(url: str, part: Path, start: int, timeout: float) -> int:
    """Append what is missing, and say at which byte the server really began."""
    request = urllib.request.Request(url, headers={"User-Agent": "automl"})  # noqa: S310
    if start:
        request.add_header("Range", f"bytes={start}-")
    try:
        # S310 warns of file: addresses; these are http and https constants of our sources.
        response = urllib.request.urlopen(request, timeout=timeout)  # noqa: S310
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 416 and start:  # more is here than there: not the same file
            part.unlink()
            return _receive(url, part, 0, timeout)
        raise _NoUseError(f"HTTP status {error.code}") from error
    except (OSError, http.client.HTTPException) as error:
        raise _NoUseError(_reason(error)) from error
    with response:
        if response.status != 206:
            start = 0  # the server sends the whole file
        elif not response.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
            raise _NoUseError("the server sends another part than was asked for")
        length = response.headers.get("Content-Length", "")
        total = start + int(length) if length.isdecimal() else None
        _write(response, part, start, total)
    return start


def _write(response: http.client.HTTPResponse, part: Path, start: int, total: int | None) -> None:
    done = start
    name = part.name.removesuffix(".part")
    with (
        show_progress(name, total, start, unit="bytes") as advance,
        open(part, "ab" if start else "wb") as file,
    ):
        for piece in _pieces(response):
            file.write(piece)
            advance(len(piece))
            done += len(piece)
            if done > MAX_BYTES:
                break
        file.flush()
        os.fsync(file.fileno())  # before the new name: a power cut must not leave an empty file
    if done > MAX_BYTES:
        part.unlink()
        raise _NoUseError(f"a file may have {MAX_BYTES} bytes, but more came")
    if total is not None and done < total:
        raise _CutError(f"after {done} of {total} bytes")


def _pieces(response: http.client.HTTPResponse) -> Iterator[bytes]:
    """Read the body; errors of the network become `_CutError`, those of the disk stay OSError."""
    try:
        while piece := response.read(_PIECE):
            yield piece
    except (OSError, http.client.HTTPException) as error:
        raise _CutError(f"by {_reason(error)}") from error


def _reason(error: Exception) -> str:
    reason = getattr(error, "reason", error)
    return str(getattr(reason, "strerror", None) or reason or type(reason).__name__)
