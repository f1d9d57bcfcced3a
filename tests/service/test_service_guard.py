"""The outermost layer: what is answered at all, and with which headers."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from service_people import ADDRESS, People
from starlette.routing import BaseRoute, Mount
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from automl.service.app import ROUTERS
from automl.service.guard import METHODS, OPEN, JsonLines, is_open


def _walk(routes: list[BaseRoute], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every method and path that an application answers, those in mounts included."""
    for route in routes:
        path = prefix + getattr(route, "path", "")
        if isinstance(route, Mount):
            yield "GET", f"{path}/anything"
            yield from _walk(list(route.routes or []), path)
        elif getattr(route, "routes", None):  # a router that was included
            yield from _walk(list(route.routes), prefix)
        elif methods := getattr(route, "methods", None):
            yield from ((method, path) for method in sorted(methods))


def _routes(app: FastAPI) -> list[tuple[str, str]]:
    described = [
        (method.upper(), path)
        for path, methods in app.openapi()["paths"].items()
        for method in methods
    ]
    included = [route for router in ROUTERS for route in router.routes]
    return sorted({*described, *_walk([*app.routes, *included])})


def _filled(path: str) -> str:
    return path.replace("{", "").replace("}", "").replace(":path", "")


def test_the_walk_finds_the_routes(people: People) -> None:
    found = _routes(people.app)
    assert ("GET", "/v1/me") in found
    assert ("GET", "/v1/openapi.json") in found
    assert ("GET", "/static/{name}") in found
    assert sum(isinstance(route, APIRoute) for route in people.app.routes) <= len(found)


def test_without_login_every_route_is_401_but_for_the_open_ones(people: People) -> None:
    client = people.visitor()
    answers = {
        (method, path): client.request(method, _filled(path)).status_code
        for method, path in _routes(people.app)
    }
    astray = {
        asked: status
        for asked, status in answers.items()
        if status != 401 and not is_open(asked[0], _filled(asked[1]))
    }
    assert astray == {}
    assert {path for method, path in answers if is_open(method, path)} <= {
        *(asked.split()[1] for asked in OPEN),
        "/static/{name}",
    }


def test_what_is_nowhere_is_401_too_so_that_nobody_learns_what_is(people: People) -> None:
    assert people.visitor().get("/v1/nothing").status_code == 401
    assert people.admin.get("/v1/nothing").status_code == 404


def test_a_websocket_is_closed_whoever_asks(people: People) -> None:
    for client in (people.visitor(), people.admin):
        with pytest.raises(WebSocketDisconnect), client.websocket_connect("/v1/me"):
            pass


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "[::", "10.0.0.1"])
def test_another_host_name_is_refused_so_that_rebinding_fails(people: People, host: str) -> None:
    assert people.admin.get("/v1/me", headers={"Host": host}).status_code == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_page_of_another_origin_writes_nothing(people: People, method: str) -> None:
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ):
        answer = people.admin.request(method, "/v1/tokens/1", headers=headers)
        assert answer.status_code == 403, headers
    own = people.admin.request("DELETE", "/v1/tokens/999", headers={"Origin": ADDRESS})
    assert own.status_code == 404


def test_a_method_that_a_path_has_not_is_405_with_those_that_it_has(people: People) -> None:
    methods: dict[str, set[str]] = {}
    for method, path in _routes(people.app):
        methods.setdefault(path, set()).add(method)
    for path, known in methods.items():
        known |= {"HEAD"} if "GET" in known and not path.endswith("/events") else set()
        for method in ({*METHODS, "OPTIONS"} - known, {"BREW"})["{" in path]:
            answer = people.admin.request(method, _filled(path))
            assert (answer.status_code, path) == (405, path), method
            assert answer.headers["allow"] == ", ".join(sorted(known)), path


@pytest.mark.parametrize("path", ["/static/%2e%2e/x", "/static/..%2fx", "//v1/me", "/v1/%00"])
def test_a_path_with_tricks_leads_nowhere(people: People, path: str) -> None:
    answer = people.visitor().get(ADDRESS + path)
    assert answer.status_code == 404


