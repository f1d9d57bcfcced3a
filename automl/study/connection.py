"""Open a study's database for writing, and explain why it cannot be opened."""

from __future__ import annotations

from typing import Any

from optuna.exceptions import OptunaError
from sqlalchemy import Engine, event
from sqlalchemy.exc import SQLAlchemyError

from automl.study.urls import password_hint, public_url, without_secrets

BUSY_SECONDS = 30
"""How long a writer waits for a reader's lock; a dashboard's transactions take milliseconds."""

CANNOT_OPEN = (
    SQLAlchemyError,
    OptunaError,
    RuntimeError,
    ImportError,
    ValueError,
    AssertionError,
)
"""Errors of SQLAlchemy, Optuna, a driver and Alembic over a wrong address or a broken file."""


def engine_options(url: str) -> dict[str, Any]:
    """Return the options for SQLAlchemy's `create_engine`."""
    return {"connect_args": {"timeout": BUSY_SECONDS}} if url.startswith("sqlite") else {}


def keep_in_wal(engine: Engine) -> None:
    """Put SQLite into WAL mode, so that readers and the writer do not wait for each other.

    With ``synchronous=NORMAL`` a finished trial survives any crash of a process, and the last
    few may be lost, whole, in a crash of the machine; a study is not worth an fsync a trial.
    """
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.close()

    engine.dispose()  # Optuna has connected already, without the pragmas


def explain(what: str, error: Exception, url: str) -> str:
    """Return one line about a database, without the secrets in its address."""
    text = without_secrets(str(getattr(error, "orig", None) or error), url)
    reason = text.splitlines()[0] if text else type(error).__name__
    return f"{public_url(url)}: {what}: {reason}{password_hint(text)}"
