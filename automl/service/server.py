"""The process of `automl serve`."""

from __future__ import annotations

import logging
import os
import socket
import sys
from pathlib import Path

import uvicorn

from automl.errors import ConfigError
from automl.service.app import create_app
from automl.service.guard import JsonLines
from automl.service.settings import ServiceSettings
from automl.service.state import Service

CLOSE_SECONDS = 5
"""Time that open connections get when the service is told to end."""

KEEP_SECONDS = 75
"""Time that a connection waits for its next request: more than the 60 s of nginx, which else sends
some requests into one that was just closed.
"""

MOST_CONNECTIONS = 2000


def serve(
    settings: ServiceSettings, tls_cert: Path | None = None, tls_key: Path | None = None
) -> None:
    """Serve until SIGTERM or Ctrl-C.

    Parameters
    ----------
    settings : ServiceSettings
    tls_cert, tls_key : Path, optional
        Files in PEM form.

    Raises
    ------
    ConfigError
        When the settings break a rule, or the address is taken.
    """
    settings.check()
    os.umask(0o077)
    _log_as_json()
    app = create_app(settings)
    service: Service = app.state.service
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,  # the guard's line has more, and no query
        server_header=False,
        ssl_certfile=tls_cert,
        ssl_keyfile=tls_key,
        timeout_keep_alive=KEEP_SECONDS,
        timeout_graceful_shutdown=CLOSE_SECONDS,
        limit_concurrency=MOST_CONNECTIONS,
        http="h11",  # httptools, which uvicorn would prefer, takes heads of any size
        h11_max_incomplete_event_size=64 * 1024,
        ws="none",
    )
    try:
        with _listen(settings) as listening:
            port = listening.getsockname()[1]
            _greet(settings, port, service.accounts.invite_first())
            _Server(config, service).run([listening])
    finally:
        service.close()


class _Server(uvicorn.Server):
    """Lets streams of events end first, for which others would wait."""

    def __init__(self, config: uvicorn.Config, service: Service) -> None:
        super().__init__(config)
        self._service = service

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._service.streams.close()
        await super().shutdown(sockets)


def _listen(settings: ServiceSettings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # asyncio lets small packets go at once where the protocol is named: else an answer waits 40 ms
    # for the acknowledgement of its own head.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
        listening.listen()  # now, so that whoever reads the address can connect
    except OSError as error:
        listening.close()
        where = f"--host {settings.host} --port {settings.port}"
        raise ConfigError(f"{where}: cannot be listened at: {error.strerror}") from None
    return listening


def _greet(settings: ServiceSettings, port: int, invitation: str | None) -> None:
    """Print the address; for the first user with a link that works once.

    What follows # is not sent to any server, so that no log and no proxy has it.
    """
    scheme = "https" if settings.is_secure else "http"
    host = settings.names[0] if settings.names else settings.host
    where = host if settings.behind_proxy else f"{host}:{port}"
    print(f"automl is at {scheme}://{where}/")
    if invitation is not None:
        print(f"first user: {scheme}://{where}/#invitation={invitation}")
    sys.stdout.flush()


def _log_as_json() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("automl.service").setLevel(logging.INFO)
