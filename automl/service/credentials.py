"""Passwords, tokens, and what is stored of them: never the thing itself."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from functools import cache

TOKEN_PREFIX = "amt_"  # noqa: S105 - by which scanners find a token that was published
"""Beginning of a personal token."""

MIN_PASSWORD, MAX_PASSWORD = 12, 256
"""Characters."""

LOG_N, BLOCK, PARALLEL = 14, 8, 5
"""Parameters of scrypt: 16 MiB and a tenth of a second or two, as OWASP's cheat sheet on storing
passwords has them."""


def new_secret() -> str:
    """Return 256 random bits as text."""
    return secrets.token_urlsafe(32)


def new_token() -> str:
    """Return a personal token."""
    return TOKEN_PREFIX + new_secret()


def digest(secret: str) -> str:
    """Return what is stored of a token: guessing 256 bits needs no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def password_fault(password: str, name: str) -> str | None:
    """Return which rule a new password breaks, without the password, or None."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        return f"must have {MIN_PASSWORD} to {MAX_PASSWORD} characters, but has {len(password)}"
    if len(set(password)) < 5:
        return "must have at least 5 different characters"
    if name and name.lower() in password.lower() and len(password) < len(name) + MIN_PASSWORD:
        return "must be more than the user's name"
    return None


def hash_password(password: str) -> str:
    """Return what is stored of a password: scrypt's parameters, salt and hash."""
    salt = secrets.token_bytes(16)
    hashed = _scrypt(password, salt, LOG_N, BLOCK, PARALLEL)
    return "$".join(["scrypt", f"{LOG_N}", f"{BLOCK}", f"{PARALLEL}", _text(salt), _text(hashed)])


@cache
def nobodys_password() -> str:
    """Return what would be stored of a password that nobody knows.

    With it an unknown user is refused no faster than a wrong password.
    """
    return hash_password(new_secret())


def check_password(password: str, stored: str) -> bool:
    """Return whether a password is the one that was stored."""
    _, log_n, block, parallel, salt, hashed = stored.split("$")
    found = _scrypt(password, _bytes(salt), int(log_n), int(block), int(parallel))
    return hmac.compare_digest(found, _bytes(hashed))


def _scrypt(password: str, salt: bytes, log_n: int, block: int, parallel: int) -> bytes:
    n = 1 << log_n
    memory = 256 * n * block  # twice what it needs, as OpenSSL counts a little more
    return hashlib.scrypt(
        password.encode(), salt=salt, n=n, r=block, p=parallel, maxmem=memory, dklen=32
    )


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text)
