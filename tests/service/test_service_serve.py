"""`automl serve` as a process: watched, paused, cancelled, deleted under a search, and ended."""

from __future__ import annotations

import json
import re
import socket
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from commands import Ran

from automl.service.locks import is_held

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"

ENDLESS = {
    **{"trials": 400, "max_epochs": 100_000, "patience": 100_000, "pruner": "none", "folds": 0},
    **{"baselines": [], "workers": 1, "family": ["mlp"], "fixed": {"model.width": 16}},
}
"""Trials of which each would take an hour."""


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import service_kills

    made = service_kills.Server(tmp_path / "service")
    made.start()
    yield made
    made.kill()


def _events(server: Any, place: str) -> Iterator[tuple[str, Any]]:
    """Events as they come."""
    headers = {"Authorization": f"Bearer {server.token}"}
    request = urllib.request.Request(f"{server.address}{place}/events", headers=headers)
    kind = ""
    with urllib.request.urlopen(request) as answer:
        for line in answer:
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name == "event":
                kind = value
            elif name == "data":
                yield kind, json.loads(value)


def _until(events: Iterator[tuple[str, Any]], wanted: str) -> Any:
    return next(data for kind, data in events if kind == wanted)


def test_a_search_is_watched_paused_taken_up_cancelled_and_deleted(server: Any) -> None:
    body = {"dataset": "iris", "options": ENDLESS}
    made, _ = server.ask("POST", "/v1/searches", body)
    place = f"/v1/searches/{made['id']}"
    events = _events(server, place)
    assert _until(events, "plan")["trials"] == 400
    assert _until(events, "epochs")["epochs"][0]["trial"] == 0
    said, _ = server.ask("PATCH", place, {"state": "paused"})
    assert said["state"] in ("pausing", "paused")
    _until(events, "paused")
    assert server.ask("PATCH", place, {"state": "queued"})[0]["attempt"] == 1
    assert _until(events, "started")["attempt"] == 2
    _until(events, "plan")
    server.ask("PATCH", place, {"state": "cancelled"})
    kinds = [kind for kind, _ in events]  # the stream ends by itself
    assert kinds[-1] == "cancelled"
    assert server.ask("PATCH", place, {"state": "queued"})[0]["state"] in ("queued", "running")
    folder = server.root / "searches" / made["id"]
    _until(_events(server, place), "plan")
    assert server.ask("DELETE", place)[0] is None
    assert server.ask("GET", "/v1/searches")[0] == []
    while folder.exists():  # pytest's time limit is the only clock
        is_held(folder / "run.lock")
    assert server.stop() in (0, -15)


def test_a_head_has_a_limit_whoever_sends_it(server: Any) -> None:
    where = urlsplit(server.address)
    with socket.create_connection((where.hostname, where.port)) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: " + b"a" * 66_000)
        assert connection.recv(100).startswith(b"HTTP/1.1 400 ")


def test_a_server_that_nobody_asks_has_less_than_100_megabytes(server: Any) -> None:
    headers = {"Authorization": f"Bearer {server.token}"}
    request = urllib.request.Request(f"{server.address}/metrics", headers=headers)
    with urllib.request.urlopen(request) as answer:
        (size,) = re.findall(r"^process_resident_memory_bytes (\d+)", answer.read().decode(), re.M)
    assert int(size) < 100e6


def test_what_cannot_be_served_is_one_line(
    cli: Callable[..., Ran], one_line: Callable[[str], str], tmp_path: Path
) -> None:
    root = ("--root", str(tmp_path / "service"))
    for options, why in (
        (("--host", "0.0.0.0"), "needs TLS"),
        (("--database", "postgresql://ada:secret@here/x"), "must not hold a password"),
        (("--tls-cert", "cert.pem"), "go together"),
        (("--max-upload", "many"), "must be a size"),
    ):
        ran = cli("serve", *root, *options)
        assert ran.code == 2
        assert why in one_line(ran.err)
        assert "secret" not in ran.err
    assert not (tmp_path / "service").exists()
