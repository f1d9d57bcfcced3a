"""The dashboard: what it answers, what it refuses, and how it ends."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from automl.dashboard.process import running_dashboard
from automl.dashboard.request_guard import Guard
from automl.errors import StudyError
from automl.study.folder import StudyFolder
from automl.study.read_only import read_only_storage


def _ask(guard: Guard, method: str = "GET", host: str = "127.0.0.1:8080", **headers: str) -> str:
    """The status, or ``passed`` when the application was asked."""
    said: list[str] = []

    def start(status: str, fields: list[tuple[str, str]]) -> None:
        said.append(status)

    environ = {"REQUEST_METHOD": method, "HTTP_HOST": host, **headers}
    body = b"".join(guard(environ, start))
    return body.decode() if not said else said[0]


def _passed(environ: object, start_response: object) -> list[bytes]:
    return [b"passed"]


READ_ONLY = Guard(_passed, writable=False)
WRITABLE = Guard(_passed, writable=True)


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_reading_is_let_through(method: str) -> None:
    assert _ask(READ_ONLY, method) == "passed"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "BREW"])
def test_writing_is_refused_unless_it_was_allowed(method: str) -> None:
    assert _ask(READ_ONLY, method) == "403 Forbidden"
    assert _ask(WRITABLE, method) == "passed"


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example:80", "", "[::", "10.0.0.1"]
)
@pytest.mark.parametrize("guard", [READ_ONLY, WRITABLE])
def test_another_host_name_is_refused_so_that_rebinding_fails(guard: Guard, host: str) -> None:
    assert _ask(guard, host=host) == "403 Forbidden"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:1", "localhost:8080", "LOCALHOST"])
def test_this_machine_is_answered_by_both_of_its_names(host: str) -> None:
    assert _ask(READ_ONLY, host=host) == "passed"


def test_a_page_of_another_origin_may_not_write() -> None:
    assert _ask(WRITABLE, "POST", HTTP_ORIGIN="http://evil.example") == "403 Forbidden"
    assert _ask(WRITABLE, "POST", HTTP_ORIGIN="null") == "403 Forbidden"
    assert _ask(WRITABLE, "POST", HTTP_ORIGIN="http://127.0.0.1:8080") == "passed"


def test_a_storage_for_reading_refuses_to_write(searched: Path) -> None:
    storage = read_only_storage(f"sqlite:///{searched / 'study.db'}")
    assert len(storage.get_all_studies()) >= 1
    with (
        pytest.raises(DatabaseError, match="readonly"),
        storage.engine.begin() as connection,
    ):
        connection.execute(text("DELETE FROM trials"))
    storage.remove_session()
    storage.engine.dispose()


@pytest.fixture(scope="module")
def address(searched_once: Path) -> Iterator[str]:
    """A dashboard on the searched study."""
    with running_dashboard(StudyFolder(searched_once / "digits")) as (found, _):
        yield found


def _request(address: str, method: str, path: str) -> tuple[int, bytes]:
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=60)
    connection.request(method, path)
    answer = connection.getresponse()
    found = answer.status, answer.read()
    connection.close()
    return found


def test_the_search_and_its_baselines_are_studies(address: str) -> None:
    status, body = _request(address, "GET", "/api/studies")
    assert status == 200
    names = {s["study_name"] for s in json.loads(body)["study_summaries"]}
    assert {"digits", "digits-svm"} <= names


def test_each_trial_carries_what_a_person_wants_there(address: str) -> None:
    _, body = _request(address, "GET", "/api/studies")
    summaries = json.loads(body)["study_summaries"]
    number = next(s["study_id"] for s in summaries if s["study_name"] == "digits")
    _, body = _request(address, "GET", f"/api/studies/{number}?after=0")
    detail = json.loads(body)
    attrs = {a["key"] for a in detail["trials"][0]["user_attrs"]}
    assert {"weights", "seconds", "epochs", "worker"} <= attrs
    assert detail["trials"][0]["intermediate_values"]
    assert "The network" in detail["note"]["body"]


def test_deleting_the_study_is_refused_with_the_way_to_allow_it(address: str) -> None:
    status, body = _request(address, "DELETE", "/api/studies/1")
    assert status == 403
    assert "--writable" in json.loads(body)["reason"]
    assert _request(address, "GET", "/api/studies/1?after=0")[0] == 200


def test_static_files_are_answered_without_an_accept_encoding(address: str) -> None:
    assert _request(address, "GET", "/static/bundle.js")[0] == 200


def test_a_taken_port_is_one_clear_line(address: str, searched_once: Path) -> None:
    port = urlsplit(address).port
    assert port is not None
    folder = StudyFolder(searched_once / "digits")
    with (
        pytest.raises(StudyError, match=r"did not start: .*in use"),
        running_dashboard(folder, port=port),
    ):
        pass


def test_ctrl_c_stops_it_and_is_no_failure(searched: Path) -> None:
    code = "import sys; sys.argv[0] = 'automl'; from automl.cli import main; main()"
    command = [sys.executable, "-c", code, "dashboard", "digits"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("study digits: http://127.0.0.1:")
        address = line.split()[-1]
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    with pytest.raises(ConnectionError):
        _request(address, "GET", "/api/meta")
