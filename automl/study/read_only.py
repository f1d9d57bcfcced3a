"""Optuna's storage for readers: no statement of it can change a study."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import event
from sqlalchemy.engine import URL, make_url

from automl.study.bulk_reader import QuickStorage


def read_only_storage(url: str) -> QuickStorage:
    """Return a storage whose connections refuse to write, where the database can do that.

    Parameters
    ----------
    url : str
        SQLAlchemy's address of a database that exists.
    """
    storage = QuickStorage(_readable(url))
    engine = storage.engine
    statements = {
        # Not SQLite's own mode=ro: with that, whoever closes last leaves the WAL behind.
        "sqlite": "PRAGMA query_only=ON",
        "postgresql": "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
    }
    statement = statements.get(engine.dialect.name)

    @event.listens_for(engine, "connect")
    def refuse_writes(connection: Any, record: Any) -> None:
        if statement is not None:
            cursor = connection.cursor()
            cursor.execute(statement)
            cursor.close()
            connection.commit()  # else the first rollback takes it back

    engine.dispose()  # Optuna has connected already, without it
    return storage


def _readable(url: str) -> str:
    """Return the address with which SQLite reads a study that we may not write.

    Beside a database in WAL mode every reader must write a small file, unless it is told that
    nobody changes anything.
    """
    address = make_url(url)
    path = Path(address.database or "")
    if address.get_backend_name() != "sqlite" or address.query or not path.is_file():
        return url
    wal = path.with_name(f"{path.name}-wal")
    if os.access(path.parent, os.W_OK) or (wal.exists() and wal.stat().st_size):
        return url
    file = f"file:{quote(str(path.resolve()))}"
    address = URL.create("sqlite", database=file, query={"immutable": "1", "uri": "true"})
    return address.render_as_string()
