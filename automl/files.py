"""Write files whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import re
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from automl.errors import DataError


def path_kind(path: Path) -> Literal["file", "folder"] | None:
    """Return what lies at a path that somebody has named, or None where nothing does.

    Raises
    ------
    DataError
        When there is no telling, or it is a pipe or a device, which cannot be read twice.
    """
    if not str(path).strip() or "\0" in str(path):
        return None
    try:
        mode = path.stat().st_mode
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
            return None
        raise DataError(f"{str(path)!r:.120}: cannot be read: {error.strerror}") from None
    if stat.S_ISDIR(mode):
        return "folder"
    if stat.S_ISREG(mode):
        return "file"
    raise DataError(
        f"{path}: must be a file or a folder, but is a pipe or a device; write it to a file first"
    )


_PARTIAL = re.compile(r"\..+\.[0-9a-f]{8}\.partial")


def is_partial(path: Path) -> bool:
    """Return whether a file or folder is called as those that `replace_file` writes to."""
    return _PARTIAL.fullmatch(path.name) is not None


@contextmanager
def replace_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path to write to, and move it to `path` when the block ends.

    A reader sees the old file or the new one, never a part. After an error, or an interruption,
    the old file is still there and the temporary one is gone.

    Parameters
    ----------
    path : Path
        A file, which may exist; or a folder, which must be new or empty. Into a pipe or a device
        the content is written when the block ends.

    Raises
    ------
    OSError
        When it cannot be written.
    """
    if not path.name:  # "." and "/" name no file that could be replaced
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if path.exists() and not (path.is_file() or path.is_dir()):
        with _to_device(path) as partial:
            yield partial
        return
    if path.is_symlink():  # what it points to is replaced, and the link stays
        path = Path(os.path.realpath(path))
    # The token keeps two writers apart, threads of one process included. A process that is killed
    # leaves the file behind; `automl.study.recovery` removes those of a study.
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        yield partial
        os.replace(partial, path)
    finally:
        if partial.is_dir():
            shutil.rmtree(partial, ignore_errors=True)
        else:
            partial.unlink(missing_ok=True)


@contextmanager
def _to_device(path: Path) -> Iterator[Path]:
    """Yield a path whose content goes into a pipe or a device, such as ``/dev/null``.

    A file in its place would be there for every other program, too.
    """
    with tempfile.TemporaryDirectory(prefix="automl-") as folder:
        partial = Path(folder, "content")
        yield partial
        with partial.open("rb") as file, path.open("wb") as device:
            shutil.copyfileobj(file, device)


def write_text(path: Path, text: str) -> None:
    """Write a text file in UTF-8, whole or not at all."""
    with replace_file(path) as partial:
        partial.write_text(text, encoding="utf-8")


def write_json(path: Path, value: Any) -> None:
    """Write JSON, whole or not at all; raise ValueError for NaN and infinity, which JSON lacks."""
    write_text(path, json.dumps(value, indent=2, allow_nan=False) + "\n")
