"""Rows of accounts: what each statement finds, and the rules that a row keeps."""

from __future__ import annotations

import json
import re
import time
from dataclasses import asdict
from typing import cast

from sqlalchemy import Connection, func, insert, select

from automl.service.access import Role, User, lesser, missing
from automl.service.credentials import digest, new_secret
from automl.service.database import invitations, sessions, tokens, users
from automl.service.problems import Problem
from automl.service.settings import Limits

SESSION_SECONDS = 7 * 24 * 3600.0
INVITATION_SECONDS = 7 * 24 * 3600.0

NAME = "[a-zA-Z0-9][a-zA-Z0-9._@-]{0,63}"
"""How a user may be called, as a regular expression."""


def limits_of(connection: Connection, user_id: int, default: Limits) -> Limits:
    """Return what a user may have."""
    found = connection.execute(select(users.c.limits).where(users.c.id == user_id)).scalar()
    return Limits(**(asdict(default) | json.loads(found or "{}")))


def invite(connection: Connection, user_id: int | None) -> str:
    """Return the secret of a new invitation; without a user, it makes the first one."""
    secret = new_secret()
    expires = time.time() + INVITATION_SECONDS
    values = {"hash": digest(secret), "user_id": user_id, "expires": expires}
    connection.execute(insert(invitations).values(values))
    return secret


def no_invitation() -> Problem:
    """Return the answer to a link that is not, or no longer, good."""
    return Problem(404, "this link was used, has expired, or never was; ask for another")


def invited(connection: Connection, secret: str, name: str | None) -> tuple[int | None, str]:
    """Return the id and the name of whoever was invited; the first user chooses his name."""
    here = invitations.c.hash == digest(secret)
    row = connection.execute(select(invitations).where(here)).first()
    if row is None or row.expires < time.time():
        raise no_invitation()
    if row.user_id is None:
        return None, _checked_name(name or "")
    known = connection.execute(select(users.c.name).where(users.c.id == row.user_id))
    return row.user_id, known.scalar_one()


def _checked_name(name: str) -> str:
    if not re.fullmatch(NAME, name):
        rule = "must be 1 to 64 letters, digits, dots, hyphens, underscores or @"
        raise Problem(422, f"name: {rule}, and start with one of the first two")
    return name


def add_user(connection: Connection, name: str, role: Role) -> int:
    """Add a user without a password; return the id."""
    values = {"name": _checked_name(name), "role": role, "created": time.time()}
    if connection.execute(select(users.c.id).where(users.c.name == name)).first():
        raise Problem(409, f"there is a user {name!r} already")
    made = connection.execute(insert(users).values(values)).inserted_primary_key
    assert made is not None
    return int(made[0])


def user_id_of(connection: Connection, name: str) -> int:
    """Return the id of a user; 404 where there is none."""
    found = connection.execute(select(users.c.id).where(users.c.name == name)).scalar()
    if found is None:
        raise missing("user", name)
    return int(found)


def check_admins(connection: Connection) -> None:
    """Check that somebody can still administrate; 409 where nobody could."""
    admins = select(func.count()).select_from(users).where(users.c.role == "admin")
    if not connection.execute(admins).scalar_one():
        raise Problem(409, "there must be an administrator, and this is the last one")


def begin_session(connection: Connection, user_id: int) -> str:
    """Return the secret of a new session."""
    secret = new_secret()
    now = time.time()
    values = {"user_id": user_id, "created": now, "expires": now + SESSION_SECONDS}
    connection.execute(insert(sessions).values(hash=digest(secret), **values))
    return secret


def token_user(connection: Connection, key: str) -> tuple[User | None, float]:
    """Return whose token a hash is of, and when it expires."""
    columns = (tokens.c.role.label("token_role"), tokens.c.expires)
    wanted = select(users.c.id, users.c.name, users.c.role, *columns).join_from(users, tokens)
    row = connection.execute(wanted.where(tokens.c.hash == key)).first()
    if row is None:
        return None, 0.0
    role = lesser(cast(Role, row.role), cast(Role, row.token_role))
    return User(row.id, row.name, role), row.expires


def session_user(connection: Connection, key: str) -> tuple[User | None, float]:
    """Return whose session a hash is of, and when it expires."""
    wanted = select(users.c.id, users.c.name, users.c.role, sessions.c.expires)
    found = wanted.join_from(users, sessions).where(sessions.c.hash == key)
    row = connection.execute(found).first()
    if row is None:
        return None, 0.0
    return User(row.id, row.name, cast(Role, row.role), key), row.expires
