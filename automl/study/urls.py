"""Addresses of databases, and how they may be shown: never with what is secret in them."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

HIDDEN = "***"

_SECRET = re.compile(r"pass|pwd|secret|token|key|credential", re.IGNORECASE)


def sqlite_url(path: Path) -> str:
    """Return the address of a database file, whatever characters its folders' names have."""
    return URL.create("sqlite", database=str(path.resolve())).render_as_string(hide_password=False)


def public_url(url: str) -> str:
    """Return the address for people: without its password, and without secrets in its query.

    A file's path is written as it is, and not as a URL has to write it.
    """
    address = _parse(url)
    if address is None:
        return "the storage URL"
    if address == URL.create("sqlite", database=address.database):
        return f"sqlite:///{address.database or ''}"
    return without_password(url)


def without_password(url: str) -> str:
    """Return the address without its password, and without secrets in its query, as a URL."""
    address = _parse(url)
    if address is None:
        return "the storage URL"
    query = {
        name: HIDDEN if _SECRET.search(name) else value for name, value in address.query.items()
    }
    return address.set(query=query).render_as_string(hide_password=True)


def storable_url(url: str) -> str:
    """Return the address for later commands: a file by its whole path, a server without secrets.

    The driver finds the password by itself then, as PostgreSQL's does in PGPASSWORD or in
    ~/.pgpass.

    Parameters
    ----------
    url : str
        Address of a database that could be opened.
    """
    address = make_url(url)
    query = {name: value for name, value in address.query.items() if not _SECRET.search(name)}
    address = address.set(query=query)
    if address.get_backend_name() == "sqlite" and address.database and not query:
        address = address.set(database=str(Path(address.database).resolve()))
    return address._replace(password=None).render_as_string(hide_password=False)


def without_secrets(text: str, url: str) -> str:
    """Return what a driver says of an address, without the secrets of that address."""
    address = _parse(url)
    if address is None:  # whatever is wrong with it, it may be quoted whole
        return text.replace(url, "the storage URL")
    found = [str(address.password)] if address.password else []
    for name, value in address.query.items():
        if _SECRET.search(name):
            found += [value] if isinstance(value, str) else value
    raw = re.search(r"://[^/@]*:([^/]*)@", url)
    found += [raw[1], unquote(raw[1])] if raw else []
    for secret in filter(None, found):
        text = text.replace(secret, HIDDEN)
    return text


def password_hint(reason: str) -> str:
    """Return what to do when a server wants a password, which is stored nowhere."""
    if "password" not in reason.lower():
        return ""
    return "; passwords are not stored: set PGPASSWORD, or write it to ~/.pgpass"


def _parse(url: str) -> URL | None:
    try:
        return make_url(url)
    except (ArgumentError, ValueError):  # a port that is no number is a ValueError
        return None
