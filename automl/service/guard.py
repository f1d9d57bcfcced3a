"""The outermost layer: every request and every route below it, and nothing without login.

It denies by default. What is open is a short list; which host, origin and method are answered is
decided before anybody is asked who he is. WebSockets are closed, as the service has none.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import time
import traceback
from collections.abc import Callable
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from anyio import to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from automl.service.access import User
from automl.service.problems import Problem, problem_response
from automl.service.settings import LOOPBACK, ServiceSettings

READING = ("GET", "HEAD")

METHODS = (*READING, "POST", "PUT", "PATCH", "DELETE")

OPEN = {
    *("GET /", "GET /favicon.ico", "GET /v2/health/live", "GET /v2/health/ready"),
    *("POST /v1/login", "POST /v1/invitations/accept"),
}
"""What is answered without login: the page, whose files hold nothing of anybody; health; and the
two ways to log in."""

OPEN_FILES = "/static/"

MAX_BODY = 32 * 10**6
"""Bytes of the body of any request but an upload, which counts for itself."""

UPLOADS = "/v1/datasets/"

EVENTS = "/events"
"""How the path of a stream ends, which is not over at once, and so has no HEAD."""

CLIENT_GONE = 499
"""Status in the log and the figures of a request whose client has not stayed for the answer."""

_HOSTILE_PATH = re.compile(r"(^|/)\.\.?(/|$)|[\\\x00-\x1f\x7f]|//")

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:;"
        " connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none';"
        " frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cache-control": "no-store",
}
"""Of every answer that has no other value for them."""

logger = logging.getLogger("automl.service")


class Guard:
    """An ASGI layer around the whole application.

    Parameters
    ----------
    app : ASGI application
    settings : ServiceSettings
    authenticate : callable
        Returns whose token or session a text is, or None.
    remembered : callable
        Returns the same where it does not have to wait for it, else None.
    count : callable
        Is told the method, the status and the seconds of every answer.
    methods_at : callable
        Returns the methods that a path has, for the answer to others.
    """

    def __init__(
        self,
        app: ASGIApp,
        settings: ServiceSettings,
        authenticate: Callable[[str], User | None],
        remembered: Callable[[str], User | None],
        count: Callable[[str, int, float], None],
        methods_at: Callable[[str], list[str]],
    ) -> None:
        self._app = app
        self._settings = settings
        self._names = {name.lower() for name in (*LOOPBACK, *settings.names)}
        self._authenticate, self._remembered = authenticate, remembered
        self._count = count
        self._methods_at = methods_at
        self._cookie = cookie_name(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match scope["type"]:
            case "lifespan":
                await self._app(scope, receive, send)
            case "http":
                exchange = _Exchange(scope, receive, send, self._settings, self._methods_at)
                self._count(scope["method"], *await exchange.answer(self._serve))
            case "websocket":
                await receive()
                await send({"type": "websocket.close", "code": 1008})

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        self._check_request(scope, headers)
        secret = self._secret(headers)
        user = self._remembered(secret) if secret else None
        if secret and user is None:
            user = await to_thread.run_sync(self._authenticate, secret)
        if user is None and not is_open(scope["method"], scope["path"]):
            raise Problem(
                401,
                "log in first, or send a token: Authorization: Bearer amt_...",
                {"WWW-Authenticate": "Bearer"},
            )
        scope.setdefault("state", {})["user"] = user
        if scope["method"] == "HEAD":  # which the server answers without the body
            await self._app({**scope, "method": "GET"}, receive, send)
        else:
            await self._app(scope, receive, send)

    def _check_request(self, scope: Scope, headers: Headers) -> None:
        method, path = scope["method"], scope["path"]
        if method not in METHODS:
            raise Problem(405, f"the method must be one of {', '.join(METHODS)}")
        if method == "HEAD" and path.endswith(EVENTS):
            raise Problem(405, "a stream of events is not over at once; use GET")
        if _HOSTILE_PATH.search(path):
            raise Problem(404, "a path has no empty parts, dots alone or control signs")
        host = headers.get("host", "")
        if host_name(f"//{host}") not in self._names:
            raise Problem(403, f"this service does not answer to the name {host!r:.100}")
        if method in READING:
            return
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
            raise Problem(403, f"a page of another origin may not write: {origin!r:.100}")
        if origin is None and headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
            raise Problem(403, "a page of another origin may not write")

    def _secret(self, headers: Headers) -> str | None:
        """Return the token or the session that a request names."""
        kind, _, token = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return token.strip() or None
        return session_of(headers.get("cookie", ""), self._cookie)


def is_open(method: str, path: str) -> bool:
    """Return whether a request is answered without login."""
    asked = "GET" if method in READING else method
    return f"{asked} {path}" in OPEN or (asked == "GET" and path.startswith(OPEN_FILES))


def cookie_name(settings: ServiceSettings) -> str:
    """Return the name of the session's cookie; `__Host-` keeps it to this host and to https."""
    return "__Host-automl" if settings.is_secure else "automl_session"


