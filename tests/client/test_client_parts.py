"""What a client sends, and to whom; the whole of it is in `tests/service/test_whole_job.py`."""

from __future__ import annotations

import io
import json
import socket
import stat
import threading
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import automl
from automl.client.connection import Connection
from automl.client.events import Event, read_events
from automl.client.login import find_login, keep_login, login_file
from automl.client.rows import encode_rows
from automl.errors import ConfigError

TOKEN = "amt_" + "a" * 43


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nobody is logged in."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    for name in ("AUTOML_URL", "AUTOML_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    "url",
    ["http://example.org", "ftp://127.0.0.1", "http://a:b@127.0.0.1", "https://x.org/path", "://"],
)
def test_a_token_goes_to_this_machine_or_over_tls_and_nowhere_else(url: str) -> None:
    with pytest.raises(ConfigError, match="url must"):
        Connection(url, TOKEN)


def test_a_host_alone_is_meant_with_tls() -> None:
    assert Connection("automl.example.org", TOKEN).url == "https://automl.example.org"
    assert Connection("http://127.0.0.1:8321/", TOKEN).url == "http://127.0.0.1:8321"


@pytest.mark.parametrize("token", ["", "two words", "line\nbreak", "ö"])
def test_a_token_that_cannot_be_one_is_refused_without_being_shown(token: str) -> None:
    with pytest.raises(ConfigError) as refused:
        Connection("https://example.org", token)
    assert not token or token not in str(refused.value)


def test_a_login_is_kept_for_its_owner_and_its_service_alone() -> None:
    keep_login("https://one.example.org", TOKEN)
    assert stat.S_IMODE(login_file().stat().st_mode) == 0o600
    assert find_login(None, None) == ("https://one.example.org", TOKEN)
    with pytest.raises(ConfigError, match="AUTOML_TOKEN"):
        find_login("https://two.example.org", None)
    login_file().chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        find_login(None, None)


def test_the_environment_comes_before_what_was_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_login("https://one.example.org", TOKEN)
    monkeypatch.setenv("AUTOML_URL", "https://two.example.org")
    monkeypatch.setenv("AUTOML_TOKEN", "amt_other")
    assert find_login(None, None) == ("https://two.example.org", "amt_other")


def test_without_a_login_it_is_said_what_lacks() -> None:
    with pytest.raises(ConfigError, match="automl remote login"):
        automl.Client()


def test_events_are_read_as_a_browser_reads_them() -> None:
    stream = b': ping\n\nid: 7\nevent: best\ndata: {"score":\ndata: 1}\n\ndata: {}\r\n\r\nid: 9\n'
    assert list(read_events(io.BytesIO(stream))) == [
        Event("best", {"score": 1}, "7"),
        Event("message", {}, "7"),
    ]


def test_rows_of_every_kind_are_sent() -> None:
    records = [{"age": 1, "town": "Ayr"}, {"age": None, "town": "Bath"}]
    frame = pd.DataFrame({"age": [1, np.nan], "town": ["Ayr", "Bath"]})
    for rows in (records, frame):
        media, body = encode_rows(rows)
        assert (media, json.loads(body)) == ("application/json", {"rows": records})
    array = np.arange(6.0).reshape(2, 3)
    media, body = encode_rows(array)
    assert media == "application/octet-stream"
    np.testing.assert_array_equal(np.load(io.BytesIO(body)), array)


def test_what_cannot_be_sent_is_told(tmp_path: Path) -> None:
    for rows in ([object()], [[float("nan")]], np.array(["a"]), tmp_path / "gone.csv"):
        with pytest.raises(ConfigError):
            encode_rows(rows)


def test_a_connection_that_was_closed_while_it_waited_is_begun_anew() -> None:
    answer = b'HTTP/1.1 200 OK\r\nContent-Length: 19\r\n\r\n{"predictions":[7]}'

    def serve_one_request_a_connection() -> None:
        for _ in range(3):
            connection, _ = listening.accept()
            with connection, connection.makefile("rb") as sent:
                head = b"".join(iter(sent.readline, b"\r\n")).lower()
                sent.read(int(head.partition(b"content-length: ")[2].split()[0]))
                connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = threading.Thread(target=serve_one_request_a_connection)
        server.start()
        client = automl.Client(f"http://127.0.0.1:{listening.getsockname()[1]}", TOKEN)
        assert [client.predict("m", [[1.0]]).tolist() for _ in range(3)] == [[7]] * 3
        server.join()
        client.close()
