"""Claims: a study in a database of several machines is searched by one of them at a time.

The lock in the study's folder is of one machine. In PostgreSQL a search also holds an advisory
lock of a session of its own, so no clock is compared with another. The server lets go of it when
the session ends: at once when a process is killed, and half a minute after a machine has lost its
power or its network.
"""

from __future__ import annotations

import contextlib
import getpass
import hashlib
import os
import socket
import time

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from automl.errors import StudyError

LOOK_SECONDS = 5.0

_KEEPALIVES = {"tcp_keepalives_idle": 10, "tcp_keepalives_interval": 5, "tcp_keepalives_count": 3}
"""Seconds of silence, and tries, after which the server gives up a machine that is gone; the
default of Linux is two hours."""

_HOLDER = text(
    "SELECT application_name FROM pg_stat_activity JOIN pg_locks USING (pid)"
    " WHERE locktype = 'advisory' AND granted AND objsubid = 1"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    # pg_locks shows the two halves of a key, each without a sign.
    " AND classid::bigint = (CAST(:key AS bigint) >> 32) & 4294967295"
    " AND objid::bigint = CAST(:key AS bigint) & 4294967295"
)


class Claim:
    """What this process searches in one database; of a file nothing, whose folder has a lock.

    Parameters
    ----------
    engine : Engine
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None
        self._names: dict[str, str] = {}
        self._next = 0.0
        self._is_lost = False

    def take(self, name: str, advice: str = "") -> None:
        """Claim the study of that name, which need not be there yet, until `release`.

        Parameters
        ----------
        name : str
            Its name in the database.
        advice : str
            What else to do than to wait, for the message.

        Raises
        ------
        StudyError
            When another process holds it, on this machine or another.
        """
        if self._engine.dialect.name != "postgresql" or name in self._names:
            return
        if self._connection is None:
            self._connection = _session(self._engine)
        key = {"key": _key(name)}
        query = text("SELECT pg_try_advisory_lock(CAST(:key AS bigint))")
        if not self._connection.execute(query, key).scalar():
            holder = self._connection.execute(_HOLDER, key).scalar() or "another process"
            raise StudyError(
                f"study {name!r} is in use by {holder.removeprefix('automl ')}, in the same"
                f" database; wait for its end{advice}"
            )
        self._names[name] = advice

    def look(self) -> None:
        """See every few seconds that the claim still stands.

        Raises
        ------
        StudyError
            When the connection was lost, and another process has claimed the study since.
        SQLAlchemyError
            When the database cannot be reached.
        """
        now = time.monotonic()
        if self._connection is None or now < self._next:
            return
        self._next = now + LOOK_SECONDS
        try:
            self._connection.execute(text("SELECT 1"))
        except SQLAlchemyError:
            names, self._is_lost = self._names, True
            self.release()
            for name, advice in names.items():
                self.take(name, advice)
            self._is_lost = False

    def stands(self) -> bool:
        """Return whether what was claimed is ours now: else it may be another's to write."""
        self._next = 0.0
        with contextlib.suppress(StudyError, SQLAlchemyError):
            self.look()
        return not self._is_lost

    def release(self) -> None:
        """Let go of every study."""
        connection, self._connection, self._names = self._connection, None, {}
        if connection is not None:
            with contextlib.suppress(SQLAlchemyError):
                connection.close()


def _session(engine: Engine) -> Connection:
    """Return a connection that ends with its claim, in place of going back to the pool."""
    connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    connection.detach()
    settings = {"application_name": f"automl {_who()}", **_KEEPALIVES}
    for name, value in settings.items():
        query = text("SELECT set_config(:name, :value, false)")
        connection.execute(query, {"name": name, "value": str(value)})
    return connection


def _who() -> str:
    """Return who searches and where, as the others read it: 63 bytes are kept of it."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in a container
        user = f"user {os.getuid()}"
    return f"{user:.16}@{socket.gethostname():.24}, process {os.getpid()}"


def _key(name: str) -> int:
    """Return a study's key, which PostgreSQL wants as a number of 64 bits with a sign."""
    digest = hashlib.sha256(f"automl study {name}".encode()).digest()
    return int.from_bytes(digest[:8], signed=True)
