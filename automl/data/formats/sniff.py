"""What a file is, and its bytes: packed or not, bounded, and decoded.

A file is told by its first bytes, never by its name, which may lie.
"""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Literal, cast

from automl.data.formats.arrays import NPY
from automl.data.formats.pictures import is_picture
from automl.errors import DataError

FileKind = Literal["npy", "npz", "idx", "parquet", "picture", "text"]

MAX_INFLATION = 200
"""A file may unpack to this many times its size; tables reach 5 to 50, bombs 1,000."""

SMALL_BYTES = 2**26
"""A file may always unpack to this many bytes."""

_START_BYTES = 512  # up to where a tar archive says what it is; of which `is_picture` needs fewer

_NO_TABLES = {
    rb"\s*(\{\s*[\"}]|\[\s*[\[{\"])": "holds JSON; convert it first, for example with"
    " pandas.read_json(FILE).to_csv(OTHER, index=False)",
    rb"\s*<(!doctype\s+)?html": "is a web page; what was saved may be the answer of a login page",
    rb"\s*<\?xml": "is an XML document; convert it first",
    rb"%PDF-": "is a PDF document; save its table as CSV",
    rb"\xd0\xcf\x11\xe0": "is an old Excel workbook; save the sheet as CSV and use that",
    rb"\x89HDF": "is an HDF5 file; save its arrays as NPZ",
    rb"7z\xbc\xaf|Rar!|\x28\xb5\x2f\xfd": "is packed by 7-Zip, RAR or Zstandard; unpack it first",
    rb".{257}ustar": "is a tar archive; unpack it first",
    rb".{4}ftyp(hei|mif|avi)": "is a HEIC or AVIF picture; save it as JPEG or PNG",
    rb".{4}ftyp": "is a video",
    rb"MATLAB 5.0": "is a MATLAB file; save its arrays as NPZ",
    rb"\s*(%[^\n]*\n\s*)*@relation": "is an ARFF file; save its table as CSV",
    rb"ARROW1": "is an Arrow or Feather file; save it as Parquet",
    rb"SQLite format 3": "is an SQLite database; save its table as CSV",
    rb"\x80[\x02-\x05][\x95c}\](]": "is a pickle, which could run code; save it as NPZ or Parquet",
}
"""What other files begin with, and what is said of them: read as text, they would be odd tables."""

_PIECE = 2**20
_UNPACKING = (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, RuntimeError)


def file_kind(path: Path) -> FileKind:
    """Find out what a file holds.

    Raises
    ------
    DataError
        When it cannot be read, is empty, or is of a kind that is known and not supported.
    """
    with unpacked(path) as stream:
        start = stream.read(_START_BYTES)
    if not start:
        raise DataError(f"{path}: must hold rows, but the file is empty")
    if is_picture(start):
        return "picture"
    for pattern, what in _NO_TABLES.items():
        if re.match(pattern, start.removeprefix(codecs.BOM_UTF8), re.IGNORECASE | re.DOTALL):
            raise DataError(f"{path}: must hold rows as CSV, Parquet, NPY, NPZ or IDX, but {what}")
    if start[:6] == NPY:
        return "npy"
    if start[:4] == b"PK\x03\x04":  # `unpacked` has taken every other zip apart
        return "npz"
    if start[:2] == b"\0\0":
        return "idx"
    if start[:4] == b"PAR1":
        return "parquet"
    return "text"


@contextmanager
def unpacked(path: Path) -> Iterator[IO[bytes]]:
    """Open a file, and unpack it on the way if it is packed (gzip, bzip2, xz, zip).

    Raises
    ------
    DataError
        When it cannot be read, is damaged, or unpacks to more than `MAX_INFLATION` times its
        size, also while the caller reads from it.
    """
    try:
        with path.open("rb") as raw:
            start = raw.read(6)
            raw.seek(0)
            packed = _unpacker(path, start, raw)
            if packed is None:
                yield raw
                return
            most = max(SMALL_BYTES, MAX_INFLATION * path.stat().st_size)
            with packed, io.BufferedReader(_Bounded(packed, most, path)) as stream:
                yield stream
    except _UNPACKING as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise DataError(f"{path}: cannot be read: {reason or type(error).__name__}") from None