def test_the_page_knows_whether_to_ask_who_is_there(people: People) -> None:
    """A browser notes what is answered with 401 as an error, and the page begins without one."""
    known, unknown = people.admin.get("/"), people.visitor().get("/")
    assert "data-session" in known.text
    assert "data-session" not in unknown.text
    again = people.visitor().get("/", headers={"If-None-Match": known.headers["etag"]})
    assert again.status_code == 200


def test_every_answer_has_the_headers_that_keep_pages_apart(people: People) -> None:
    client = people.visitor()
    for path in ("/v2/health/live", "/v1/me", "/v1/nothing"):
        headers = client.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert len(headers["x-request-id"]) == 16


def test_a_body_is_limited_whatever_its_header_says(people: People) -> None:
    def pieces() -> Iterator[bytes]:  # no Content-Length
        for _ in range(40):
            yield b" " * 10**6

    assert people.visitor().post("/v1/login", content=pieces()).status_code == 413
    told = people.visitor().post("/v1/login", content=b"x", headers={"Content-Length": "9" * 12})
    assert told.status_code == 413


def test_an_error_is_one_line_of_problem_json(people: People) -> None:
    answer = people.admin.post("/v1/users", json={"name": "x", "role": "king"})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == 422
    assert problem["detail"] == "role: must be 'admin', 'user' or 'reader', but got 'king'"


def test_a_programming_error_is_500_with_the_id_under_which_the_log_has_it(
    make_people: Callable[..., People], caplog: pytest.LogCaptureFixture
) -> None:
    people = make_people()

    @people.app.get("/v1/broken")
    def broken() -> None:
        raise ZeroDivisionError("a secret detail")

    with caplog.at_level(logging.ERROR, "automl.service"):
        answer = people.admin.get("/v1/broken")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.headers["x-request-id"] in answer.json()["detail"]
    assert any("a secret detail" in str(getattr(r, "fields", "")) for r in caplog.records)


def test_the_log_is_lines_of_json_without_tokens(
    people: People, caplog: pytest.LogCaptureFixture
) -> None:
    token = people.admin.post("/v1/tokens", json={"name": "t"}).json()["token"]
    client = people.visitor()
    with caplog.at_level(logging.INFO, "automl.service"):
        client.get("/v1/me?token=" + token, headers={"Authorization": f"Bearer {token}"})
    mine = [r for r in caplog.records if r.name == "automl.service"]
    line = json.loads(JsonLines().format(mine[-1]))
    assert (line["path"], line["status"], line["user"]) == ("/v1/me", 200, "ada")
    assert token not in str(line)


def test_the_web_process_loads_nothing_heavy(python: Callable[..., object], tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from automl.service.app import create_app\n"
        "from automl.service import server\n"
        "from automl.service.settings import ServiceSettings\n"
        f"create_app(ServiceSettings(Path({str(tmp_path)!r}))).openapi()\n"
        "print(sorted({'torch', 'sklearn', 'optuna', 'pandas', 'scipy'} & set(sys.modules)))\n"
    )
    ran = python("-c", code)
    assert (ran.stdout, ran.stderr) == ("[]\n", "")  # type: ignore[attr-defined]


def test_health_is_open_and_nothing_else_of_it(people: People) -> None:
    client: TestClient = people.visitor()
    assert client.get("/v2/health/live").json() == {"live": True}
    assert client.get("/v2/health/ready").json() == {"ready": True}
    assert client.get("/v2/health/other").status_code == 401


def test_what_stands_in_a_path_is_described_by_a_pattern_or_a_number(people: People) -> None:
    parts = {
        (path, part["name"]): part["schema"]
        for path, methods in people.app.openapi()["paths"].items()
        for described in methods.values()
        for part in described.get("parameters", [])
        if part["in"] == "path"
    }
    assert len(parts) >= 10
    loose = [where for where, schema in parts.items() if not {"pattern", "minimum"} & schema.keys()]
    assert loose == []