def session_of(cookies: str, name: str) -> str | None:
    """Return the session in a request's cookies."""
    try:
        morsel = SimpleCookie(cookies).get(name)
    except CookieError:
        return None
    return morsel.value if morsel is not None and morsel.value else None


def host_name(url: str) -> str | None:
    """Return the host's name without its port, or None when there is none."""
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


class _Exchange:
    """One request and its answer: limits, headers, and a line in the log."""

    def __init__(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        settings: ServiceSettings,
        methods_at: Callable[[str], list[str]],
    ) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._settings = settings
        self._methods_at = methods_at
        self._id = secrets.token_hex(8)
        self._status = 0
        self._bytes = 0

    async def answer(self, serve: ASGIApp) -> tuple[int, float]:
        """Answer; return the status and the seconds that it took."""
        started = time.perf_counter()
        self._scope.setdefault("state", {})["request_id"] = self._id
        try:
            await self._answer(serve)
        finally:
            seconds = time.perf_counter() - started
            self._log(seconds)
        return self._status, seconds

    async def _answer(self, serve: ASGIApp) -> None:
        try:
            await serve(self._scope, self._receive_limited(), self._send_with_headers)
        except Problem as problem:
            await problem_response(problem)(self._scope, self._receive, self._send_with_headers)
        except ClientDisconnect:
            self._status = self._status or CLIENT_GONE
        except Exception as error:
            # A programming error: its traceback is in the log, under the id that the user gets.
            lines = "".join(traceback.format_exception(error))
            logger.error("failed", extra={"fields": {"request": self._id, "traceback": lines}})
            if self._status:
                raise
            broken = Problem(500, f"something is broken; the log has it as {self._id}")
            await problem_response(broken)(self._scope, self._receive, self._send_with_headers)

    def _receive_limited(self) -> Receive:
        path = self._scope["path"]
        is_upload = self._scope["method"] == "PUT" and path.startswith(UPLOADS)
        most = self._settings.max_upload if is_upload else MAX_BODY
        told = Headers(scope=self._scope).get("content-length", "")
        if told.isdecimal() and int(told) > most:
            raise _too_large(most)
        seen = 0

        async def receive() -> Message:
            nonlocal seen
            message = await self._receive()
            seen += len(message.get("body", b""))
            if seen > most:
                raise _too_large(most)
            return message

        return receive

    async def _send_with_headers(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            if self._settings.is_secure:
                headers.setdefault("strict-transport-security", "max-age=31536000")
            headers["x-request-id"] = self._id
            if self._status == HTTPStatus.METHOD_NOT_ALLOWED:
                headers["allow"] = ", ".join(self._methods_at(self._scope["path"]))
        self._bytes += len(message.get("body", b""))
        await self._send(message)

    def _log(self, seconds: float) -> None:
        user = self._scope["state"].get("user")
        fields = {
            "request": self._id,
            "method": self._scope["method"],
            "path": self._scope["path"],  # without the query
            "status": self._status,
            "milliseconds": round(1000 * seconds, 1),
            "bytes": self._bytes,
            "user": user.name if isinstance(user, User) else None,
        }
        logger.info("request", extra={"fields": fields})


def _too_large(most: int) -> Problem:
    return Problem(413, f"the body must have at most {most:,} bytes", {"Connection": "close"})


class JsonLines(logging.Formatter):
    """Writes a line of JSON for each record."""

    def format(self, record: logging.LogRecord) -> str:
        fields = getattr(record, "fields", {})
        line = {"at": round(record.created, 3), "level": record.levelname.lower()}
        line |= {"event": record.getMessage(), **fields}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)
