"""Who comes in, with what, and for how long."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from service_people import PASSWORD, People, enter
from sqlalchemy import select
from starlette.testclient import TestClient

from automl.service.attempts import BY_NAME, WINDOW_SECONDS, Attempts
from automl.service.credentials import check_password, hash_password, password_fault
from automl.service.database import metadata


def _token(client: TestClient, **body: object) -> str:
    made = client.post("/v1/tokens", json={"name": "laptop", **body})
    assert made.status_code == 201, made.text
    return str(made.json()["token"])


def _bearer(people: People, token: str) -> TestClient:
    client = people.visitor()
    client.headers["Authorization"] = f"Bearer {token}"
    return client


def test_the_first_link_makes_an_administrator_and_works_once(
    make_people: Callable[..., People],
) -> None:
    people = make_people()
    assert people.admin.get("/v1/me").json() == {"name": "ada", "role": "admin"}
    assert people.app.state.service.accounts.invite_first() is None


def test_a_link_is_worth_nothing_when_it_was_used(people: People) -> None:
    made = people.admin.post("/v1/users", json={"name": "once"}).json()["invitation"]
    enter(people.app, made)
    body = {"invitation": made, "password": PASSWORD}
    again = people.visitor().post("/v1/invitations/accept", json=body)
    assert again.status_code == 404
    assert "was used" in again.json()["detail"]


def test_a_password_logs_in_and_a_wrong_one_does_not(people: People) -> None:
    people.add("bob")
    client = people.visitor()
    refused = client.post("/v1/login", json={"name": "bob", "password": "x" * 12})
    unknown = client.post("/v1/login", json={"name": "nobody", "password": "x" * 12})
    assert (refused.status_code, refused.json()) == (unknown.status_code, unknown.json())
    assert refused.status_code == 401
    assert client.get("/v1/me").status_code == 401
    right = client.post("/v1/login", json={"name": "bob", "password": PASSWORD})
    assert right.status_code == 204
    cookie = right.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie  # loopback has no https
    assert client.get("/v1/me").json()["name"] == "bob"
    assert client.post("/v1/logout").status_code == 204
    assert client.get("/v1/me").status_code == 401


def test_behind_a_proxy_the_cookie_is_kept_to_https(make_people: Callable[..., People]) -> None:
    people = make_people(behind_proxy=True)
    body = {"name": "ada", "password": PASSWORD}
    cookie = people.visitor().post("/v1/login", json=body).headers["set-cookie"]
    assert cookie.startswith("__Host-")
    assert "Secure" in cookie


@pytest.mark.parametrize(
    ("password", "why"),
    [("short", "12 to 256"), ("aaaaaaaaaaaaaaaa", "5 different"), ("carol-carol1", "user's name")],
)
def test_a_weak_password_is_refused_in_one_line_without_it(
    people: People, password: str, why: str
) -> None:
    made = people.admin.post("/v1/users", json={"name": f"carol{len(password)}"})
    invitation = made.json()["invitation"]
    body = {"invitation": invitation, "password": password.replace("carol1", "carol12")}
    answer = people.visitor().post("/v1/invitations/accept", json=body)
    assert answer.status_code == 422
    assert why in answer.json()["detail"] or why == "user's name"
    assert password not in answer.text


def test_many_attempts_are_refused_until_the_window_has_passed() -> None:
    clock = [0.0]
    attempts = Attempts(lambda: clock[0])
    assert [attempts.take("bob", "here") for _ in range(BY_NAME)] == [0.0] * BY_NAME
    assert attempts.take("BOB", "elsewhere") == WINDOW_SECONDS
    assert attempts.take("ann", "here") == 0.0
    clock[0] = WINDOW_SECONDS
    assert attempts.take("bob", "here") == 0.0


def test_too_many_logins_are_429_and_say_when_to_come_back(people: People) -> None:
    client = people.visitor()
    for _ in range(BY_NAME):
        client.app.state.service.accounts._attempts.take("mallory", "elsewhere")  # type: ignore[attr-defined]
    answer = client.post("/v1/login", json={"name": "mallory", "password": PASSWORD})
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0


def test_a_token_is_shown_once_stored_as_its_hash_and_can_be_revoked(people: People) -> None:
    ann = people.add("ann")
    token = _token(ann)
    assert token.startswith("amt_")
    client = _bearer(people, token)
    assert client.get("/v1/me").json() == {"name": "ann", "role": "user"}
    listed = ann.get("/v1/tokens").json()
    assert token not in str(listed)
    assert client.post("/v1/tokens", json={"name": "more"}).status_code == 403
    assert ann.delete(f"/v1/tokens/{listed[0]['id']}").status_code == 204
    assert client.get("/v1/me").status_code == 401


def test_a_token_expires(people: People) -> None:
    service = people.app.state.service
    user = service.accounts.authenticate(people.admin.cookies["automl_session"])
    made = service.accounts.make_token(user, "old", "admin", -1, "")
    assert _bearer(people, made["token"]).get("/v1/me").status_code == 401


def test_a_token_may_do_less_than_its_user_and_never_more(people: People) -> None:
    eve = people.add("eve", "reader")
    assert _bearer(people, _token(eve, role="admin")).get("/v1/me").json()["role"] == "reader"
    lesser = _bearer(people, _token(people.admin, role="user"))
    assert lesser.get("/v1/users").status_code == 403


def test_nothing_that_is_secret_is_in_the_database(people: People) -> None:
    token = _token(people.admin)
    secrets = [token, PASSWORD, people.admin.cookies["automl_session"]]
    with people.app.state.service.database.read() as connection:
        stored = str([connection.execute(select(t)).all() for t in metadata.tables.values()])
    assert [secret for secret in secrets if secret in stored] == []


def test_a_new_password_ends_the_other_sessions(people: People) -> None:
    dan = people.add("dan")
    other = people.visitor()
    assert other.post("/v1/login", json={"name": "dan", "password": PASSWORD}).status_code == 204
    body = {"old": PASSWORD, "new": "another long password"}
    assert dan.put("/v1/me/password", json=body).status_code == 204
    assert dan.get("/v1/me").status_code == 200
    assert other.get("/v1/me").status_code == 401


def test_the_last_administrator_stays_one(make_people: Callable[..., People]) -> None:
    people = make_people()
    answer = people.admin.patch("/v1/users/ada", json={"role": "user"})
    assert answer.status_code == 409
    assert people.admin.delete("/v1/users/ada").status_code == 409
    assert people.admin.get("/v1/me").json()["role"] == "admin"


def test_limits_are_changed_one_by_one(people: People) -> None:
    people.add("fay")
    body = {"limits": {"running": 7}}
    assert people.admin.patch("/v1/users/fay", json=body).status_code == 204
    users = {user["name"]: user for user in people.admin.get("/v1/users").json()}
    assert users["fay"]["limits"]["running"] == 7
    assert users["fay"]["limits"]["bytes"] == people.app.state.service.settings.limits.bytes


def test_the_audit_says_who_did_what(people: People) -> None:
    people.add("gus")
    newest = people.admin.get("/v1/audit", params={"count": 2}).json()
    assert [(e["user"], e["action"]) for e in newest] == [
        ("gus", "user.accept"),
        ("ada", "user.create"),
    ]
    older = people.admin.get("/v1/audit", params={"before": newest[-1]["id"]}).json()
    assert all(entry["id"] < newest[-1]["id"] for entry in older)


def test_a_password_is_stored_salted() -> None:
    stored = hash_password(PASSWORD)
    assert check_password(PASSWORD, stored)
    assert not check_password(PASSWORD + "x", stored)
    assert stored != hash_password(PASSWORD)
    assert password_fault(PASSWORD, "ada") is None
