"""Which requests the dashboard answers. Plain WSGI, and the standard library only.

optuna-dashboard has no login and can delete studies. It is bound to 127.0.0.1, but any page that
is open in the same browser can send requests there: by name, after a DNS answer that has changed
(rebinding), or by a form. So the guard looks at the host, at the origin, and at the method.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

READING = ("GET", "HEAD", "OPTIONS")

LOCAL = ("127.0.0.1", "localhost")


class Guard:
    """Lets through what may be answered.

    Parameters
    ----------
    app : WSGI application
    writable : bool
        Whether requests that change a study are let through. Reading needs none of them: in
        optuna-dashboard 0.21 every page is drawn from GET requests.
    """

    def __init__(self, app: Application, *, writable: bool) -> None:
        self._app = app
        self._writable = writable

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        why = self.refusal(environ)
        if why is None:
            # Without this header optuna-dashboard 0.21 answers a request for /static with 500.
            environ.setdefault("HTTP_ACCEPT_ENCODING", "")
            return self._app(environ, start_response)
        body = json.dumps({"reason": why}).encode()
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        start_response("403 Forbidden", headers)
        return [body]

    def refusal(self, environ: Environ) -> str | None:
        """Why a request is not answered, or None."""
        host = environ.get("HTTP_HOST", "")
        if _name(f"//{host}") not in LOCAL:
            return f"this dashboard answers to {' and '.join(LOCAL)} only, not to {host!r:.100}"
        if environ.get("REQUEST_METHOD", "GET") in READING:
            return None
        if not self._writable:
            return (
                "this dashboard only shows: a write could break a search that is running;"
                " start it with `automl dashboard --writable` to allow writes"
            )
        origin = environ.get("HTTP_ORIGIN")
        if origin is not None and urlsplit(origin).netloc != host:
            return f"a page of another origin may not write: {origin!r:.100}"
        return None


def _name(url: str) -> str | None:
    """Return the host's name without its port, or None when there is none."""
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
