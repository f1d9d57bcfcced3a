"""A service in a folder of its own, and users who are logged in."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import insert
from starlette.testclient import TestClient

from automl.service import credentials
from automl.service.app import create_app
from automl.service.database import searches
from automl.service.settings import ServiceSettings

# Guessing what is stored is made slow; nobody guesses here.
credentials.LOG_N = 8

PASSWORD = "four lazy words here"
ADDRESS = "http://127.0.0.1:8321"


def visitor(app: FastAPI) -> TestClient:
    """Somebody who is not logged in."""
    return TestClient(app, base_url=ADDRESS, raise_server_exceptions=False)


def enter(app: FastAPI, invitation: str, name: str | None = None) -> TestClient:
    """Somebody who has accepted an invitation."""
    client = visitor(app)
    body = {"invitation": invitation, "name": name, "password": PASSWORD}
    answer = client.post("/v1/invitations/accept", json=body)
    assert answer.status_code == 204, answer.text
    return client


class People:
    """Users of one service: an administrator, and whoever is asked for."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        invitation = app.state.service.accounts.invite_first()
        self.admin = enter(app, invitation, "ada")

    def restart(self) -> None:
        """Let another process take over what is kept; who is logged in stays it."""
        service = self.app.state.service
        service.close()
        self.app = create_app(service.settings)
        self.admin.app = self.app
        self.admin._transport.app = self.app

    def visitor(self) -> TestClient:
        return visitor(self.app)

    def add(self, name: str, role: str = "user") -> TestClient:
        made = self.admin.post("/v1/users", json={"name": name, "role": role})
        assert made.status_code == 201, made.text
        return enter(self.app, made.json()["invitation"])


def add_search(people: People, owner: int, name: str, bundle: Path | None) -> str:
    """A search that has finished, with this bundle as its best."""
    service = people.app.state.service
    search = f"s-{owner}-{name}"[:16]
    row = {"id": search, "owner": owner, "name": name, "dataset": name, "options": "{}"}
    row |= {"priority": 0, "state": "finished", "attempt": 1, "crashes": 0}
    row |= {"created": 0.0, "queued": 0.0, "compute_seconds": 1.0}
    with service.database.write() as connection:
        connection.execute(insert(searches).values(row))
    if bundle is not None:
        shutil.copytree(bundle, service.settings.searches / search / "studies" / name / "best")
    return search


@pytest.fixture
def make_people(tmp_path: Path) -> Iterator[Callable[..., People]]:
    """A fresh service with other settings than the defaults: ``make_people(max_upload=10)``."""
    made: list[FastAPI] = []

    def make(**settings: object) -> People:
        values = {"root": tmp_path / f"service-{len(made)}", "max_running": 0, **settings}
        made.append(create_app(ServiceSettings(**values)))
        return People(made[-1])

    yield make
    for app in made:
        app.state.service.close()


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    """A service that the tests of a file share, in which no search runs."""
    app = create_app(ServiceSettings(tmp_path_factory.mktemp("service"), max_running=0))
    yield People(app)
    app.state.service.close()
