"""A copy of everything that a service keeps, made while it runs.

The copy is a root of its own: `automl serve --root COPY` goes on from it. A search that ran is
taken up there as after a kill.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from automl.errors import ConfigError
from automl.files import replace_file

DATABASE = "service.db"

LEFT_OUT = ("uploads", ".lock", "run.lock", "shared")
"""Halves of uploads, locks, and what only a running search needs."""

_TRAILS = ("-wal", "-shm", "-journal", ".partial")


def back_up(root: Path, to: Path) -> None:
    """Copy a root, whole or not at all.

    The database comes first: a file without a row is swept when the copy is used, a row without its
    file would be a loss.

    Parameters
    ----------
    root, to : Path
        `to` must not exist.

    Raises
    ------
    ConfigError
        When `root` is not one of a service, `to` is there already, or it cannot be written.
    """
    if not (root / "searches").is_dir():
        raise ConfigError(f"--root {root}: is not the folder of a service")
    if to.exists():
        raise ConfigError(f"{to}: must not exist, but there is something already")
    try:
        with replace_file(to) as partial:
            partial.mkdir(mode=0o700)
            if (root / DATABASE).exists():  # else it is in PostgreSQL
                _copy_database(root / DATABASE, partial / DATABASE)
            _copy_folder(root, partial)
    except (OSError, sqlite3.Error) as error:
        raise ConfigError(f"{to}: cannot be written: {error}") from None


def _copy_folder(folder: Path, to: Path) -> None:
    for path in sorted(folder.iterdir()):
        target = to / path.name
        if path.name in LEFT_OUT or path.name.endswith(_TRAILS) or target.exists():
            continue
        try:
            if path.is_symlink():
                target.symlink_to(path.readlink())
            elif path.is_dir():
                target.mkdir(mode=0o700)
                _copy_folder(path, target)
            elif path.suffix == ".db":
                _copy_database(path, target)
            else:
                shutil.copy2(path, target)
        except FileNotFoundError:  # it was deleted or replaced meanwhile
            continue


def _copy_database(path: Path, to: Path) -> None:
    """Copy a SQLite database as it is at one moment, whoever writes to it."""
    with (
        closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(to)) as target,
    ):
        source.backup(target)
