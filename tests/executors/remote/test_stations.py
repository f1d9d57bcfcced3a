"""Stations that come and go, fall silent, lie, or run out of disk: none of it hangs a search."""

from __future__ import annotations

import asyncio
import errno
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from automl.data import PreparedStore
from automl.errors import ConfigError, StudyError
from automl.executors import JobError, Message
from automl.executors.remote import executor as executor_module
from automl.executors.remote import link as link_module
from automl.executors.remote import talk as talk_module
from automl.executors.remote.data_folder import MARK, seen_here
from automl.executors.remote.engine import Engine, EngineError, StationError
from automl.executors.remote.executor import RemoteExecutor
from automl.executors.remote.station import Station
from automl.executors.remote.wire import encode, pack, unpack
from automl.testing._executor_jobs import Copy, Count, UntilStopped
from automl.trial import Stop

Drain = Callable[..., list[Message]]
Answer = Callable[[dict[str, Any], list[bytes]], bytes | None]


class Nearby(Engine):
    """Stations in this process; a test takes one away, or answers in its place."""

    name, advice = "the test", "start another test"

    def __init__(self) -> None:
        self.stations: dict[str, Station] = {}
        self.answers: dict[str, Answer] = {}
        self.broken = False
        self.heard: list[tuple[str, str]] = []
        self.sees_files = False
        """Whether stations see the search's folder, as they would on one file system."""

    async def start(self) -> None: ...

    async def addresses(self) -> list[str]:
        if self.broken:
            raise EngineError("connection refused")
        return [*self.stations]

    async def call(self, address: str, request: bytes) -> bytes:
        head, blobs = unpack(request)
        self.heard.append((address, head["what"]))
        if head["what"] == "have" and not self.sees_files:
            request = pack({**head, "folder": "/not/here"}, blobs)
        await asyncio.sleep(0.001)  # no request is answered at once
        if (answer := self.answers.get(address)) is not None:
            found = answer(head, blobs)
            if found == b"silence":
                await asyncio.sleep(3600.0)
            if found is not None:
                return found
        if address not in self.stations:
            raise StationError("the connection to it has broken")
        return await asyncio.to_thread(self.stations[address].handle, request)

    async def close(self) -> None: ...


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses that are made for networks are short."""
    for name in ("LOST_SECONDS", "BUSY_SECONDS", "SPARE_SECONDS", "LOOK_SECONDS"):
        monkeypatch.setattr(link_module, name, 0.05)
    monkeypatch.setattr(talk_module, "POLL_SECONDS", 0.05)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Nearby]:
    engine = Nearby()
    engine.stations["one"] = Station(1, tmp_path / "one")
    yield engine
    for station in engine.stations.values():
        station.close()


@pytest.fixture
def executor(engine: Nearby, store: PreparedStore, tmp_path: Path) -> Iterator[RemoteExecutor]:
    with RemoteExecutor(engine, 8) as executor:
        executor.provide(store, tmp_path / "shared")
        yield executor


def _until(executor: RemoteExecutor, idle: int) -> None:
    while executor.idle != idle:
        assert executor.next_message(0.05) is None


def _listen(executor: RemoteExecutor) -> None:
    while True:
        executor.next_message(0.1)


def test_a_station_that_leaves_costs_its_job_and_another_one_takes_over(
    engine: Nearby, executor: RemoteExecutor, drain: Drain, tmp_path: Path
) -> None:
    assert (executor.workers, executor.idle) == (1, 1)
    ticket = executor.submit(UntilStopped())
    message = executor.next_message(60.0)
    assert message is not None
    engine.stations.pop("one").close()
    last = drain(executor)[-1]
    assert (last.ticket, last.payload.blame) == (ticket, "worker")
    assert executor.idle == 0
    engine.stations["two"] = Station(2, tmp_path / "two")
    _until(executor, 2)
    numbers = set()
    for _ in range(2):
        executor.submit(Count(0))
    for message in drain(executor, jobs=2):
        assert not isinstance(message.payload, JobError)
        numbers.add(message.worker)
    assert numbers == {0, 1}


def test_data_that_a_machine_sees_where_the_search_has_it_is_not_sent(
    engine: Nearby, executor: RemoteExecutor, drain: Drain, tmp_path: Path
) -> None:
    engine.sees_files = True
    executor.submit(Count(0))
    seen = drain(executor)[-1].payload
    assert "put" not in {what for _, what in engine.heard}
    engine.sees_files = False
    engine.stations["apart"] = Station(1, tmp_path / "apart")
    _until(executor, 2)
    executor.submit(Count(0))
    executor.submit(Count(0))
    assert {m.payload for m in drain(executor, jobs=2)} == {seen}
    assert ("apart", "put") in engine.heard
    executor.close()
    assert [path for path in (tmp_path / "one").rglob("*") if path.is_file()] == []
    assert list((tmp_path / "shared").rglob("*.npy")), "the search's own files are left alone"


def test_another_folder_of_that_name_is_not_taken_for_the_searchs(tmp_path: Path) -> None:
    (tmp_path / MARK).write_text("of another search")
    assert seen_here(str(tmp_path), "of this one") is None
    assert seen_here(str(tmp_path / "none"), "of this one") is None


def test_a_job_waits_where_there_was_a_worker_a_moment_ago(
    engine: Nearby, executor: RemoteExecutor, drain: Drain, tmp_path: Path
) -> None:
    station = engine.stations.pop("one")
    _until(executor, 0)
    executor.submit(Count(0))
    engine.stations["two"] = station
    assert isinstance(drain(executor)[-1].payload, float)


def test_data_is_sent_once_to_a_machine(
    engine: Nearby, executor: RemoteExecutor, drain: Drain, tmp_path: Path
) -> None:
    executor.submit(Count(0))
    first = drain(executor)[-1].payload
    sent = sum(what == "put" for _, what in engine.heard)
    assert sent > 0
    engine.stations["beside"] = Station(1, tmp_path / "one")
    _until(executor, 2)
    executor.submit(Count(0))
    executor.submit(Count(0))
    assert {m.payload for m in drain(executor, jobs=2)} == {first}
    assert {address for address, what in engine.heard if what == "begin"} == {"one", "beside"}
    assert sum(what == "put" for _, what in engine.heard) == sent
    executor.close()
    left = [path for path in (tmp_path / "one").rglob("*") if path.is_file()]
    assert left == [], "a closed search leaves nothing on a worker's machine"


@pytest.mark.parametrize("kind", ["silence", "noise", "pickle", "other type", "other file"])
def test_a_station_that_does_not_speak_our_language_is_left(
    engine: Nearby,
    executor: RemoteExecutor,
    drain: Drain,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
) -> None:
    monkeypatch.setattr(talk_module, "SILENCE_SECONDS", 3.0)
    target = tmp_path / "unpickled"

    class Evil:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.write_text, (target, "it ran"))

    def answer(head: dict[str, Any], blobs: list[bytes]) -> bytes | None:
        if head["what"] != "poll":
            return None
        payload = {
            "other type": {"is": "Popen", "has": {"args": "true"}},
            "other file": encode(str(tmp_path)),
        }
        if kind not in payload:
            return {"noise": b"\xff" * 99, "pickle": pickle.dumps(Evil())}.get(kind, b"silence")
        plain = {"what": "final", "payload": payload[kind], "ticket": ticket, "number": 1}
        return pack({"messages": [{**plain, "blobs": 0}]})

    ticket = executor.submit(Copy(__file__, str(tmp_path / "copy.txt")))
    engine.answers["one"] = answer
    last = drain(executor)[-1]
    assert isinstance(last.payload, JobError)
    assert last.payload.blame == "worker"
    assert not target.exists()
    if kind == "silence":  # it may come to its senses; what lies is never used again
        engine.stations.pop("one").close()
    engine.stations["two"] = Station(1, tmp_path / "two")
    _until(executor, 1)
    executor.submit(Count(0))
    assert isinstance(drain(executor)[-1].payload, float)


def test_a_job_that_is_not_ended_costs_the_station(
    engine: Nearby, executor: RemoteExecutor, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executor_module, "DEAF_SECONDS", 0.1)
    engine.answers["one"] = lambda head, blobs: pack({}) if head["what"] == "kill" else None
    ticket = executor.submit(UntilStopped())
    executor.next_message(60.0)
    executor.stop(ticket, Stop.FINISH)  # so that it falls silent
    engine.answers["one"] = lambda head, blobs: (
        pack({"messages": []}) if head["what"] in {"poll", "kill"} else None
    )
    executor.kill(ticket, "it took too long")
    while (message := executor.next_message(1.0)) is None or not message.final:
        pass
    assert message.payload == JobError("it took too long")


def test_a_full_disk_over_there_is_the_workers_fault(
    engine: Nearby, executor: RemoteExecutor, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = pack({"error": f"pc1: {OSError(errno.ENOSPC, 'No space left')}", "unfit": True})
    engine.answers["one"] = lambda head, blobs: full if head["what"] == "put" else None
    executor.submit(Count(0))
    error = drain(executor)[-1].payload
    assert error.blame == "worker"
    assert "No space left" in error.reason


def test_a_station_serves_one_search_and_then_the_next(
    engine: Nearby, executor: RemoteExecutor, store: PreparedStore, drain: Drain, tmp_path: Path
) -> None:
    with RemoteExecutor(engine, 8) as second:
        executor.submit(UntilStopped())
        assert executor.next_message(60.0) is not None
        assert second.next_message(0.3) is None
        assert second.idle == 0
        executor.close()
        second.provide(store, tmp_path / "other")
        second.submit(Count(0))
        assert isinstance(drain(second)[-1].payload, float)


def test_a_search_that_gives_no_sign_loses_its_lease(
    engine: Nearby, store: PreparedStore, tmp_path: Path
) -> None:
    station = Station(1, tmp_path / "leased", lease=0.2)
    hello = pack({"what": "hello", "session": "gone 1"}, [pickle.dumps(())])
    assert unpack(station.handle(hello))[0]["slots"] == 1
    other = pack({"what": "hello", "session": "next 1"}, [pickle.dumps(())])
    assert unpack(station.handle(other))[0] == {"busy": True}
    while "slots" not in unpack(station.handle(other))[0]:
        pass
    assert "error" in unpack(station.handle(pack({"what": "poll", "session": "gone 1"})))[0]
    station.close()


def test_other_versions_are_named_in_one_line(
    engine: Nearby, tmp_path: Path, store: PreparedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executor_module, "START_SECONDS", 1.0)

    def answer(head: dict[str, Any], blobs: list[bytes]) -> bytes:
        facts = {"host": "pc7", "versions": {"Python": "2.7"}}
        return pack({"slots": 1, "facts": facts})

    engine.answers["one"] = answer
    with RemoteExecutor(engine, 1) as executor, pytest.raises(ConfigError) as raised:
        executor.provide(store, tmp_path / "shared")
    assert "pc7 is not used: Python is 2.7 there and 3." in str(raised.value)
    assert str(raised.value).endswith("start another test")


def test_an_engine_that_ends_is_one_line(
    engine: Nearby, executor: RemoteExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_module, "ENGINE_SECONDS", 0.2)
    executor.submit(Count(0))
    engine.broken = True
    with pytest.raises(StudyError, match="the test does not answer: connection refused"):
        _listen(executor)


def test_a_search_without_workers_ends_in_one_line(
    engine: Nearby, executor: RemoteExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executor_module, "ALONE_SECONDS", 0.2)
    engine.stations.pop("one").close()
    with pytest.raises(StudyError, match="has had no worker"):
        _listen(executor)
