"""Who did what: a table that only grows."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import Connection, insert, select

from automl.service.database import Database, audit


def record(connection: Connection, user: str, action: str, thing: str, address: str = "") -> None:
    """Note what is done, in the transaction that does it.

    Parameters
    ----------
    connection : Connection
    user : str
        The user's name; ``"service"`` for what nobody has asked for.
    action : str
        Such as ``"search.create"``.
    thing : str
        The id or the name of what it is done to; never a secret.
    address : str
        Where the request came from.
    """
    connection.execute(
        insert(audit).values(
            at=time.time(), user=user, action=action, object=thing[:256], address=address[:64]
        )
    )


def newest(database: Database, count: int, before: int | None = None) -> list[dict[str, Any]]:
    """Return the newest entries, the newest first; those before an id, to go back further."""
    wanted = select(audit).order_by(audit.c.id.desc()).limit(count)
    if before is not None:
        wanted = wanted.where(audit.c.id < before)
    with database.read() as connection:
        return [dict(row) for row in connection.execute(wanted).mappings()]
