"""Who asks, and what is his: what every route depends on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args

from fastapi import Depends, Request
from sqlalchemy import ColumnElement, Table, true

from automl.service.problems import Problem

Role = Literal["admin", "user", "reader"]
"""An admin sees and may change everything; a user has things of his own, and sees no others; a
reader sees everything and may predict, and changes nothing."""

ROLES: tuple[str, ...] = get_args(Role)


@dataclass(frozen=True, slots=True)
class User:
    """Who asks.

    Attributes
    ----------
    id : int
    name : str
    role : {"admin", "user", "reader"}
        What this request may do: of a token, the lesser of the token's role and the user's.
    session : str or None
        SHA-256 of the session; None for a token.
    """

    id: int
    name: str
    role: Role
    session: str | None = None

    @property
    def sees_all(self) -> bool:
        """Whether things of other users are shown."""
        return self.role in ("admin", "reader")


def lesser(one: Role, other: Role) -> Role:
    """Return which of two roles may do less."""
    return max(one, other, key=ROLES.index)


async def current_user(request: Request) -> User:
    """Return who asks; the guard has found out before any route is reached.

    It is asynchronous because FastAPI calls others in a thread, for every request.

    Raises
    ------
    Problem
        401 when nobody is logged in, which only an open path comes to.
    """
    user = getattr(request.state, "user", None)
    if not isinstance(user, User):
        raise Problem(401, "log in first, or send a token: Authorization: Bearer amt_...")
    return user


async def writing_user(user: Annotated[User, Depends(current_user)]) -> User:
    """Return who asks, if he may change things.

    Raises
    ------
    Problem
        403 for a reader.
    """
    if user.role == "reader":
        raise Problem(403, "a reader changes nothing; ask an administrator for the role user")
    return user


async def admin_user(user: Annotated[User, Depends(current_user)]) -> User:
    """Return who asks, if he is an administrator.

    Raises
    ------
    Problem
        403 for everybody else.
    """
    if user.role != "admin":
        raise Problem(403, "only an administrator may do that")
    return user


Asking = Annotated[User, Depends(current_user)]
Writing = Annotated[User, Depends(writing_user)]
Administrating = Annotated[User, Depends(admin_user)]


def visible(table: Table, user: User) -> ColumnElement[bool]:
    """Return the condition of every query: rows of a table that a user may see."""
    return true() if user.sees_all else table.c.owner == user.id


def missing(kind: str, name: Any) -> Problem:
    """Return the answer for what is not there, and for what belongs to somebody else."""
    return Problem(404, f"there is no {kind} {str(name)!r:.120}")
