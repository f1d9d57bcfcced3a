"""What belongs to one user is not there for another; a reader sees it, and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from service_people import People
from starlette.testclient import TestClient

TABLE = b"a,b\n" + b"1,2\n" * 30

OF_THE_SERVICE = {
    *("/v1/me", "/v1/me/password", "/v1/logout", "/v1/login", "/v1/invitations/accept"),
    *("/v1/tokens", "/v1/tokens/{token_id}", "/metrics", "/v2/health/live", "/v2/health/ready"),
    *("/v1/datasets", "/v1/searches"),
}
"""Paths that are about nobody's things: lists of one's own, oneself, the service."""

FOR_ADMINISTRATORS = ("/v1/users", "/v1/audit")

THINGS_ELSEWHERE = ("/v1/models", "/v2")
"""Models, whose strangers are tested beside them."""


@pytest.fixture(scope="module")
def two(people: People) -> tuple[TestClient, TestClient, str]:
    """Ann with a data set `hers` and a search, Bob, and the id of the search."""
    ann, bob = people.add("ann"), people.add("bob")
    assert ann.put("/v1/datasets/hers", content=TABLE).status_code == 201
    made = ann.post("/v1/searches", json={"dataset": "hers", "options": {"target": ["b"]}})
    assert made.status_code == 201, made.text
    return ann, bob, made.json()["id"]


def _things(people: People, search: str) -> Iterator[tuple[str, str]]:
    """Every method and path that is about something of Ann's."""
    for path, methods in people.app.openapi()["paths"].items():
        if path in OF_THE_SERVICE or path.startswith((*FOR_ADMINISTRATORS, *THINGS_ELSEWHERE)):
            continue
        for method in methods:
            if (method, path) != ("put", "/v1/datasets/{name}"):  # which makes one of one's own
                yield method.upper(), path.format(name="hers", search_id=search)


def test_every_thing_of_somebody_else_is_404(
    people: People, two: tuple[TestClient, TestClient, str]
) -> None:
    _, bob, search = two
    asked = list(_things(people, search))
    assert len(asked) >= 10
    answers = {
        (method, path): bob.request(method, path, json={}).status_code for method, path in asked
    }
    assert {what: status for what, status in answers.items() if status != 404} == {}
    named = {"owner": "ann"}
    assert bob.get("/v1/datasets/hers", params=named).status_code == 404
    assert bob.get("/v1/datasets").json() == bob.get("/v1/searches").json() == []
    submitted = bob.post("/v1/searches", json={"dataset": "hers"})
    assert submitted.status_code == 404


def test_what_is_for_administrators_is_403(
    people: People, two: tuple[TestClient, TestClient, str]
) -> None:
    _, bob, _ = two
    body = {"name": "x"}
    for path, methods in people.app.openapi()["paths"].items():
        if path.startswith(FOR_ADMINISTRATORS):
            for method in methods:
                answer = bob.request(method.upper(), path.format(name="ann"), json=body)
                assert answer.status_code == 403, path


def test_a_reader_sees_everything_and_changes_nothing(
    people: People, two: tuple[TestClient, TestClient, str]
) -> None:
    ann, _, search = two
    rita = people.add("rita", "reader")
    assert rita.get(f"/v1/searches/{search}").json()["owner"] == "ann"
    assert rita.get("/v1/datasets/hers", params={"owner": "ann"}).status_code == 200
    writes = [(m, p) for m, p in _things(people, search) if m != "GET"]
    writes += [("PUT", "/v1/datasets/new"), ("POST", "/v1/searches")]
    for method, path in writes:
        assert rita.request(method, path, json={"dataset": "iris"}).status_code in (403, 422), path
    assert ann.get(f"/v1/searches/{search}").json()["state"] == "queued"
    assert ann.get("/v1/datasets/hers").status_code == 200


def test_an_administrator_sees_and_changes_everything(
    people: People, two: tuple[TestClient, TestClient, str]
) -> None:
    _, _, search = two
    place = f"/v1/searches/{search}"
    assert people.admin.patch(place, json={"state": "paused"}).json()["state"] == "paused"
    assert people.admin.patch(place, json={"state": "queued"}).json()["state"] == "queued"
    assert people.admin.get("/metrics").status_code == 200
