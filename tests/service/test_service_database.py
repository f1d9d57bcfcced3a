"""The database: older ones are brought up to date, newer ones refused; and copies of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from service_people import People, visitor
from sqlalchemy import text

from automl.errors import ConfigError
from automl.service import database as module
from automl.service.app import create_app
from automl.service.backup import back_up
from automl.service.database import SCHEMA_VERSION, Database
from automl.service.settings import ServiceSettings


def _set_version(database: Database, version: int) -> None:
    with database.write() as connection:
        connection.execute(text(f"UPDATE service_schema SET version = {version}"))


def test_a_newer_database_is_refused_in_one_line(
    tmp_path: Path, one_line: Callable[[str], str]
) -> None:
    url = f"sqlite:///{tmp_path}/service.db"
    database = Database(url)
    _set_version(database, SCHEMA_VERSION + 1)
    database.close()
    with pytest.raises(ConfigError) as error:
        Database(url)
    assert "use the newer automl" in one_line(str(error.value))


def test_an_older_database_is_brought_up_to_date_step_by_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path}/service.db"
    database = Database(url)
    _set_version(database, SCHEMA_VERSION - 2)
    with database.write() as connection:
        connection.execute(text("CREATE TABLE old (kept INTEGER)"))
        connection.execute(text("INSERT INTO old VALUES (7)"))
    database.close()
    steps = {
        SCHEMA_VERSION - 2: ("ALTER TABLE old RENAME TO newer",),
        SCHEMA_VERSION - 1: ("ALTER TABLE newer ADD COLUMN more INTEGER",),
    }
    monkeypatch.setattr(module, "UPGRADES", steps)
    database = Database(url)
    with database.read() as connection:
        assert connection.execute(text("SELECT kept, more FROM newer")).one() == (7, None)
        version = connection.execute(text("SELECT version FROM service_schema")).scalar_one()
    assert version == SCHEMA_VERSION
    database.close()


def test_a_step_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path}/service.db"
    database = Database(url)
    _set_version(database, SCHEMA_VERSION - 1)
    database.close()
    broken = ("CREATE TABLE half (x INTEGER)", "ALTER TABLE nowhere ADD COLUMN y INTEGER")
    with monkeypatch.context() as patch:
        patch.setattr(module, "UPGRADES", {SCHEMA_VERSION - 1: broken})
        with pytest.raises(ConfigError, match="nowhere"):
            Database(url)
    monkeypatch.setattr(
        module, "UPGRADES", {SCHEMA_VERSION - 1: ("CREATE TABLE half (x INTEGER)",)}
    )
    Database(url).close()


def test_a_database_that_cannot_be_opened_is_one_line_without_its_password(
    one_line: Callable[[str], str],
) -> None:
    for url in ("nonsense", "sqlite:////nowhere/at/all.db", "oracle+none://ada:secret@x/y"):
        with pytest.raises(ConfigError) as error:
            Database(url)
        assert "secret" not in one_line(str(error.value))


def test_a_folder_has_one_service_at_a_time(make_people: Callable[..., People]) -> None:
    settings = make_people().app.state.service.settings
    with pytest.raises(ConfigError, match="another service"):
        create_app(settings)


def test_a_copy_of_a_running_service_goes_on_elsewhere(
    make_people: Callable[..., People], tmp_path: Path
) -> None:
    people = make_people()
    people.admin.put("/v1/datasets/homes", content=b"a,b\n" + b"1,2\n" * 30)
    body = {"dataset": "homes", "options": {"target": ["b"]}}
    search = people.admin.post("/v1/searches", json=body).json()
    settings = people.app.state.service.settings
    (settings.uploads / "half").write_bytes(b"a")
    back_up(settings.root, tmp_path / "copy")
    people.admin.delete(f"/v1/searches/{search['id']}")

    app = create_app(ServiceSettings(tmp_path / "copy", max_running=0))
    try:
        client = visitor(app)
        client.cookies.update(people.admin.cookies)
        assert client.get(f"/v1/searches/{search['id']}").json() == search
        sha256 = client.get("/v1/datasets/homes").json()["sha256"]
        kept = app.state.service.datasets.path(sha256)
        assert kept.read_bytes() == people.app.state.service.datasets.path(sha256).read_bytes()
        assert list(app.state.service.settings.uploads.iterdir()) == []
    finally:
        app.state.service.close()
    with pytest.raises(ConfigError, match="must not exist"):
        back_up(settings.root, tmp_path / "copy")
    with pytest.raises(ConfigError, match="not the folder of a service"):
        back_up(tmp_path, tmp_path / "other")


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"host": "0.0.0.0"}, "needs TLS"),
        ({"host": "0.0.0.0", "tls": True}, "--name"),
        ({"host": "::", "behind_proxy": True}, "--name"),
    ],
)
def test_elsewhere_than_on_loopback_it_needs_tls_and_a_name(
    settings: dict[str, object], why: str, one_line: Callable[[str], str]
) -> None:
    with pytest.raises(ConfigError, match=why) as error:
        ServiceSettings(Path("x"), **settings).check()
    one_line(str(error.value))
    ServiceSettings(Path("x"), host="0.0.0.0", tls=True, names=("here.example",)).check()
    ServiceSettings(Path("x")).check()
