"""What belongs to one user is not there for another; a reader sees it, and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from made_bundles import write_bundle
from service_people import People, add_search
from starlette.testclient import TestClient

TABLE = b"a,b\n" + b"1,2\n" * 30

OF_THE_SERVICE = {
    *("/v1/me", "/v1/me/password", "/v1/logout", "/v1/login", "/v1/invitations/accept"),
    *("/v1/tokens", "/v1/tokens/{token_id}", "/metrics", "/v2/health/live", "/v2/health/ready"),
    *("/v1/datasets", "/v1/searches", "/v1/models", "/v2"),
}
"""Paths that are about nobody's things: lists of one's own, oneself, the service."""

FOR_ADMINISTRATORS = ("/v1/users", "/v1/audit")

OF_ONES_OWN = {("put", "/v1/datasets/{name}"), ("put", "/v1/models/{name}")}
"""What makes a thing of one's own, whatever others have."""

ASKING = ("/predict", "/infer")
"""Ends of paths by which a reader asks with POST, and changes nothing."""


@pytest.fixture(scope="module")
def two(
    people: People, tmp_path_factory: pytest.TempPathFactory
) -> tuple[TestClient, TestClient, str]:
    """Ann with a data set and a model `hers` and a search, Bob, and the id of the search."""
    ann, bob = people.add("ann"), people.add("bob")
    assert ann.put("/v1/datasets/hers", content=TABLE).status_code == 201
    made = ann.post("/v1/searches", json={"dataset": "hers", "options": {"target": ["b"]}})
    assert made.status_code == 201, made.text
    home = tmp_path_factory.mktemp("bundle")
    bundle = write_bundle(home, "binary", kind="table", width=4, link=home / "link")
    kept = add_search(people, 2, "kept", bundle)
    assert ann.put("/v1/models/hers", json={"search": kept}).status_code == 201
    alias = "/v1/models/hers/aliases/production"
    assert ann.put(alias, json={"version": 1}).status_code == 200
    return ann, bob, made.json()["id"]


def _things(people: People, search: str) -> Iterator[tuple[str, str]]:
    """Every method and path that is about something of Ann's."""
    for path, methods in people.app.openapi()["paths"].items():
        if path in OF_THE_SERVICE or path.startswith(FOR_ADMINISTRATORS):
            continue
        for method in methods:
            if (method, path) not in OF_ONES_OWN:
                names = {"name": "hers", "search_id": search, "version": "1"}
                yield method.upper(), path.format(alias="production", **names)


def test_every_thing_of_somebody_else_is_404(
    people: People, two: tuple[TestClient, TestClient, str]
) -> None:
    _, bob, search = two
    asked = list(_things(people, search))
    assert len(asked) >= 25
    assert ("POST", "/v2/models/hers/infer") in asked
    sent = {("PUT", "/v1/models/hers/aliases/production"): {"version": 1}}
    answers = {
        (method, path): bob.request(method, path, json=sent.get((method, path), {})).status_code
        for method, path in asked
    }
    assert {what: status for what, status in answers.items() if status != 404} == {}
    named = {"owner": "ann"}
    assert bob.get("/v1/datasets/hers", params=named).status_code == 404
    assert bob.get("/v1/datasets").json() == bob.get("/v1/searches").json() == []
    assert bob.get("/v1/models").json() == []
    submitted = bob.post("/v1/searches", json={"dataset": "hers"})
    assert submitted.status_code == 404
    assert bob.put("/v1/models/mine", json={"search": search}).status_code == 404


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
    writes = [(m, p) for m, p in _things(people, search) if m != "GET" and not p.endswith(ASKING)]
    writes += [("PUT", "/v1/datasets/new"), ("POST", "/v1/searches"), ("PUT", "/v1/models/new")]
    for method, path in writes:
        assert rita.request(method, path, json={"dataset": "iris"}).status_code in (403, 422), path
    assert rita.get("/v1/models/hers").json() == ann.get("/v1/models/hers").json()
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
