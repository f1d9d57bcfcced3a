"""Routes of users, sessions and tokens."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from automl.service import audit
from automl.service.access import Administrating, Asking, Role
from automl.service.account_rows import NAME, SESSION_SECONDS
from automl.service.credentials import MAX_PASSWORD
from automl.service.guard import cookie_name
from automl.service.health import OPEN
from automl.service.problems import Problem
from automl.service.state import Address, ThisService

router = APIRouter(prefix="/v1")


class Body(BaseModel):
    """What a client sends: nothing but what is named."""

    model_config = ConfigDict(extra="forbid")


def _no_flag(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("must be a number")
    return value


WHOLE = BeforeValidator(_no_flag)
"""Marks a whole number, which true and false are not; it stands behind the bounds, which would be
missing from the description otherwise."""

Name = Annotated[str, Field(min_length=1, max_length=64)]
Password = Annotated[str, Field(min_length=1, max_length=MAX_PASSWORD)]
UserName = Annotated[str, Path(pattern=f"^{NAME}$")]


class Login(Body):
    """A name and a password."""

    name: Name
    password: Password


class Acceptance(Body):
    """The secret of a one-time link, and the password of the user whom it invites."""

    invitation: str = Field(max_length=100)
    name: Name | None = Field(None, description="Only the first user chooses it.")
    password: Password


class PasswordChange(Body):
    """The password as it is and as it is to be."""

    old: Password
    new: Password


class Me(BaseModel):
    """Who asks."""

    name: str
    role: Role


class NewToken(Body):
    """A personal token to be made."""

    name: Name
    role: Role = Field("admin", description="At most that of the user himself.")
    days: Annotated[int, Field(ge=1, le=366), WHOLE] = Field(90, description="Until it expires.")


class Token(BaseModel):
    """A personal token."""

    id: int
    name: str
    role: Role
    created: float
    expires: float


class MadeToken(Token):
    """A personal token that was made just now."""

    token: str = Field(description="Shown this once.")


class NewUser(Body):
    """A user to be added."""

    name: str = Field(pattern=f"^{NAME}$")
    role: Role = "user"


class Invitation(BaseModel):
    """A one-time link."""

    invitation: str = Field(description="The page accepts it as /#invitation=...")


class LimitChange(Body):
    """Limits of a user; what is left out stays."""

    running: Annotated[int, Field(ge=0, le=10_000), WHOLE] | None = None
    bytes: Annotated[int, Field(ge=0, le=2**53), WHOLE] | None = None
    compute_seconds: Annotated[int, Field(ge=0, le=2**53), WHOLE] | None = None


class UserChange(Body):
    """What is to change of a user."""

    role: Role | None = None
    limits: LimitChange | None = None


class UserFacts(BaseModel):
    """A user."""

    name: str
    role: Role
    created: float
    accepted: bool = Field(description="Whether a password was set.")
    compute_seconds: float
    limits: dict[str, int]


class AuditEntry(BaseModel):
    """What somebody did."""

    id: int
    at: float
    user: str
    action: str
    object: str
    address: str


def _set_cookie(response: Response, service: ThisService, secret: str) -> None:
    secure = service.settings.is_secure
    response.set_cookie(
        cookie_name(service.settings),
        secret,
        max_age=int(SESSION_SECONDS),
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )


@router.post("/login", status_code=204, openapi_extra=OPEN)
def login(body: Login, response: Response, service: ThisService, address: Address) -> None:
    """Log in: the answer sets the cookie of a session."""
    _set_cookie(response, service, service.accounts.login(body.name, body.password, address))


@router.post("/invitations/accept", status_code=204, openapi_extra=OPEN)
def accept(body: Acceptance, response: Response, service: ThisService, address: Address) -> None:
    """Accept an invitation by setting a password, and log in."""
    secret = service.accounts.accept(body.invitation, body.name, body.password, address)
    _set_cookie(response, service, secret)


@router.post("/logout", status_code=204)
def logout(user: Asking, response: Response, service: ThisService) -> None:
    """End this session."""
    service.accounts.logout(user)
    settings = service.settings
    response.delete_cookie(cookie_name(settings), secure=settings.is_secure, httponly=True)


@router.get("/me")
def me(user: Asking) -> Me:
    """Say who asks."""
    return Me(name=user.name, role=user.role)


@router.put("/me/password", status_code=204)
def change_password(
    body: PasswordChange, user: Asking, service: ThisService, address: Address
) -> None:
    """Change the password; all other sessions end."""
    service.accounts.change_password(user, body.old, body.new, address)


@router.get("/tokens")
def list_tokens(user: Asking, service: ThisService) -> list[Token]:
    """List the tokens of the user."""
    return [Token(**row) for row in service.accounts.tokens(user)]


@router.post("/tokens", status_code=201)
def make_token(body: NewToken, user: Asking, service: ThisService, address: Address) -> MadeToken:
    """Make a token, which only a session can: a stolen token is worth no more than itself."""
    if user.session is None:
        raise Problem(403, "a token makes no other token; log in with the password")
    made = service.accounts.make_token(user, body.name, body.role, body.days, address)
    return MadeToken(**made)


@router.delete("/tokens/{token_id}", status_code=204)
def revoke_token(
    token_id: Annotated[int, Path(ge=1, le=2**31 - 1)],
    user: Asking,
    service: ThisService,
    address: Address,
) -> None:
    """Revoke a token; it is refused from now on."""
    service.accounts.revoke_token(user, token_id, address)


@router.get("/users")
def list_users(user: Administrating, service: ThisService) -> list[UserFacts]:
    """List all users."""
    return [UserFacts(**row) for row in service.accounts.list_users()]


@router.post("/users", status_code=201)
def add_user(
    body: NewUser, user: Administrating, service: ThisService, address: Address
) -> Invitation:
    """Add a user; the answer holds his one-time link."""
    secret = service.accounts.add_user(user, body.name, body.role, address)
    return Invitation(invitation=secret)


@router.post("/users/{name}/invitation", status_code=201)
def invite_again(
    name: UserName, user: Administrating, service: ThisService, address: Address
) -> Invitation:
    """Make a new one-time link for a user, who sets a new password by it."""
    return Invitation(invitation=service.accounts.invite_again(user, name, address))


@router.patch("/users/{name}", status_code=204)
def change_user(
    name: UserName,
    body: UserChange,
    user: Administrating,
    service: ThisService,
    address: Address,
) -> None:
    """Change a user's role or limits."""
    limits = body.limits.model_dump(exclude_none=True) if body.limits else {}
    service.accounts.change_user(user, name, body.role, limits, address)


@router.delete("/users/{name}", status_code=204)
def remove_user(
    name: UserName, user: Administrating, service: ThisService, address: Address
) -> None:
    """Delete a user who has no data sets, searches or models left."""
    service.accounts.remove_user(user, name, address)


@router.get("/audit")
def read_audit(
    user: Administrating,
    service: ThisService,
    count: Annotated[int, Query(ge=1, le=1000)] = 100,
    before: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
) -> list[AuditEntry]:
    """Say who did what, the newest first."""
    entries: list[dict[str, Any]] = audit.newest(service.database, count, before)
    return [AuditEntry(**entry) for entry in entries]