def _unpacker(path: Path, start: bytes, raw: IO[bytes]) -> IO[bytes] | None:
    """Return a stream of the unpacked bytes, or None for a file that is not packed."""
    if start[:2] == b"\x1f\x8b":
        return cast(IO[bytes], gzip.GzipFile(fileobj=raw))
    if start[:3] == b"BZh":
        return bz2.BZ2File(raw)
    if start[:6] == b"\xfd7zXZ\0":
        return lzma.LZMAFile(raw)
    if start[:4] == b"PK\x03\x04":
        return _only_member(path, raw)
    return None


def _only_member(path: Path, raw: IO[bytes]) -> IO[bytes] | None:
    """Return the one file of a zip; None for the zip of arrays that is an NPZ file."""
    archive = zipfile.ZipFile(raw)
    names = [m.filename for m in archive.infolist() if not m.is_dir()]
    names = [name for name in names if not name.startswith("__MACOSX/")]
    if names and all(name.endswith(".npy") for name in names):
        raw.seek(0)
        return None
    if "[Content_Types].xml" in names:
        raise DataError(f"{path}: is an Excel workbook; save the sheet as CSV and use that")
    if len(names) != 1:
        raise DataError(
            f"{path}: a zip must hold one file, but has {len(names)}; unpack the one to be used"
        )
    return archive.open(names[0])


class _Bounded(io.RawIOBase):
    """Unpacked bytes, but not more than a packed file of that size can honestly hold."""

    def __init__(self, stream: IO[bytes], most: int, path: Path) -> None:
        self._stream, self._left, self._most, self._path = stream, most, most, path

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._stream.read(min(len(buffer), _PIECE))
        self._left -= len(piece)
        if self._left < 0:
            raise DataError(
                f"{self._path}: unpacks to more than {self._most // 10**6} MB, over"
                f" {MAX_INFLATION} times its size; unpack it yourself if you trust it"
            )
        buffer[: len(piece)] = piece
        return len(piece)


def find_encoding(path: Path) -> str:
    """Find how the text in a file is encoded, by decoding all of it.

    Returns
    -------
    str
        ``"utf-8-sig"``, ``"utf-16"`` or ``"utf-32"`` with its mark, ``"utf-16-le"`` or
        ``"utf-16-be"`` without one, or ``"cp1252"``: what Windows writes in western Europe, which
        says latin-1 of itself.

    Raises
    ------
    DataError
        When it is no text.
    """
    with unpacked(path) as stream:
        start = stream.read(_START_BYTES)
        if start[:4] in (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE):
            return "utf-32"
        if start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
        if (unmarked := _unmarked_utf_16(start)) is not None:
            return unmarked
        decoder, piece = codecs.getincrementaldecoder("utf-8")(), start
        encoding = "utf-8-sig"
        while piece:
            if b"\0" in piece:
                raise DataError(
                    f"{path}: must be CSV, TSV, Parquet, NPY, NPZ or IDX, but is none of these: it"
                    " has a byte 0, which no text has"
                )
            if encoding == "utf-8-sig":
                try:
                    decoder.decode(piece)
                except UnicodeDecodeError:
                    encoding = "cp1252"
            piece = stream.read(_PIECE)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        encoding = "cp1252"
    return encoding


def _unmarked_utf_16(start: bytes) -> str | None:
    """Return the encoding of western text in two bytes a character, of which one is always 0."""
    for name, zeros, others in (
        ("utf-16-le", start[1::2], start[::2]),
        ("utf-16-be", start[::2], start[1::2]),
    ):
        if len(start) > 1 and not any(zeros) and all(others[: len(zeros)]):
            return name
    return None
