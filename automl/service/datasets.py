"""Data sets: rows of the database, and files under the SHA-256 of their bytes."""

from __future__ import annotations

import secrets
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, select

from automl.service import audit
from automl.service.access import User, missing, visible
from automl.service.account_rows import limits_of
from automl.service.database import Database, datasets, is_new, searches, users
from automl.service.model_files import stored_bytes
from automl.service.problems import Problem
from automl.service.settings import ServiceSettings
from automl.service.uploads import Upload, discard

UNFINISHED = ("queued", "running", "paused")
"""States of searches that still need their data."""


class Room:
    """How many bytes an upload may have, beside others of the same user that arrive meanwhile.

    Parameters
    ----------
    left : int
        Bytes that the user may still store.
    why : str
        What they are left of.
    most : int
        Bytes that one upload may have.
    arriving : Counter of int
        Bytes of the uploads of each user that have come so far. Only the event loop counts them.
    user : User
    """

    def __init__(self, left: int, why: str, most: int, arriving: Counter[int], user: User) -> None:
        self._left, self._why, self._most = left, why, most
        self._arriving, self._user = arriving, user
        self._own = 0

    def check(self, size: int) -> None:
        """Check that as many bytes may come, in all.

        Raises
        ------
        Problem
            413
        """
        left = self._left - (self._arriving[self._user.id] - self._own)
        if size > self._most:
            raise _too_large(self._most, "the limit of this service")
        if size > left:
            raise _too_large(left, self._why)

    def take(self, size: int) -> None:
        """Count bytes that have come.

        Raises
        ------
        Problem
            413 when they are too many.
        """
        self._own += size
        self._arriving[self._user.id] += size
        self.check(self._own)

    def close(self) -> None:
        """Count them no more: they were kept, or dropped."""
        self._arriving[self._user.id] -= self._own
        self._own = 0


class Datasets:
    """The data sets of a service.

    Parameters
    ----------
    settings : ServiceSettings
    database : Database
    """

    def __init__(self, settings: ServiceSettings, database: Database) -> None:
        self._settings = settings
        self._database = database
        self._arriving: Counter[int] = Counter()
        self._files = threading.Lock()  # a file is not deleted while a row comes to need it
        self._sweep()

    def room(self, user: User) -> Room:
        """Return how much a user may upload now; the caller closes it."""
        with self._database.read() as connection:
            left, why = self._left(connection, user)
        return Room(left, why, self._settings.max_upload, self._arriving, user)

    def _left(self, connection: Connection, user: User) -> tuple[int, str]:
        most = limits_of(connection, user.id, self._settings.limits).bytes
        left = most - stored_bytes(connection, user.id, self._settings.models)
        return max(0, left), f"of the {most:,} bytes of {user.name}, the rest is used"

    def keep(self, user: User, name: str, upload: Upload, address: str) -> tuple[RowMapping, bool]:
        """Keep an upload under a name; return the data set, and whether it is new.

        Raises
        ------
        Problem
            409 when the user has another data set of that name, 413 when it is more than he may
            store: pictures may have grown, or others have been kept since it began to come.
        """
        try:
            with self._files, self._database.write() as connection:
                mine = (datasets.c.owner == user.id) & (datasets.c.name == name)
                known = connection.execute(_shown().where(mine)).mappings().first()
                if known is not None:
                    return _same(known, upload), False
                left, why = self._left(connection, user)
                if upload.bytes > left:
                    raise _too_large(left, why)
                place = self.path(upload.sha256)
                if not place.exists():
                    upload.path.rename(place)
                row = {
                    "id": secrets.token_hex(8),
                    "owner": user.id,
                    "name": name,
                    "kind": upload.kind,
                    "sha256": upload.sha256,
                    "bytes": upload.bytes,
                    "created": time.time(),
                }
                connection.execute(insert(datasets).values(row))
                audit.record(connection, user.name, "dataset.create", name, address)
                return connection.execute(_shown().where(mine)).mappings().one(), True
        finally:
            discard(upload.path)

    def list(self, user: User) -> list[RowMapping]:
        """Return the data sets that a user may see, by name."""
        wanted = _shown().where(visible(datasets, user)).order_by(datasets.c.name, users.c.name)
        with self._database.read() as connection:
            return list(connection.execute(wanted).mappings())

    def find(self, user: User, name: str, owner: str | None = None) -> RowMapping:
        """Return a data set.

        Raises
        ------
        Problem
            404 when there is none that the user may see.
        """
        with self._database.read() as connection:
            return find_dataset(connection, user, name, owner)

    def remove(self, user: User, name: str, owner: str | None, address: str) -> None:
        """Delete a data set, and its file where no other data set has the same bytes.

        Raises
        ------
        Problem
            404, or 409 while a search needs it.
        """
        with self._files:
            with self._database.write() as connection:
                row = find_dataset(connection, user, name, owner)
                needs = (searches.c.dataset_id == row["id"]) & searches.c.state.in_(UNFINISHED)
                if busy := connection.execute(select(searches.c.id).where(needs)).scalars().all():
                    raise Problem(409, f"it is needed by the searches {', '.join(busy[:5])}")
                connection.execute(delete(datasets).where(datasets.c.id == row["id"]))
                audit.record(connection, user.name, "dataset.delete", name, address)
                same = select(datasets.c.id).where(datasets.c.sha256 == row["sha256"])
                is_last = connection.execute(same).first() is None
            if is_last:
                discard(self.path(row["sha256"]))

    def path(self, sha256: str) -> Path:
        """Return where the bytes of that SHA-256 lie."""
        return self._settings.data / sha256

    def _sweep(self) -> None:
        """Delete what a killed process has left: halves of uploads, and files without a row."""
        for path in self._settings.uploads.iterdir():
            discard(path)
        with self._database.read() as connection:
            if is_new(connection):
                return
            known = set(connection.execute(select(datasets.c.sha256)).scalars())
        for path in self._settings.data.iterdir():
            if path.name not in known:
                discard(path)


def find_dataset(
    connection: Connection, user: User, name: str, owner: str | None = None
) -> RowMapping:
    """Return a data set by its name: the user's own, or that of the owner who is named.

    Raises
    ------
    Problem
        404 when there is none that the user may see.
    """
    whose = datasets.c.owner == user.id if owner is None else users.c.name == owner
    wanted = _shown().where(visible(datasets, user), whose, datasets.c.name == name)
    row = connection.execute(wanted).mappings().first()
    if row is None:
        raise missing("data set", name)
    return row


def _too_large(most: int, why: str) -> Problem:
    return Problem(413, f"the data set must have at most {max(0, most):,} bytes: {why}")


def _shown() -> Any:
    names = ("id", "name", "kind", "sha256", "bytes", "created")
    columns = [datasets.c[name] for name in names]
    return select(*columns, users.c.name.label("owner")).join_from(datasets, users)


def _same(known: RowMapping, upload: Upload) -> RowMapping:
    if known["sha256"] != upload.sha256:
        raise Problem(
            409,
            f"there is a data set {known['name']!r} with other bytes; delete it, or name this"
            " one differently",
        )
    return known
