"""Optuna's storage for whoever only looks: no statement of it can change a study."""

from __future__ import annotations

from typing import Any

import optuna
from optuna.storages import RDBStorage
from sqlalchemy import event


def read_only_storage(url: str) -> RDBStorage:
    """A storage whose connections refuse to write, where the database has a way to say so.

    Parameters
    ----------
    url : str
        SQLAlchemy's address of a database that exists.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    storage = RDBStorage(url)
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

    engine.dispose()  # Optuna has connected already, without it
    return storage
