"""The process that shows many studies; `automl.dashboard.shared` starts it.

It listens nowhere: each request comes on a socket of its own, which it is handed through the one
that it was started with, so that nobody else on the machine can ask it. It ends when that one is
closed, that is, when the process that started it is gone, or when nobody has asked for a while.
"""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import sys
import threading
from collections import OrderedDict
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

from automl.dashboard.mount import Mounted, script
from automl.dashboard.request_guard import Environ, Guard, StartResponse
from automl.dashboard.server import QuietHandler, ThreadedServer
from automl.study.bulk_reader import QuickStorage
from automl.study.read_only import read_only_storage
from automl.study.urls import sqlite_url

IDLE_SECONDS = 600
"""Time without a request after which it ends; an open page asks every few seconds."""

MOST_STUDIES = 8
"""Studies whose connections and trials are kept at the same time."""


class Studies:
    """A WSGI application that shows the study which a request names.

    Parameters
    ----------
    create_app : callable
        Makes optuna-dashboard's application from a storage.
    """

    def __init__(self, create_app: Any) -> None:
        self._create_app = create_app
        self._shown: OrderedDict[str, tuple[Mounted, QuickStorage]] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        named = json.loads(environ["HTTP_X_AUTOML_STUDY"])
        shown = self._find(named["database"], named["prefix"])
        if shown is not None:
            return shown(environ, start_response)
        start_response("404 Not Found", [("Content-Length", "0")])
        return [b""]

    def _find(self, database: str, prefix: str) -> Mounted | None:
        with self._lock:
            if database not in self._shown:
                if not has_study(database):
                    return None
                storage = read_only_storage(sqlite_url(Path(database)))
                self._shown[database] = Mounted(self._create_app(storage), prefix), storage
            self._shown.move_to_end(database)
            while len(self._shown) > MOST_STUDIES:
                _, (_, oldest) = self._shown.popitem(last=False)
                oldest.engine.dispose()
            return self._shown[database][0]


def has_study(database: str) -> bool:
    """Return whether a search has come so far: before, opening it could be in its way."""
    try:
        with closing(sqlite3.connect(f"file:{quote(database)}?mode=rw", uri=True)) as connection:
            return connection.execute("SELECT 1 FROM studies").fetchone() is not None
    except sqlite3.OperationalError:  # no file, or no tables
        return False


def main() -> None:
    """Serve until the other end is closed. Settings come as JSON in the first argument."""
    settings = json.loads(sys.argv[1])
    from optuna_dashboard._app import create_app  # 4 s

    script()
    server = ThreadedServer(("127.0.0.1", 0), QuietHandler, bind_and_activate=False)
    server.socket.close()
    server.server_name, server.server_port = "localhost", 0
    server.setup_environ()
    server.set_app(Guard(Studies(create_app), writable=False))
    with socket.socket(fileno=settings["socket"]) as ours:
        ours.settimeout(IDLE_SECONDS)
        while fds := _next(ours):
            server.process_request(socket.socket(fileno=fds[0]), ("", 0))
    os._exit(0)


def _next(ours: socket.socket) -> list[int]:
    """Return the socket of the next request; none when there will be no other one."""
    try:
        return socket.recv_fds(ours, 1, 1)[1]
    except TimeoutError:
        return []


if __name__ == "__main__":
    main()
