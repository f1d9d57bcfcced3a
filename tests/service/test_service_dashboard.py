"""optuna-dashboard below a search's address: for whoever may see the search, and only to look."""

from __future__ import annotations

import json
import re
from pathlib import Path

import optuna
import pytest
from service_people import ADDRESS, People
from sqlalchemy import insert
from starlette.testclient import TestClient

from automl.dashboard.mount import PAGE_ADDRESSES, SCRIPT_ADDRESSES
from automl.service.database import searches

ID = "0123456789abcdef"
PLACE = f"/v1/searches/{ID}/dashboard"


def _study(folder: Path) -> None:
    """Two trials, as Optuna keeps them."""
    folder.mkdir(parents=True)
    storage = optuna.storages.RDBStorage(f"sqlite:///{folder / 'study.db'}")
    study = optuna.create_study(study_name="flowers", storage=storage)
    for value in (1.0, 2.0):
        study.add_trial(optuna.create_trial(params={}, value=value))
    storage.remove_session()
    storage.engine.dispose()


@pytest.fixture(scope="module")
def two(people: People) -> tuple[TestClient, TestClient]:
    """Ann, who has a search that was begun and one that was not, and Bob."""
    ann, bob = people.add("ann"), people.add("bob")
    service = people.app.state.service
    row = {"owner": ann.get("/v1/me").json().get("id", 2), "dataset": "iris", "options": "{}"}
    row |= {"priority": 0, "state": "finished", "attempt": 1, "crashes": 0}
    row |= {"created": 0.0, "queued": 0.0, "compute_seconds": 1.0, "name": "flowers"}
    with service.database.write() as connection:
        connection.execute(insert(searches).values(id=ID, **row))
        connection.execute(insert(searches).values(id=ID[::-1], **row))
    for search in (ID, ID[::-1]):
        service.searches.folder(search).path.mkdir()
    _study(service.searches.folder(ID).study("flowers"))
    return ann, bob


def test_it_shows_the_trials_below_the_address_of_the_search(
    two: tuple[TestClient, TestClient],
) -> None:
    ann, _ = two
    page = ann.get(PLACE)
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert re.findall(r'(?:src|href)="([^"]*)"', page.text) == [f"{PLACE}/static/bundle.js"]
    assert ann.get(f"{PLACE}/studies/1").text == page.text  # its own addresses are its page, too
    studies = ann.get(f"{PLACE}/api/studies").json()["study_summaries"]
    assert [study["study_name"] for study in studies] == ["flowers"]
    detail = ann.get(f"{PLACE}/api/studies/{studies[0]['study_id']}", params={"after": "1"}).json()
    assert [trial["values"] for trial in detail["trials"]] == [[2.0]]
    table = ann.get(f"{PLACE}/csv/{studies[0]['study_id']}").text
    assert table.splitlines()[0] == "Number,State,Value"
    assert ann.get(f"{PLACE}/api/nothing").status_code == 404


def test_its_script_asks_below_the_address_of_the_page_only(
    two: tuple[TestClient, TestClient],
) -> None:
    ann, _ = two
    answer = ann.get(f"{PLACE}/static/bundle.js")
    assert not any(address in answer.text for address in SCRIPT_ADDRESSES)
    # What is left of the addresses that optuna-dashboard answers are those of artifacts.
    named = r"""["'`](?:\$\{(?!automlPrefix)[^}]*\})?/(?:api|csv|static|dashboard)\b.?"""
    assert re.findall(named, answer.text) == ['"/dashboard"'] * 2  # by which it finds the prefix
    again = {"If-None-Match": answer.headers["etag"]}
    assert ann.get(f"{PLACE}/static/bundle.js", headers=again).status_code == 304
    assert len(PAGE_ADDRESSES) == 1


def test_it_is_404_for_others_and_401_without_login(
    people: People, two: tuple[TestClient, TestClient]
) -> None:
    _, bob = two
    reader = people.add("rita", "reader")
    for path in ("", "/api/studies", "/static/bundle.js", "/csv/1", "/api/studies/1/../../x"):
        assert bob.get(PLACE + path).status_code == 404, path
        assert people.visitor().get(PLACE + path).status_code in (401, 404), path
    assert people.visitor().get(PLACE).status_code == 401
    assert reader.get(f"{PLACE}/api/studies").status_code == 200
    assert people.admin.get(f"{PLACE}/api/studies").status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_can_be_written_through_it(
    people: People, two: tuple[TestClient, TestClient], method: str
) -> None:
    ann, _ = two
    for path in ("", "/api/studies", "/api/studies/1", "/api/trials/1/tell", "/api/llm/x"):
        for client in (ann, people.admin):
            assert client.request(method, PLACE + path, json={}).status_code == 405, path
    assert len(ann.get(f"{PLACE}/api/studies").json()["study_summaries"]) == 1


def test_its_page_is_kept_to_its_own_data(two: tuple[TestClient, TestClient]) -> None:
    ann, _ = two
    here = ADDRESS.removeprefix("http://") + PLACE
    policy = dict(
        part.strip().split(" ", 1)
        for part in ann.get(PLACE).headers["content-security-policy"].split(";")
    )
    assert policy["default-src"] == policy["worker-src"] == policy["form-action"] == "'none'"
    assert policy["connect-src"] == f"{here}/api/"
    assert policy["script-src"] == f"{here}/static/ 'unsafe-eval'"
    assert "popups" not in policy["sandbox"]
    assert "unsafe" not in ann.get("/").headers["content-security-policy"]
    odd = {"Host": "127.0.0.1:8321; script-src *"}
    assert ann.get(PLACE, headers=odd).status_code == 409


def test_a_search_that_has_not_begun_has_none_and_gets_no_file(
    people: People, two: tuple[TestClient, TestClient]
) -> None:
    ann, _ = two
    answer = ann.get(f"/v1/searches/{ID[::-1]}/dashboard/api/studies")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert list(people.app.state.service.searches.folder(ID[::-1]).path.iterdir()) == []


def test_it_comes_back_when_its_process_was_killed(
    people: People, two: tuple[TestClient, TestClient]
) -> None:
    ann, _ = two
    service = people.app.state.service
    service.dashboard._process.kill()
    answer = ann.get(f"{PLACE}/api/studies")
    assert answer.status_code == 200
    process = service.dashboard._process
    service.dashboard.close()
    assert process.poll() is not None
    refused = ann.get(f"{PLACE}/api/studies")
    assert refused.status_code == 503
    assert json.loads(refused.text)["detail"] == "the service is stopping"
