"""optuna-dashboard below a prefix, which it has no setting for. Plain WSGI.

Its page and its script name absolute addresses. They are few, and are written anew here: the script
finds the prefix in the address of the page, so that it is the same for all studies.
"""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from automl.dashboard.request_guard import Application, Environ, StartResponse
from automl.errors import StudyError

NAME = "/dashboard"
"""Last part of every prefix, by which the script finds it."""

PAGE_ADDRESSES = {'src="/static/bundle.js"': 'src="{prefix}/static/bundle.js"'}

SCRIPT_ADDRESSES = {
    'url_prefix:"/dashboard"': "url_prefix:automlPrefix",
    "${this.baseURL}/api/": "${automlPrefix}/api/",
    "`/csv/${": "`${automlPrefix}/csv/${",
}
"""As optuna-dashboard 0.21 has them. Those of artifacts stay, as there are none."""

_PREFIX = f'var automlPrefix=location.pathname.split("{NAME}")[0]+"{NAME}";'

OWN = ("/api/", "/csv/")
"""What optuna-dashboard answers itself; everything else is its page, which has addresses too."""


@dataclass(frozen=True, slots=True)
class Script:
    """The script of the page.

    Attributes
    ----------
    packed : bytes
        With gzip.
    tag : str
        Its ETag.
    """

    packed: bytes
    tag: str


class Mounted:
    """Answers below a prefix.

    Parameters
    ----------
    app : WSGI application
        optuna-dashboard.
    prefix : str
        Such as ``/v1/searches/0123456789abcdef/dashboard``.

    Raises
    ------
    StudyError
        When this optuna-dashboard has other addresses than those that are known.
    """

    def __init__(self, app: Application, prefix: str) -> None:
        self._app, self._prefix = app, prefix
        self._page = _rewrite("index.html", PAGE_ADDRESSES).replace("{prefix}", prefix).encode()

    def __call__(self, environ: Environ, start_response: StartResponse) -> list[bytes]:
        place = str(environ["PATH_INFO"]).removeprefix(self._prefix)
        if place.startswith(OWN):
            return list(self._app({**environ, "PATH_INFO": place}, start_response))
        headers = {"Content-Type": "text/html; charset=utf-8"}
        status, body = "200 OK", self._page
        if place == "/static/bundle.js":
            headers = {"Content-Type": "text/javascript; charset=utf-8", "Vary": "Accept-Encoding"}
            headers |= {"ETag": script().tag, "Cache-Control": "private, no-cache"}
            if script().tag in environ.get("HTTP_IF_NONE_MATCH", ""):
                status, body = "304 Not Modified", b""
            elif "gzip" in environ.get("HTTP_ACCEPT_ENCODING", ""):
                headers["Content-Encoding"], body = "gzip", script().packed
            else:
                body = gzip.decompress(script().packed)
        start_response(status, [*headers.items(), ("Content-Length", str(len(body)))])
        return [body]


@cache
def script() -> Script:
    """Return optuna-dashboard's script, which looks for everything below the prefix."""
    text = _PREFIX + _rewrite("public/bundle.js", SCRIPT_ADDRESSES)
    packed = gzip.compress(text.encode(), mtime=0)
    return Script(packed, f'"{hashlib.sha256(packed).hexdigest()[:32]}"')


def _rewrite(name: str, addresses: dict[str, str]) -> str:
    found = importlib.util.find_spec("optuna_dashboard")
    if found is None or found.origin is None:
        raise StudyError("the dashboard needs the package optuna-dashboard")
    text = (Path(found.origin).parent / name).read_text(encoding="utf-8")
    for old, new in addresses.items():
        if old not in text:
            raise StudyError(
                f"{name} of this optuna-dashboard has no {old}, by which it could be shown below a"
                " prefix; install optuna-dashboard 0.21"
            )
        text = text.replace(old, new)
    return text
