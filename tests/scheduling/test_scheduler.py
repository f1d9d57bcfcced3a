"""The scheduler: whose turn it is, who is told what, and when it is over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from automl.data import PreparedStore
from automl.executors import Executor, JobError, Message
from automl.job import Job
from automl.scheduling.limits import Limits
from automl.scheduling.scheduler import Scheduler
from automl.scheduling.stream import Stream
from automl.trial import Stop


class FakeExecutor(Executor):
    """Runs no job: a submitted one says 1, 2, ... as often as it is named, then ends."""

    def __init__(self, workers: int) -> None:
        super().__init__(workers)
        self.tickets = 0
        self.jobs: dict[int, list[Any]] = {}
        self.worker: dict[int, int] = {}
        self.stopped: list[tuple[int, Stop]] = []
        self.order: list[Any] = []
        self.looked: dict[int, int] = {}

    def provide(self, data: PreparedStore, folder: Path) -> None: ...

    @property
    def idle(self) -> int:
        return self.workers - len(self.jobs)

    def submit(self, job: Any) -> int:
        assert self.idle
        self.tickets += 1
        self.order.append(job)
        free = set(range(self.workers)) - {self.worker[t] for t in self.jobs}
        self.worker[self.tickets] = min(free)
        self.jobs[self.tickets] = [*range(1, job[1] + 1), f"{job[0]} is done"]
        return self.tickets

    def stop(self, ticket: int, why: Stop, member: int | None = None) -> None:
        self.stopped.append((ticket, why))
        if ticket in self.jobs:
            self.jobs[ticket] = self.jobs[ticket][-1:]

    def next_message(self, timeout: float) -> Message | None:
        for ticket, left in self.jobs.items():
            payload = left.pop(0)
            final = not left
            if final:
                del self.jobs[ticket]
            return Message(ticket, self.worker[ticket], payload, final)
        return None

    def kill(self, ticket: int, reason: str, member: int | None = None) -> None:
        self.jobs[ticket] = [JobError(reason, member=member)]

    def seconds(self, ticket: int) -> float:
        return float(self.looked.setdefault(ticket, 0))

    def memory(self, ticket: int) -> int:
        self.looked[ticket] = self.looked.get(ticket, 0) + 1
        return 1000 * self.looked[ticket]

    def close(self) -> None: ...


class Named(tuple[str, int]):
    """Stands for a job: ``(name, steps)``."""

    members = 1


class Listed(Stream):
    """Has jobs ``(name, steps)``, and remembers what it is told."""

    def __init__(self, *jobs: tuple[str, int]) -> None:
        self.jobs = [Named(job) for job in jobs]
        self.heard: list[tuple[Any, Any]] = []
        self.over: list[tuple[Any, Any]] = []
        self.answer: Stop | None = None
        self.everybody: Stop | None = None

    def next_job(self) -> tuple[Job, Any] | None:
        if not self.jobs:
            return None
        job = self.jobs.pop(0)
        return job, job[0]  # type: ignore[return-value]

    def progress(self, key: Any, message: Message) -> Stop | None:
        self.heard.append((key, message.payload))
        return self.answer

    def finished(self, key: Any, message: Message) -> None:
        self.over.append((key, message.payload))

    def should_stop_all(self) -> Stop | None:
        return self.everybody


@pytest.fixture
def ticks() -> list[int]:
    return []


def _run(
    executor: FakeExecutor, *streams: Listed, until: Stream, tick: Callable[[], None] = lambda: None
) -> None:
    scheduler = Scheduler(executor, tick)
    for stream in streams:
        scheduler.add(stream)
    scheduler.run(until=until)


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_every_job_is_run_and_its_stream_is_told(workers: int) -> None:
    stream = Listed(("a", 2), ("b", 0), ("c", 1))
    _run(FakeExecutor(workers), stream, until=stream)
    assert sorted(stream.over) == [(n, f"{n} is done") for n in "abc"]
    assert sorted(stream.heard) == [("a", 1), ("a", 2), ("c", 1)]


def test_the_first_stream_is_served_first() -> None:
    first, second = Listed(("a", 1), ("b", 1)), Listed(("c", 1), ("d", 1))
    executor = FakeExecutor(1)
    _run(executor, first, second, until=second)
    assert [name for name, _ in executor.order] == ["a", "b", "c", "d"]


def test_a_stream_that_is_added_ahead_goes_first() -> None:
    later, sooner = Listed(("a", 1)), Listed(("b", 1))
    executor = FakeExecutor(1)
    scheduler = Scheduler(executor, lambda: None)
    scheduler.add(later)
    scheduler.add(sooner, ahead=True)
    scheduler.run(until=sooner)
    assert [name for name, _ in executor.order] == ["b"]


def test_it_is_over_when_the_stream_has_no_job_left_though_others_have() -> None:
    trials, baselines = Listed(("a", 1), ("b", 1)), Listed(("slow", 9), ("slower", 9))
    executor = FakeExecutor(1)
    _run(executor, trials, baselines, until=trials)
    assert [name for name, _ in executor.order] == ["a", "b"]
    assert baselines.jobs


def test_what_another_stream_has_begun_goes_on_in_the_next_run() -> None:
    trials, baselines = Listed(("a", 1)), Listed(("slow", 9))
    executor = FakeExecutor(2)
    scheduler = Scheduler(executor, lambda: None)
    for stream in (baselines, trials):
        scheduler.add(stream)
    scheduler.run(until=trials)
    scheduler.run(until=baselines)
    assert baselines.over == [("slow", "slow is done")]


def test_an_answer_stops_the_job_that_it_is_for() -> None:
    stream = Listed(("a", 9), ("b", 0))
    stream.answer = Stop.PRUNE
    executor = FakeExecutor(1)
    _run(executor, stream, until=stream)
    assert executor.stopped == [(1, Stop.PRUNE)]
    assert stream.heard == [("a", 1)]


def test_stopping_all_reaches_the_jobs_of_that_stream_only() -> None:
    stopped, other = Listed(("a", 99)), Listed(("b", 2))
    stopped.everybody = Stop.FINISH
    executor = FakeExecutor(2)
    _run(executor, stopped, other, until=stopped)
    assert {ticket for ticket, _ in executor.stopped} == {1}
    assert stopped.over == [("a", "a is done")]


def test_a_stream_without_jobs_is_over_at_once() -> None:
    stream = Listed()
    _run(FakeExecutor(1), stream, until=stream)
    assert stream.over == []


def test_the_view_is_refreshed_while_it_runs(ticks: list[int]) -> None:
    stream = Listed(("a", 5))
    _run(FakeExecutor(1), stream, until=stream, tick=lambda: ticks.append(1))
    assert ticks


class Failing(FakeExecutor):
    def next_message(self, timeout: float) -> Message | None:
        message = super().next_message(timeout)
        if message is None or not message.final:
            return message
        return Message(message.ticket, message.worker, JobError("no luck"), final=True)


def test_a_batch_keeps_results_and_errors_apart() -> None:
    for executor, results, errors in (
        (FakeExecutor(2), {"x": "a is done", "y": "b is done"}, {}),
        (Failing(2), {}, {"x": "no luck", "y": "no luck"}),
    ):
        scheduler = Scheduler(executor, lambda: None)  # type: ignore[arg-type]
        batch = scheduler.run_batch({"x": Named(("a", 1)), "y": Named(("b", 0))})  # type: ignore[dict-item]
        assert (batch.results, batch.errors) == (results, errors)


def test_a_batch_is_told_to_finish_when_time_is_up() -> None:
    executor = FakeExecutor(1)
    scheduler = Scheduler(executor, lambda: None)  # type: ignore[arg-type]
    jobs = {"x": Named(("a", 99))}
    scheduler.run_batch(jobs, over=lambda: "stopped by the time budget")  # type: ignore[arg-type]
    assert executor.stopped[0] == (1, Stop.FINISH)


class Mortal(FakeExecutor):
    """Its workers die under the first so many jobs."""

    def __init__(self, workers: int, deaths: int) -> None:
        super().__init__(workers)
        self.deaths = deaths

    def next_message(self, timeout: float) -> Message | None:
        message = super().next_message(timeout)
        if message is None or not message.final or self.deaths == 0:
            return message
        self.deaths -= 1
        return Message(message.ticket, 0, JobError("it died", blame="worker"), final=True)


@pytest.mark.parametrize(
    ("deaths", "end"), [(1, "a is done"), (2, JobError("it died", "", "worker"))]
)
def test_a_job_whose_worker_died_is_tried_again_once(deaths: int, end: object) -> None:
    stream = Listed(("a", 1))
    executor = Mortal(1, deaths)
    _run(executor, stream, until=stream)
    assert stream.over == [("a", end)]
    assert executor.order == [("a", 1), ("a", 1)]


def test_a_job_that_is_to_blame_itself_is_not_tried_again() -> None:
    stream, executor = Listed(("a", 1)), Failing(1)
    _run(executor, stream, until=stream)
    assert executor.order == [("a", 1)]


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Limits(memory=2500), "needed more memory than --trial-memory"),
        (Limits(memory=10**9, seconds=2.5), "took longer than --trial-timeout, 2.5 s"),
    ],
)
def test_a_job_that_breaks_a_limit_is_ended(limits: Limits, reason: str) -> None:
    stream = Listed(("a", 99), ("b", 1))
    stream.limits = limits
    executor = FakeExecutor(1)
    _run(executor, stream, until=stream)
    (first, error), second = stream.over
    assert first == "a"
    assert reason in error.reason
    assert second == ("b", "b is done")


def test_a_job_that_never_ends_though_it_was_told_to_is_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("automl.scheduling.limits.ANSWER_SECONDS", -1.0)
    monkeypatch.setattr("automl.scheduling.limits.SILENCES", 0)

    class Deaf(FakeExecutor):
        def stop(self, ticket: int, why: Stop, member: int | None = None) -> None: ...

    stream = Listed(("a", 10**5))
    stream.limits, stream.everybody = Limits(listens=True), Stop.FINISH
    _run(Deaf(1), stream, until=stream)
    assert "hung: it was told to stop" in stream.over[0][1].reason


class Pair(Named):
    """Stands for a job of two members, which speak in turn."""

    members = 2


@pytest.mark.parametrize(
    ("told", "reason", "member"),
    [
        ((0, 1), "hung: it was told to stop", None),
        ((1,), "hung: member 1 was told to stop, and went on", 1),
    ],
)
def test_a_job_whose_members_do_not_stop_when_each_is_told_is_ended(
    monkeypatch: pytest.MonkeyPatch, told: tuple[int, ...], reason: str, member: int | None
) -> None:
    monkeypatch.setattr("automl.scheduling.limits.ANSWER_SECONDS", 0.0)
    monkeypatch.setattr("automl.scheduling.limits.SILENCES", 0)

    class Deaf(FakeExecutor):
        def stop(self, ticket: int, why: Stop, member: int | None = None) -> None: ...

        def next_message(self, timeout: float) -> Message | None:
            message = super().next_message(timeout)
            if message is None or message.final:
                return message
            return replace(message, member=message.payload % 2)

    class Telling(Listed):
        def progress(self, key: Any, message: Message) -> Stop | None:
            return Stop.PRUNE if message.member in told else None

    stream = Telling()
    stream.limits, stream.jobs = Limits(listens=True), [Pair(("a", 10**5))]
    _run(Deaf(1), stream, until=stream)
    error = stream.over[0][1]
    assert reason in error.reason
    assert error.member == member


def test_a_member_that_has_stopped_leaves_the_others_their_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("automl.scheduling.limits.ANSWER_SECONDS", 0.0)
    monkeypatch.setattr("automl.scheduling.limits.SILENCES", 0)

    class Obedient(FakeExecutor):
        def stop(self, ticket: int, why: Stop, member: int | None = None) -> None: ...

        def next_message(self, timeout: float) -> Message | None:
            message = super().next_message(timeout)
            return message if message is None else replace(message, member=message.payload == 1)

    class Telling(Listed):
        def progress(self, key: Any, message: Message) -> Stop | None:
            return Stop.PRUNE if message.member == 1 else None

    stream = Telling()
    stream.limits, stream.jobs = Limits(listens=True), [Pair(("a", 50))]
    _run(Obedient(1), stream, until=stream)
    assert stream.over == [("a", "a is done")]
