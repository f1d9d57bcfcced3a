"""Users, their sessions and tokens, and the links by which they come in."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import asdict
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from automl.service import account_rows as rows
from automl.service import audit
from automl.service.access import Role, User, lesser, missing
from automl.service.attempts import Attempts
from automl.service.credentials import (
    TOKEN_PREFIX,
    check_password,
    digest,
    hash_password,
    new_token,
    nobodys_password,
    password_fault,
)
from automl.service.database import Database, invitations, sessions, tokens, users
from automl.service.problems import Problem
from automl.service.settings import Limits

CACHE_SECONDS = 5.0
"""Time for which a token is not looked up again. A change in this process empties the cache."""

MOST_CACHED = 1000


class Accounts:
    """What is known of users.

    Parameters
    ----------
    database : Database
    limits : Limits
        What users may have for whom nobody has set something else.
    """

    def __init__(self, database: Database, limits: Limits) -> None:
        self._database = database
        self._limits = limits
        self._attempts = Attempts()
        self._hashing = threading.BoundedSemaphore(2)  # each takes 16 MiB and a core
        self._cache: dict[str, tuple[float, User]] = {}

    def invite_first(self) -> str | None:
        """Return a one-time secret for the first user, an administrator; None if there is one."""
        with self._database.write() as connection:
            if connection.execute(select(func.count()).select_from(users)).scalar_one():
                return None
            connection.execute(delete(invitations).where(invitations.c.user_id.is_(None)))
            return rows.invite(connection, None)

    def accept(self, secret: str, name: str | None, password: str, address: str) -> str:
        """Set the password of whoever was invited; return the secret of a new session.

        Raises
        ------
        Problem
            When there is no such invitation, or the name or the password breaks its rule.
        """
        with self._database.read() as connection:
            _, user_name = rows.invited(connection, secret, name)
        if fault := password_fault(password, user_name):
            raise Problem(422, f"password: {fault}")
        hashed = self._hash(password)
        with self._database.write() as connection:
            user_id, user_name = rows.invited(connection, secret, name)
            connection.execute(delete(invitations).where(invitations.c.hash == digest(secret)))
            if user_id is None:
                if connection.execute(select(func.count()).select_from(users)).scalar_one():
                    raise rows.no_invitation()
                user_id = rows.add_user(connection, user_name, "admin")
            connection.execute(update(users).where(users.c.id == user_id).values(password=hashed))
            connection.execute(delete(sessions).where(sessions.c.user_id == user_id))
            audit.record(connection, user_name, "user.accept", user_name, address)
            session = rows.begin_session(connection, user_id)
        self._cache.clear()
        return session

    def login(self, name: str, password: str, address: str) -> str:
        """Return the secret of a new session.

        Raises
        ------
        Problem
            401 for a wrong name or password, 429 after too many of them.
        """
        self._limit(name, address)
        with self._database.read() as connection:
            wanted = select(users.c.id, users.c.name, users.c.password).where(users.c.name == name)
            row = connection.execute(wanted).first()
        stored = row.password if row is not None and row.password else nobodys_password()
        with self._hashing:  # of an unknown user too: the time tells nothing
            right = check_password(password, stored)
        if not right or row is None or not row.password:
            with self._database.write() as connection:
                audit.record(connection, "nobody", "login.refused", name, address)
            raise Problem(401, "the name or the password is wrong")
        self._attempts.forget(name)
        with self._database.write() as connection:
            connection.execute(delete(sessions).where(sessions.c.expires < time.time()))
            audit.record(connection, row.name, "login", row.name, address)
            return rows.begin_session(connection, row.id)

    def logout(self, user: User) -> None:
        """End the session that asks."""
        with self._database.write() as connection:
            connection.execute(delete(sessions).where(sessions.c.hash == user.session))
        self._cache.clear()

    def change_password(self, user: User, old: str, new: str, address: str) -> None:
        """Set a new password and end all other sessions.

        Raises
        ------
        Problem
            When the old one is wrong, or the new one breaks its rule.
        """
        self._limit(user.name, address)
        with self._database.read() as connection:
            found = connection.execute(select(users.c.password).where(users.c.id == user.id))
            stored = found.scalar() or nobodys_password()
        with self._hashing:
            right = check_password(old, stored)
        if not right:
            raise Problem(403, "the old password is wrong")
        if fault := password_fault(new, user.name):
            raise Problem(422, f"password: {fault}")
        hashed = self._hash(new)
        with self._database.write() as connection:
            connection.execute(update(users).where(users.c.id == user.id).values(password=hashed))
            mine = (sessions.c.user_id == user.id) & (sessions.c.hash != (user.session or ""))
            connection.execute(delete(sessions).where(mine))
            audit.record(connection, user.name, "user.password", user.name, address)
        self._cache.clear()

    def remembered(self, secret: str) -> User | None:
        """Return whose it is if it was looked up a moment ago; this never waits."""
        kept = self._cache.get(digest(secret))
        return kept[1] if kept is not None and kept[0] > time.time() else None

    def authenticate(self, secret: str) -> User | None:
        """Return whose token or session it is, or None."""
        if (user := self.remembered(secret)) is not None:
            return user
        key, now = digest(secret), time.time()
        with self._database.read() as connection:
            find = rows.token_user if secret.startswith(TOKEN_PREFIX) else rows.session_user
            user, expires = find(connection, key)
        if user is None or expires <= now:
            return None
        if len(self._cache) >= MOST_CACHED:
            self._cache.clear()
        self._cache[key] = (min(expires, now + CACHE_SECONDS), user)
        return user

    def make_token(self, user: User, name: str, role: Role, days: int, address: str) -> Any:
        """Make a personal token; what is returned holds it, and nothing else ever does."""
        token = new_token()
        now = time.time()
        values = {
            "name": name,
            "role": lesser(role, user.role),
            "created": now,
            "expires": now + days * 86400.0,
        }
        with self._database.write() as connection:
            row = {**values, "user_id": user.id, "hash": digest(token)}
            made = connection.execute(insert(tokens).values(row)).inserted_primary_key
            audit.record(connection, user.name, "token.create", name, address)
        assert made is not None
        return {"id": made[0], **values, "token": token}

    def tokens(self, user: User) -> list[dict[str, Any]]:
        """Return a user's tokens, without what is secret in them."""
        columns = [tokens.c[name] for name in ("id", "name", "role", "created", "expires")]
        wanted = select(*columns).where(tokens.c.user_id == user.id).order_by(tokens.c.id)
        with self._database.read() as connection:
            return [dict(row) for row in connection.execute(wanted).mappings()]

    def revoke_token(self, user: User, token_id: int, address: str) -> None:
        """Delete a token of the user.

        Raises
        ------
        Problem
            404 when he has none of that id.
        """
        mine = (tokens.c.id == token_id) & (tokens.c.user_id == user.id)
        with self._database.write() as connection:
            if not connection.execute(delete(tokens).where(mine)).rowcount:
                raise missing("token", token_id)
            audit.record(connection, user.name, "token.revoke", str(token_id), address)
        self._cache.clear()

    def add_user(self, by: User, name: str, role: Role, address: str) -> str:
        """Add a user; return the secret of the link by which he sets his password.

        Raises
        ------
        Problem
            When the name breaks its rule, or is taken.
        """
        with self._database.write() as connection:
            user_id = rows.add_user(connection, name, role)
            audit.record(connection, by.name, "user.create", f"{name} as {role}", address)
            return rows.invite(connection, user_id)

    def invite_again(self, by: User, name: str, address: str) -> str:
        """Return a new link for a user, who sets a new password by it."""
        with self._database.write() as connection:
            user_id = rows.user_id_of(connection, name)
            connection.execute(delete(invitations).where(invitations.c.user_id == user_id))
            audit.record(connection, by.name, "user.invite", name, address)
            return rows.invite(connection, user_id)

    def change_user(
        self, by: User, name: str, role: Role | None, limits: dict[str, int], address: str
    ) -> None:
        """Change a user's role, or some of his limits."""
        with self._database.write() as connection:
            user_id = rows.user_id_of(connection, name)
            if role is not None:
                connection.execute(update(users).where(users.c.id == user_id).values(role=role))
                rows.check_admins(connection)
            if limits:
                mine = select(users.c.limits).where(users.c.id == user_id)
                kept = json.loads(connection.execute(mine).scalar() or "{}")
                values = {"limits": json.dumps(kept | limits)}
                connection.execute(update(users).where(users.c.id == user_id).values(values))
            what = json.dumps({"role": role, **limits})
            audit.record(connection, by.name, "user.change", f"{name} {what}", address)
        self._cache.clear()

    def remove_user(self, by: User, name: str, address: str) -> None:
        """Delete a user who has nothing left.

        Raises
        ------
        Problem
            409 when he still has data sets or searches, or is the last administrator.
        """
        with self._database.write() as connection:
            user_id = rows.user_id_of(connection, name)
            try:
                connection.execute(delete(users).where(users.c.id == user_id))
            except IntegrityError:
                raise Problem(
                    409, f"{name} still has data sets, searches or models; delete those first"
                ) from None
            rows.check_admins(connection)
            audit.record(connection, by.name, "user.delete", name, address)
        self._cache.clear()

    def list_users(self) -> list[dict[str, Any]]:
        """Return all users with their roles and limits."""
        wanted = select(users).order_by(users.c.name)
        with self._database.read() as connection:
            found = connection.execute(wanted).mappings().all()
        return [
            {
                "name": row["name"],
                "role": row["role"],
                "created": row["created"],
                "accepted": row["password"] is not None,
                "compute_seconds": row["compute_seconds"],
                "limits": asdict(self._limits) | json.loads(row["limits"] or "{}"),
            }
            for row in found
        ]

    def _limit(self, name: str, address: str) -> None:
        wait = self._attempts.take(name, address)
        if wait:
            seconds = int(wait) + 1
            detail = f"too many attempts; try again in {seconds} s"
            raise Problem(429, detail, {"Retry-After": str(seconds)})

    def _hash(self, password: str) -> str:
        with self._hashing:
            return hash_password(password)
