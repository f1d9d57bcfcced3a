"""Requests to a service, and its answers; an error is one line, as everywhere."""

from __future__ import annotations

import http.client
import json
import selectors
import ssl
from collections.abc import Mapping
from typing import IO, Any
from urllib.parse import quote, urlencode, urlsplit

from automl.errors import ConfigError, ServiceError

SECONDS = 60.0
"""Time without a byte after which the service is taken for gone; an upload counts none."""

LOOPBACK = ("127.0.0.1", "::1", "localhost")

Body = bytes | IO[bytes] | None


class Connection:
    """How a service is reached.

    Parameters
    ----------
    url : str
        Its address, such as ``https://automl.example.org`` or ``http://127.0.0.1:8321``.
    token : str
        A personal token of that service.

    Raises
    ------
    ConfigError
        When the address is none, or the token would cross a network in clear.
    """

    def __init__(self, url: str, token: str) -> None:
        parts = urlsplit(url if "://" in url else f"https://{url}")
        try:
            port = parts.port
        except ValueError:
            port = -1
        if parts.scheme not in ("http", "https") or not parts.hostname or port == -1:
            raise ConfigError(
                "url must be the address of a service, such as http://127.0.0.1:8321, but got"
                f" {url!r:.120}"
            )
        if parts.username or parts.password or parts.query or parts.path.strip("/"):
            raise ConfigError(f"url must be a host and a port only, but got {url!r:.120}")
        if parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise ConfigError(
                f"url must begin with https:// for another machine than this one, or the token can"
                f" be read on the way, but got {url!r:.120}"
            )
        if not token or not token.isascii() or not token.isprintable() or " " in token:
            raise ConfigError("token must be a personal token of the service, such as amt_…")
        self.url = f"{parts.scheme}://{parts.netloc}"
        self._secure, self._host, self._port = parts.scheme == "https", parts.hostname, port
        self._token = token
        self._kept: http.client.HTTPConnection | None = None

    def __repr__(self) -> str:
        return f"Connection({self.url!r})"  # without the token

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection that is kept for the next request, if there is one."""
        kept, self._kept = getattr(self, "_kept", None), None
        if kept is not None:
            kept.close()

    def json(
        self,
        method: str,
        *parts: str,
        content: Any = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Send JSON, if there is some, and return what the answer says.

        Raises
        ------
        ServiceError
            When the service refuses, with its line, or does not answer.
        """
        body = None if content is None else json.dumps(content).encode()
        sent = {"Content-Type": "application/json"} if body is not None else {}
        data = self.send(
            method, *parts, body=body, query=query, headers={**sent, **(headers or {})}
        )
        return json.loads(data) if data else None

    def send(
        self,
        method: str,
        *parts: str,
        body: Body = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        """Send bytes or a file, and return the answer's body; see `json`."""
        kept, self._kept = self._kept, None
        if kept is not None and _has_ended(kept):
            kept.close()
            kept = None
        connection = kept or self._connect()
        try:
            answer = self._ask(connection, method, parts, body, query, headers)
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            # A kept connection may have been closed at this very moment.
            if kept is None or hasattr(body, "read") or not _can_repeat(method, parts, headers):
                raise self._gone(error) from None
            return self.send(method, *parts, body=body, query=query, headers=headers)
        try:
            data = answer.read()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise self._gone(error) from None
        self._kept = connection
        if answer.status >= 300:
            raise _refusal(answer.status, data)
        return data

    def open(
        self,
        *parts: str,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        seconds: float = SECONDS,
    ) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        """Begin to read an answer that is long; the caller closes the connection.

        Raises
        ------
        ServiceError
            As `json` does.
        """
        connection = self._connect(seconds)
        try:
            answer = self._ask(connection, "GET", parts, None, query, headers)
            if answer.status >= 300:
                raise _refusal(answer.status, answer.read())
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise self._gone(error) from None
        except ServiceError:
            connection.close()
            raise
        return connection, answer

    def _connect(self, seconds: float = SECONDS) -> http.client.HTTPConnection:
        if not self._secure:
            return http.client.HTTPConnection(self._host, self._port, timeout=seconds)
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(self._host, self._port, timeout=seconds, context=context)

    def _ask(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        parts: tuple[str, ...],
        body: Body,
        query: Mapping[str, Any] | None,
        headers: Mapping[str, str] | None,
    ) -> http.client.HTTPResponse:
        path = "/" + "/".join(quote(part, safe="") for part in parts)
        if query:
            path += "?" + urlencode(query, doseq=True)
        sent = {"Authorization": f"Bearer {self._token}", **(headers or {})}
        connection.request(method, path, body=body, headers=sent)
        return connection.getresponse()

    def _gone(self, error: Exception) -> ServiceError:
        reason = " ".join(str(error).split()) or type(error).__name__
        return ServiceError(f"{self.url}: the service does not answer: {reason:.160}")


def _has_ended(connection: http.client.HTTPConnection) -> bool:
    """Return whether the service has closed a connection that waits: then there is an end to read.

    It closes those that wait for more than a minute, and a proxy may do so sooner.
    """
    if connection.sock is None:
        return False
    with selectors.DefaultSelector() as ready:
        ready.register(connection.sock, selectors.EVENT_READ)
        return bool(ready.select(0))


def _can_repeat(method: str, parts: tuple[str, ...], headers: Mapping[str, str] | None) -> bool:
    """Return whether the same request twice does what it does once."""
    return method != "POST" or parts[-1] == "predict" or "Idempotency-Key" in (headers or {})


def _refusal(status: int, data: bytes) -> ServiceError:
    """Return what the service says, in its own line."""
    try:
        detail = json.loads(data)["detail"]
    except (ValueError, KeyError, TypeError):
        detail = ""
    return ServiceError(str(detail) or f"the service answers {status}", status)
