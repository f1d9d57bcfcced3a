"""The tables of models, their versions and aliases, and what is read from them."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from automl.service.access import User, missing, visible
from automl.service.database import models, promotions, versions

PRODUCTION = "production"
"""The alias that a model is predicted by when nobody names a version."""


def add_version(
    connection: Connection, user: User, name: str, facts: tuple[str, str, str]
) -> tuple[str, int] | None:
    """Add a version to the user's model of that name, which is made if there is none.

    Parameters
    ----------
    connection : Connection
    user : User
    name : str
    facts : tuple of str
        The id of the search, the SHA-256 of ``model.json``, and the signature as JSON.

    Returns
    -------
    tuple of str and int, or None
        The id of the model and the version's number; None when the newest is the same.
    """
    mine = (models.c.owner == user.id) & (models.c.name == name)
    row = connection.execute(select(models.c.id, models.c.last).where(mine)).first()
    now = time.time()
    if row is None:
        model, last = secrets.token_hex(8), 0
        values = {"id": model, "owner": user.id, "name": name, "created": now, "last": 0}
        connection.execute(insert(models).values(values))
    else:
        model, last = row
    search, digest, signature = facts
    newest = (versions.c.model_id == model) & (versions.c.version == last)
    if connection.execute(select(versions.c.sha256).where(newest)).scalar() == digest:
        return None
    number = last + 1
    connection.execute(update(models).where(models.c.id == model).values(last=number))
    values = {"model_id": model, "version": number, "search": search, "created": now}
    values |= {"sha256": digest, "signature": signature}
    connection.execute(insert(versions).values(values))
    return model, number


def visible_models(connection: Connection, user: User) -> list[dict[str, Any]]:
    """Return the rows of the models that a user may see, by name."""
    wanted = select(models).where(visible(models, user)).order_by(models.c.name, models.c.id)
    return [dict(row) for row in connection.execute(wanted).mappings()]


def find_model(
    connection: Connection, user: User, name: str, *, to_write: bool = False
) -> Mapping[str, Any]:
    """Return a user's model; of whoever sees all, his own before those of others."""
    named = (models.c.name == name) & visible(models, user)
    if to_write and user.role != "admin":
        named &= models.c.owner == user.id
    wanted = select(models).where(named).order_by(models.c.owner != user.id, models.c.created)
    row = connection.execute(wanted).mappings().first()
    if row is None:
        raise missing("model", name)
    return dict(row)


def version_numbers(connection: Connection, model: str) -> tuple[int, ...]:
    """Return the versions that a model has, by number."""
    own = versions.c.model_id == model
    wanted = select(versions.c.version).where(own).order_by(versions.c.version)
    return tuple(connection.execute(wanted).scalars())


def aliases_of(connection: Connection, model: str) -> dict[str, int]:
    """Return where each alias points: to the version that it was promoted to last."""
    newest = (
        select(func.max(promotions.c.id))
        .where(promotions.c.model_id == model)
        .group_by(promotions.c.alias)
    )
    wanted = select(promotions.c.alias, promotions.c.version).where(promotions.c.id.in_(newest))
    return {row.alias: row.version for row in connection.execute(wanted)}


def resolve_version(connection: Connection, row: Mapping[str, Any], version: str | None) -> int:
    """Return the number of a version that is named by its number, by an alias, or not at all.

    Raises
    ------
    Problem
        404 when the model has no such version.
    """
    numbers = version_numbers(connection, row["id"])
    name = row["name"]
    if not numbers:
        raise missing("version of the model", name)
    if version is not None and version.isdecimal():
        if len(version) > 9 or int(version) not in numbers:
            raise missing(f"version of {name}", version)
        return int(version)
    aliases = aliases_of(connection, row["id"])
    if version is None:
        return aliases.get(PRODUCTION, numbers[-1])
    if version not in aliases:
        raise missing(f"version of {name}", version)
    return aliases[version]


def describe_model(connection: Connection, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a client sees of a model: its versions and aliases."""
    own = versions.c.model_id == row["id"]
    wanted = select(versions).where(own).order_by(versions.c.version)
    every = connection.execute(wanted).mappings().all()
    return {
        "name": row["name"],
        "created": row["created"],
        "aliases": aliases_of(connection, row["id"]),
        "versions": [
            {
                "version": one["version"],
                "search": one["search"],
                "sha256": one["sha256"],
                "created": one["created"],
                **_shown(json.loads(one["signature"])),
            }
            for one in every
        ],
    }


def _shown(signature: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a list of versions shows of them."""
    return {name: signature[name] for name in ("task", "family", "metric", "scores", "has_onnx")}
