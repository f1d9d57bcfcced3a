"""Models with names: pinned, promoted, rolled back, predicted with, and nobody else's."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from made_bundles import write_bundle
from made_rows import make_rows
from made_tables import by_name
from service_people import People, add_search
from starlette.testclient import TestClient

from automl.bundle.model import load_model

RECORDS = by_name(make_rows("table")[:3])


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    home = tmp_path_factory.mktemp("bundles")
    return [
        write_bundle(home, "binary", kind="table", width=4, seed=seed, link=home / f"{seed}")
        for seed in (0, 1)
    ]


@pytest.fixture(scope="module")
def user(people: People, bundles: list[Path]) -> TestClient:
    client = people.add("bob")
    for i, bundle in enumerate(bundles):
        search = add_search(people, 2, f"search{i}", bundle)
        answer = client.put("/v1/models/churn", json={"search": search})
        assert answer.status_code == 201, answer.text
    return client


def aliases(user: TestClient) -> dict[str, int]:
    return dict(user.get("/v1/models/churn").json()["aliases"])


def test_a_pinned_model_has_versions_and_the_same_bundle_makes_none(user: TestClient) -> None:
    again = user.put("/v1/models/churn", json={"search": "s-2-search1"})
    assert again.status_code == 200
    (model,) = user.get("/v1/models").json()
    assert model == again.json()
    assert [version["version"] for version in model["versions"]] == [1, 2]
    assert model["versions"][0]["search"] == "s-2-search0"


def test_promoting_and_rolling_back(user: TestClient) -> None:
    for version in (1, "2"):
        put = user.put("/v1/models/churn/aliases/production", json={"version": version})
        assert put.json()["aliases"] == {"production": int(version)}
    assert user.get("/v1/models/churn/versions/production").json()["version"] == 2
    back = "/v1/models/churn/aliases/production/rollback"
    assert user.post(back).json()["aliases"] == {"production": 1}
    assert user.post(back).status_code == 409
    assert user.delete("/v1/models/churn/versions/1").status_code == 409
    assert user.delete("/v1/models/churn/aliases/production").status_code == 204
    assert aliases(user) == {}
    assert user.post(back).status_code == 404


def test_a_search_without_a_model_cannot_be_pinned(people: People, user: TestClient) -> None:
    search = add_search(people, 2, "empty", None)
    assert user.put("/v1/models/none", json={"search": search}).status_code == 409
    assert user.put("/v1/models/a%20b", json={"search": "s-2-search0"}).status_code == 422


def test_predictions_by_every_route(people: People, user: TestClient, bundles: list[Path]) -> None:
    # Its event loop is that of the workers.
    with TestClient(people.app, base_url=str(user.base_url), cookies=user.cookies) as client:
        first, second = (load_model(bundle) for bundle in bundles)
        plain = client.post("/v1/models/churn/predict?version=1", json={"rows": RECORDS})
        assert plain.status_code == 200, plain.text
        assert plain.json()["model"] == "churn/1"
        assert plain.json()["predictions"] == first.predict(RECORDS).tolist()
        newest = client.post("/v1/models/churn/predict", json=RECORDS).json()
        assert newest["model"] == "churn/2"
        assert newest["predictions"] == second.predict(RECORDS).tolist()

        about = client.get("/v2/models/churn").json()
        assert about["versions"] == ["1", "2"]
        inputs = [
            {**tensor, "shape": [3], "data": [row[tensor["name"]] for row in RECORDS]}
            for tensor in about["inputs"]
        ]
        asked = {"inputs": inputs}
        for path in ("/v2/models/churn/infer", "/v2/models/churn/versions/2/infer"):
            answer = client.post(path, content=json.dumps(asked)).json()
            assert answer["outputs"][0]["data"] == newest["predictions"]

        bad: list[Any] = [RECORDS[0], RECORDS[1] | {"age": "old"}]
        refused = client.post("/v1/models/churn/predict", json=bad)
        assert refused.status_code == 422
        assert refused.headers["content-type"] == "application/problem+json"
        assert "'age'" in (line := refused.json()["detail"])
        assert "row 2" in line


def test_deleting_a_model_deletes_its_files_and_numbers_are_not_given_twice(
    people: People, user: TestClient
) -> None:
    folder = people.app.state.service.settings.models
    assert user.delete("/v1/models/churn/versions/2").status_code == 204
    assert user.get("/v1/models/churn/versions/2").status_code == 404
    put = user.put("/v1/models/churn", json={"search": "s-2-search1"})
    assert [version["version"] for version in put.json()["versions"]] == [1, 3]
    assert len(list(folder.glob("*/*"))) == 2
    assert user.delete("/v1/models/churn").status_code == 204
    assert list(folder.iterdir()) == []
    assert user.get("/v1/models/churn").status_code == 404


def test_a_kept_model_counts_towards_the_bytes_of_its_owner(
    make_people: Callable[..., People], bundles: list[Path]
) -> None:
    people = make_people()
    eve = people.add("eve")
    folder = people.app.state.service.settings.models
    for i, bundle in enumerate(bundles):
        add_search(people, 2, f"search{i}", bundle)
    first, second = ({"search": f"s-2-search{i}"} for i in (0, 1))
    assert eve.put("/v1/models/churn", json=first).status_code == 201
    used = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    limits = {"limits": {"bytes": used + 100}}
    assert people.admin.patch("/v1/users/eve", json=limits).status_code == 204
    refused = eve.put("/v1/models/churn", json=second)
    assert refused.status_code == 413
    assert "of eve" in refused.json()["detail"]
    assert len(list(folder.glob("*"))) == len(list(folder.glob("*/*"))) == 1
    assert len(eve.get("/v1/models/churn").json()["versions"]) == 1
    assert eve.put("/v1/datasets/d", content=b"a,b\n" + b"1,2\n" * 50).status_code == 413
    assert eve.put("/v1/models/churn", json=first).status_code == 200  # which is kept already
    assert eve.delete("/v1/models/churn").status_code == 204
    assert eve.put("/v1/models/churn", json=second).status_code == 201


def test_a_kill_while_a_model_is_kept_leaves_nothing(
    make_people: Callable[..., People], bundles: list[Path]
) -> None:
    people = make_people()
    settings = people.app.state.service.settings
    searches = [add_search(people, 1, f"search{i}", bundle) for i, bundle in enumerate(bundles)]
    assert people.admin.put("/v1/models/m", json={"search": searches[0]}).status_code == 201
    (kept,) = settings.models.glob("*/*")
    # Copied and not moved yet; moved, and the row not written.
    for left in (settings.models / "new-0123", kept.with_name("2")):
        shutil.copytree(kept, left)
    people.restart()
    assert list(settings.models.glob("*/*")) == [kept]
    assert list(settings.models.iterdir()) == [kept.parent]
    put = people.admin.put("/v1/models/m", json={"search": searches[1]})
    assert [version["version"] for version in put.json()["versions"]] == [1, 2]
