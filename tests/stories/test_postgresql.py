"""A study and a service in PostgreSQL: no password is stored or shown, and one machine searches."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from commands import SMALL, Ran

import automl

SECRET = "s3cr3t-w0rd"

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"

Cli = Callable[..., Ran]


def _binaries() -> Path | None:
    found = [shutil.which("initdb"), *sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))]
    return next((Path(path).resolve().parent for path in found if path), None)


BINARIES = _binaries()

pytestmark = [
    pytest.mark.skipif(BINARIES is None, reason="no PostgreSQL server is installed"),
    pytest.mark.skipif(find_spec("psycopg") is None, reason="psycopg is not installed"),
]


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """Host and port of a server."""
    assert BINARIES is not None
    # It refuses to run as root, and its files belong to whoever runs it.
    other: dict[str, Any] = {} if os.getuid() else {"user": "nobody", "extra_groups": []}
    folder = Path(tempfile.mkdtemp(prefix="automl-postgresql-"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def run(name: str, *args: str) -> None:
        command = [str(BINARIES / name), "-D", str(folder / "data"), *args]
        log = (folder / "log").open("a")
        with log:
            subprocess.run(
                command,
                check=True,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **other,
            )

    try:
        (folder / "password").write_text(SECRET)
        if other:
            nobody = pwd.getpwnam("nobody")
            for path in (folder, folder / "password"):
                os.chown(path, nobody.pw_uid, nobody.pw_gid)
        password = f"--pwfile={folder / 'password'}"
        run("initdb", "-U", "searcher", "-A", "scram-sha-256", password, "--no-sync")
        options = f"-h 127.0.0.1 -p {port} -k {folder} -F"
        run("pg_ctl", "-w", "-o", options, "start")
        try:
            yield f"127.0.0.1:{port}"
        finally:
            run("pg_ctl", "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def server(cluster: str, request: pytest.FixtureRequest) -> str:
    """The address of a new database, without the password."""
    from sqlalchemy import create_engine, text

    name = f"of_{abs(hash(request.node.name))}"
    engine = create_engine(f"postgresql+psycopg://searcher:{SECRET}@{cluster}/postgres")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return f"{cluster}/{name}"


def test_every_command_finds_the_study_and_asks_the_driver_for_its_password(
    server: str,
    small_search: Cli,
    cli: Cli,
    one_line: Callable[[str], str],
    studies: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("PGPASSWORD", raising=False)
    monkeypatch.setenv("PGPASSFILE", "/nonexistent")
    said = []

    def run(*args: str) -> Ran:
        said.append(cli(*args))
        return said[-1]

    address = f"postgresql+psycopg://searcher:{SECRET}@{server}"
    said.append(small_search("--storage", address))
    assert said[-1].code == 0, said[-1].err
    assert f"searcher@{server}" in said[-1].out  # where the study lies
    wrong = address.replace(SECRET, f"{SECRET}!")
    for command in (
        ("show", "iris"),
        ("report", "iris"),
        ("search", "--dataset", "iris", "--storage", wrong),
    ):
        refused = run(*command)
        assert refused.code == 2
        assert "PGPASSWORD" in one_line(refused.err)
    assert run("studies").err.startswith("iris: ")

    monkeypatch.setenv("PGPASSWORD", SECRET)
    assert run("show", "iris").out.startswith("study iris: 2 trials")
    assert run("studies").out.count("iris") == 2
    assert run("report", "iris").code == 0
    assert run("watch", "iris").code == 0
    assert run("replay", "iris", "--trial", "0").code == 0
    assert run("compare", "iris", "--baselines", "dummy").code == 0
    said.append(small_search("--trials", "3"))  # goes on there
    assert run("show", "iris").out.startswith("study iris: 3 trials")
    assert not (studies / "iris" / "study.db").exists()
    assert run("rename", "iris", "flowers").code == 0
    assert run("show", "flowers").out.startswith("study flowers: 3 trials")

    assert not any(SECRET in ran.out + ran.err for ran in said)
    files = [path for path in studies.rglob("*") if path.is_file()]
    assert not any(SECRET.encode() in path.read_bytes() for path in files)
    kept = _texts(address)
    assert kept
    assert not any(SECRET in row for row in kept)
    assert run("remove", "flowers", "--yes").code == 0
    assert _texts(address) == []
    assert list(studies.iterdir()) == []


def _texts(address: str) -> list[str]:
    """Everything that a study keeps as text."""
    from sqlalchemy import create_engine, text

    tables = ["study_user_attributes", "study_system_attributes", "trial_user_attributes"]
    engine = create_engine(address)
    with engine.connect() as connection:
        found = [connection.execute(text(f"SELECT value_json FROM {name}")) for name in tables]
        rows = [value for result in found for (value,) in result]
    engine.dispose()
    return rows


def test_a_reader_cannot_write(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import optuna
    from sqlalchemy import text
    from sqlalchemy.exc import InternalError

    from automl.study.read_only import read_only_storage

    monkeypatch.setenv("PGPASSWORD", SECRET)
    url = f"postgresql+psycopg://searcher@{server}"
    theirs = optuna.storages.RDBStorage(url)
    optuna.create_study(study_name="theirs", storage=theirs)
    theirs.remove_session()
    theirs.engine.dispose()
    storage = read_only_storage(url)
    assert len(storage.get_all_studies()) == 1
    with (
        pytest.raises(InternalError, match="read-only"),
        storage.engine.begin() as connection,
    ):
        connection.execute(text("DELETE FROM studies"))
    storage.remove_session()
    storage.engine.dispose()


def test_a_service_keeps_everything_there_and_goes_on_after_a_kill(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOML_DATABASE", f"postgresql+psycopg://searcher:{SECRET}@{server}")
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import service_kills

    table = tmp_path / "sales.csv"
    table.write_text("a,b\n" + "\n".join(f"{i % 7},{i % 7 > 3}" for i in range(80)))
    service = service_kills.Server(tmp_path / "service")
    service.start()
    try:
        client = automl.Client(service.address, service.token)
        search = client.search(table, target="b", **service_kills.SMALL)
        service.kill()
        service.start()
        client = automl.Client(service.address, service.token)  # which is known still
        assert client.wait(search)["best"] is not None
        assert client.status(search)["state"] == "finished"
        assert client.status(search)["trials"] == 2
        client.pin("sales", search)
        assert [model["name"] for model in service.ask("GET", "/v1/models")[0]] == ["sales"]
        kinds = [event.name for event in client.watch(search)]
        assert kinds.count("finished") == 1
        assert kinds[-1] == "finished"
        acts = [line["action"] for line in service.ask("GET", "/v1/audit")[0]]
        assert {"dataset.create", "search.create", "model.pin"} <= set(acts)
    finally:
        service.kill()
    root = [path for path in (tmp_path / "service").rglob("*") if path.is_file()]
    assert not any(path.name.startswith("service.db") for path in root)
    files = [*root, tmp_path / "log"]
    assert not any(SECRET.encode() in path.read_bytes() for path in files)


def test_writers_of_a_service_come_one_after_the_other_so_that_each_counts_what_is_there(
    server: str,
) -> None:
    from sqlalchemy import func, insert, select, text

    from automl.service.database import Database, models, users

    database = Database(f"postgresql+psycopg://searcher:{SECRET}@{server}")

    def count_models() -> int:
        with database.write() as connection:
            return int(connection.execute(select(func.count()).select_from(models)).scalar_one())

    waits = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    with ThreadPoolExecutor(1) as other:
        with database.write() as connection:
            ada = {"id": 1, "name": "ada", "role": "user", "created": 0.0}
            connection.execute(insert(users).values(ada))
            counted = other.submit(count_models)
            while not (counted.done() or connection.execute(waits).scalar_one()):
                pass  # pytest's time limit is the only clock
            model = {"id": "m", "owner": 1, "name": "sales", "created": 0.0, "last": 0}
            connection.execute(insert(models).values(model))
        assert counted.result() == 1
    database.close()


ELSEWHERE = """
import socket, sys
socket.gethostname = lambda: "pc2"
from automl.study.writer import StudyStore
store = StudyStore(sys.argv[1])
store.claim.take("iris")
print("taken", flush=True)
sys.stdin.read()
"""
"""Another machine, which searches iris until it is killed."""


def test_a_study_is_searched_by_one_machine_at_a_time_until_that_is_killed(
    server: str, small_search: Cli, cli: Cli, studies: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", SECRET)
    address = f"postgresql+psycopg://searcher@{server}"
    assert small_search("--storage", address).code == 0
    command = [sys.executable, "-c", ELSEWHERE, address]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "taken\n"
        for refused in (
            small_search("--trials", "3"),
            cli("remove", "iris", "--yes"),
            cli("rename", "iris", "flowers"),
            cli("compare", "iris", "--baselines", "dummy"),
        ):
            assert (refused.code, refused.err.count("\n")) == (2, 1)
            assert "study 'iris' is in use by" in refused.err
            assert f"@pc2, process {other.pid}, in the same database" in refused.err
        # A third one, which has no folder of that study, leaves none behind.
        monkeypatch.setenv("AUTOML_STUDIES", f"{studies}-of-pc3")
        assert "@pc2" in small_search("--storage", address).err
        assert not Path(f"{studies}-of-pc3").exists()
        monkeypatch.setenv("AUTOML_STUDIES", str(studies))
        other.kill()
    while "@pc2" in (ran := small_search("--trials", "3")).err:  # the server learns of it
        pass
    assert ran.code == 0
    assert cli("show", "iris").out.startswith("study iris: 3 trials")


def test_a_claim_that_was_lost_is_taken_again_unless_somebody_has_it(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy import text

    from automl.errors import StudyError
    from automl.study.writer import StudyStore

    monkeypatch.setenv("PGPASSWORD", SECRET)
    ours, theirs = (StudyStore(f"postgresql+psycopg://searcher@{server}") for _ in range(2))
    end = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name LIKE 'automl %' AND pid != pg_backend_pid()"
    )

    def end_sessions() -> None:
        with theirs.engine.connect() as connection:
            connection.execute(end)

    ours.claim.take("iris")
    end_sessions()
    assert ours.claim.stands()
    with pytest.raises(StudyError, match="'iris' is in use by"):
        theirs.claim.take("iris")
    theirs.claim.release()
    end_sessions()
    while True:  # until the server has ended the session
        try:
            theirs.claim.take("iris")
            break
        except StudyError:
            pass
    assert not ours.claim.stands()
    assert not ours.claim.stands()
    ours.close()
    theirs.close()


def test_searches_of_different_studies_write_to_one_database_side_by_side(
    server: str, small_search: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    from automl.study.writer import StudyStore

    monkeypatch.setenv("PGPASSWORD", SECRET)
    storage = ["--storage", f"postgresql+psycopg://searcher@{server}"]
    StudyStore(storage[1]).close()  # makes the tables
    command = [sys.executable, "-m", "automl", "search", "--dataset", "iris", *SMALL, *storage]
    with subprocess.Popen(
        [*command, "--study", "there", "--trials", "4"], stdout=subprocess.DEVNULL
    ) as there:
        here = small_search("--study", "here", "--trials", "4", *storage)
        assert (here.code, there.wait()) == (0, 0)
    ours, theirs = (
        [(r.number, dict(r.params), r.valid_score) for r in automl.read_study(name).records]
        for name in ("here", "there")
    )
    assert len(ours) == 4
    assert ours == theirs
