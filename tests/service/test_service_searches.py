"""Searches by HTTP, with real processes: submitted, watched, fetched, taken up, deleted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from service_people import People
from starlette.testclient import TestClient

import automl
from automl.service.app import create_app
from automl.service.settings import ServiceSettings

SMALL = {
    "trials": 2,
    "max_epochs": 1,
    "folds": 0,
    "finalists": 0,
    "baselines": [],
    "workers": 1,
    "fixed": {"model.width": 16},
    "family": ["mlp"],
    "onnx": False,
    "report": False,
}


def events_of(client: TestClient, search: str, after: int = 0) -> list[tuple[int, str, Any]]:
    """All events until the search is over."""
    answer = client.get(f"/v1/searches/{search}/events", headers={"Last-Event-ID": str(after)})
    found = []
    for block in answer.text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        if "id" in fields:
            found.append((int(fields["id"]), fields["event"], json.loads(fields["data"])))
    return found


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    """A service that runs one search at a time."""
    app = create_app(ServiceSettings(tmp_path_factory.mktemp("busy"), max_running=1))
    with TestClient(app):
        yield People(app)


def test_a_search_from_an_upload_to_a_model(busy: People, tmp_path: Path) -> None:
    rows = "\n".join(f"{i % 7},{i % 5},{'yes' if i % 7 > 3 else 'no'}" for i in range(80))
    client = busy.add("ann")
    table = f"a,b,answer\n{rows}\n".encode()
    assert client.put("/v1/datasets/sales", content=table).status_code == 201
    body = {"dataset": "sales", "options": {**SMALL, "target": ["answer"], "report": True}}
    made = client.post("/v1/searches", json=body)
    assert made.status_code == 201, made.text
    place = f"/v1/searches/{made.json()['id']}"

    seen = events_of(client, made.json()["id"])
    kinds = [kind for _, kind, _ in seen]
    assert kinds[:3] == ["queued", "started", "plan"] or kinds[:2] == ["queued", "started"]
    assert kinds[-1] == "finished", seen[-1]
    assert kinds.count("trial") == 2
    assert {"plan", "epochs", "best"} <= set(kinds)
    middle = len(seen) // 2
    assert events_of(client, made.json()["id"], seen[middle][0]) == seen[middle + 1 :]
    over = client.get(f"{place}/events", headers={"Last-Event-ID": str(seen[-1][0])})
    assert over.status_code == 204

    facts = client.get(place).json()
    assert (facts["state"], facts["trials"], facts["position"]) == ("finished", 2, None)
    assert facts["compute_seconds"] > 0
    assert client.get(f"{place}/result").json()["study"] == "sales"
    assert "sandbox" in client.get(f"{place}/report").headers["content-security-policy"]
    assert facts["files"] == ["result", "report", "bundle"]
    assert client.get(f"{place}/model.onnx").status_code == 404

    bundle = client.get(f"{place}/bundle")
    again = client.get(f"{place}/bundle", headers={"If-None-Match": bundle.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    part = client.get(f"{place}/bundle", headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, bundle.content[10:20])
    path = tmp_path / "model.zip"
    path.write_bytes(bundle.content)
    assert automl.load_model(path).predict([[6, 1], [0, 1]]).shape == (2,)

    more = client.patch(place, json={"trials": 3})
    assert more.json()["options"]["trials"] == 3
    later = events_of(client, made.json()["id"], seen[-1][0])
    assert [kind for _, kind, _ in later if kind in ("queued", "trial", "finished")] == [
        *("queued", "trial", "finished")
    ]
    assert client.delete(place).status_code == 204
    assert client.get(place).status_code == 404
    assert not list(busy.app.state.service.settings.searches.iterdir())


def test_a_search_that_cannot_be_says_why_in_one_line(busy: People) -> None:
    body = {"dataset": "iris", "options": {**SMALL, "target": ["nonsense"]}}
    search = busy.admin.post("/v1/searches", json=body).json()["id"]
    *_, (_, kind, data) = events_of(busy.admin, search)
    assert kind == "failed"
    facts = busy.admin.get(f"/v1/searches/{search}").json()
    assert facts["error"] == data["error"]
    assert "target" in facts["error"]
    assert "\n" not in facts["error"]
