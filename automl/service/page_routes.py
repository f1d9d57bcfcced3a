"""The page: its files, which hold nothing of anybody, and are served to whoever asks.

The one thing that it is told is whether there is a session: a browser writes down as an error what
is answered with 401, and without one there would be nothing else to ask.
"""

from __future__ import annotations

import hashlib
import pathlib
from functools import cache
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from automl.service.access import missing

router = APIRouter(include_in_schema=False)

FOLDER = pathlib.Path(__file__).parent / "page"

KNOWN = "known.html"
"""Name of the page as it is for whoever is logged in."""

_ROOT = b'<html lang="en">'

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@router.get("/")
def page(request: Request) -> Response:
    """Return the page, with a mark for whoever is logged in."""
    is_known = getattr(request.state, "user", None) is not None
    return _file(KNOWN if is_known else "index.html", request)


@router.get("/favicon.ico")
def icon(request: Request) -> Response:
    """Return the icon, for browsers that ask for it by this name."""
    return _file("icon.svg", request)


@router.get("/static/{name}")
def static(name: Annotated[str, Path(max_length=100)], request: Request) -> Response:
    """Return a file of the page."""
    return _file(name, request)


@cache
def files() -> dict[str, tuple[bytes, str]]:
    """Return the content and the tag of every file, by name; no other name is ever opened."""
    found = {path.name: path.read_bytes() for path in FOLDER.iterdir() if path.suffix in TYPES}
    found[KNOWN] = found["index.html"].replace(_ROOT, _ROOT[:-1] + b' data-session="open">')
    return {
        name: (content, f'"{hashlib.sha256(content).hexdigest()[:32]}"')
        for name, content in found.items()
    }


def _file(name: str, request: Request) -> Response:
    if name not in files():
        raise missing("file", name)
    content, tag = files()[name]
    # A newer automl has other files under the same names: a browser asks each time.
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=TYPES[pathlib.PurePath(name).suffix], headers=headers)
