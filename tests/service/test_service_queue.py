"""Whose search is next, and what a client may ask of the queue."""

from __future__ import annotations

from collections import Counter

import pytest
from service_people import People
from starlette.testclient import TestClient

from automl.config import SearchConfig
from automl.service.options import OPERATORS, SEARCH_OPTIONS
from automl.service.queue import Waiting, in_order

ANN, BOB = 1, 2


def _order(waiting: list[Waiting], running: dict[int, int]) -> list[str]:
    return [w.id for w in in_order(waiting, Counter(running))]


def test_priority_comes_first_then_who_has_the_least_running_then_age() -> None:
    waiting = [
        Waiting("a1", ANN, 0, 1.0),
        Waiting("a2", ANN, 0, 2.0),
        Waiting("a3", ANN, 0, 3.0),
        Waiting("b1", BOB, 0, 4.0),
        Waiting("b2", BOB, 0, 5.0),
        Waiting("low", BOB, -1, 0.0),
        Waiting("high", ANN, 5, 9.0),
    ]
    # `high` counts as running of Ann's, so that Bob's turn comes before her next.
    assert _order(waiting, {}) == ["high", "b1", "a1", "b2", "a2", "a3", "low"]
    assert _order(waiting[:5], {ANN: 2}) == ["b1", "b2", "a1", "a2", "a3"]
    assert _order([], {ANN: 2}) == []


def _submit(client: TestClient, expect: int = 201, **body: object) -> str:
    headers = {"Idempotency-Key": str(body.pop("key"))} if "key" in body else {}
    answer = client.post("/v1/searches", json={"dataset": "iris", **body}, headers=headers)
    assert answer.status_code == expect, answer.text
    return str(answer.json().get("id") or answer.json()["detail"])


def _place(client: TestClient, search: str) -> int | None:
    place: int | None = client.get(f"/v1/searches/{search}").json()["position"]
    return place


def test_the_position_is_shown_and_follows_priority_and_pauses(people: People) -> None:
    client = people.admin
    first, second = _submit(client), _submit(client)
    assert (_place(client, first), _place(client, second)) == (1, 2)
    client.patch(f"/v1/searches/{second}", json={"priority": 5})
    assert (_place(client, first), _place(client, second)) == (2, 1)
    client.patch(f"/v1/searches/{second}", json={"state": "paused"})
    assert (_place(client, first), _place(client, second)) == (1, None)
    cancelled = client.patch(f"/v1/searches/{first}", json={"state": "cancelled"})
    assert cancelled.json()["state"] == "cancelled"
    assert client.patch(f"/v1/searches/{first}", json={"state": "paused"}).status_code == 409
    for search in (first, second):
        assert client.delete(f"/v1/searches/{search}").status_code == 204


def test_the_same_key_and_content_is_the_same_search(people: People) -> None:
    client = people.add("ann")
    first = _submit(client, key="k1")
    assert _submit(client, 200, key="k1") == first
    assert "used for another search" in _submit(client, 422, key="k1", name="other")
    assert _submit(people.add("bob"), key="k1") != first
    assert len(client.get("/v1/searches").json()) == 1


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"trails": 3}, "unknown option 'trails' (did you mean 'trials'?)"),
        ({"trials": 0}, "trials: "),
        ({"plugins": ["evil.py"]}, "unknown option 'plugins'"),
        ({"storage": "postgresql://elsewhere/x"}, "unknown option 'storage'"),
        ({"test_data": "/etc/passwd"}, "unknown option 'test_data'"),
        ({"executor": "inline"}, "unknown option 'executor'"),
        ({"space": "/etc/evil.yaml"}, "unknown search space"),
        ({"family": ["/etc/evil.yaml"]}, "unknown family"),
        ({"baselines": ["../evil"]}, "unknown baseline"),
        ({"workers": 1000}, "workers: must be at most"),
        ({"time_budget": "soon"}, "time_budget: "),
        ({"deterministic": True, "time_budget": "5m"}, "--deterministic cannot be combined"),
    ],
)
def test_an_option_that_is_wrong_or_not_a_clients_is_refused(
    people: People, options: dict[str, object], why: str
) -> None:
    assert why in _submit(people.admin, 422, options=options)


def test_every_option_of_a_search_is_either_a_clients_or_the_operators() -> None:
    assert sorted([*SEARCH_OPTIONS, *OPERATORS]) == sorted(SearchConfig.model_fields)


@pytest.mark.parametrize("dataset", ["/etc/passwd", "../x", "openml:61", "nothing"])
def test_a_data_set_is_a_name_and_no_path(people: People, dataset: str) -> None:
    answer = people.admin.post("/v1/searches", json={"dataset": dataset})
    assert answer.status_code in (404, 422)


def test_only_administrators_go_before_everybody(people: People) -> None:
    client = people.add("carl")
    search = _submit(client, priority=-3)
    assert "only administrators" in _submit(client, 403, priority=1)
    refused = client.patch(f"/v1/searches/{search}", json={"priority": 1})
    assert refused.status_code == 403


def test_a_user_without_seconds_left_submits_nothing(people: People) -> None:
    client = people.add("dora")
    body = {"limits": {"compute_seconds": 0}}
    assert people.admin.patch("/v1/users/dora", json=body).status_code == 204
    assert "seconds of compute" in _submit(client, 409)


def test_data_that_a_search_waits_for_stays(people: People) -> None:
    client = people.add("emil")
    assert client.put("/v1/datasets/mine", content=b"a,b\n" + b"1,2\n" * 30).status_code == 201
    search = _submit(client, dataset="mine", options={"target": ["b"]})
    assert search in client.delete("/v1/datasets/mine").json()["detail"]
    assert client.delete(f"/v1/searches/{search}").status_code == 204
    assert client.delete("/v1/datasets/mine").status_code == 204
