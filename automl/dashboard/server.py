"""The dashboard's process: ``python -m automl.dashboard.server``.

Its settings come as one line of JSON on standard input, for an address may hold a password, and
arguments can be read by every user of a machine. It ends when standard input is closed, that is,
when the process that started it is gone, however it went.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from optuna.artifacts import FileSystemArtifactStore
from optuna.storages import RDBStorage

from automl.dashboard.request_guard import Guard
from automl.study.read_only import read_only_storage

HOST = "127.0.0.1"


class ThreadedServer(ThreadingMixIn, WSGIServer):
    """Answers each request in a thread."""

    daemon_threads = True


class QuietHandler(WSGIRequestHandler):
    """Answers a request, and says nothing of it."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: a page that refreshes itself would fill the terminal."""

    def address_string(self) -> str:
        return str(self.client_address[0])


def main() -> None:
    """Serve until standard input ends."""
    settings = json.loads(sys.stdin.readline())
    from optuna_dashboard._app import create_app  # 4 s: after the settings have been read

    url, writable = settings["url"], settings["writable"]
    storage = RDBStorage(url) if writable else read_only_storage(url)
    artifacts = settings["artifacts"]
    app = create_app(storage, FileSystemArtifactStore(artifacts) if artifacts else None)
    guard = Guard(app, writable=writable)
    with make_server(HOST, settings["port"], guard, ThreadedServer, QuietHandler) as server:
        print(server.server_port, flush=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
