"""What every executor must do: this suite runs over each file of `automl/executors`."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from executor_jobs import Copy, Count, Fail, Group, UntilStopped

from automl.data import PreparedData
from automl.executors import EXECUTORS, Executor, JobError, Message
from automl.trial import Stop

Drain = Callable[..., list[Message]]


def test_a_job_yields_in_order_and_then_returns(
    executor: Executor, drain: Drain, data: PreparedData
) -> None:
    ticket = executor.submit(Count(3))
    messages = drain(executor)
    assert [m.payload for m in messages[:-1]] == [1, 2, 3]
    assert messages[-1].payload == pytest.approx(float(data.train_X.sum()))
    assert [m.final for m in messages] == [False, False, False, True]
    assert {(m.ticket, m.worker) for m in messages} == {(ticket, 0)}


def test_every_job_has_a_ticket_of_its_own(executor: Executor, drain: Drain) -> None:
    tickets = []
    for _ in range(3):
        tickets.append(executor.submit(Count(1)))
        assert {m.ticket for m in drain(executor)} == {tickets[-1]}
    assert len(set(tickets)) == 3


def test_a_worker_is_busy_until_its_job_is_over(executor: Executor, drain: Drain) -> None:
    assert executor.workers == executor.idle == 1
    executor.submit(Count(1))
    assert executor.idle == 0
    assert executor.next_message(60.0) is not None
    assert executor.idle == 0
    drain(executor)
    assert executor.idle == 1


def test_an_exception_is_a_result_with_its_traceback(executor: Executor, drain: Drain) -> None:
    executor.submit(Fail())
    first, last = drain(executor)
    assert first.payload == 1
    assert isinstance(last.payload, JobError)
    assert last.payload.reason == "ValueError: the soup is cold"
    assert "executor_jobs.py" in last.payload.traceback
    executor.submit(Count(0))
    assert not isinstance(drain(executor)[-1].payload, JobError)


@pytest.mark.parametrize("why", list(Stop))
def test_a_job_is_told_to_stop_and_why(executor: Executor, drain: Drain, why: Stop) -> None:
    ticket = executor.submit(UntilStopped())
    assert executor.next_message(60.0) is not None
    executor.stop(ticket, why)
    assert drain(executor)[-1].payload is why


def test_a_stop_does_not_reach_the_next_job(executor: Executor, drain: Drain) -> None:
    first = executor.submit(UntilStopped())
    executor.stop(first, Stop.PRUNE)
    drain(executor)
    executor.stop(first, Stop.PRUNE)  # too late: nobody is listening
    second = executor.submit(UntilStopped())
    for _ in range(3):
        message = executor.next_message(60.0)
        assert message is not None
        assert not message.final
    executor.stop(second, Stop.FINISH)
    assert drain(executor)[-1].payload is Stop.FINISH


def test_no_message_is_none(executor: Executor) -> None:
    assert executor.next_message(0.0) is None


def test_closing_in_the_middle_of_a_job_leaves_no_child(executor: Executor) -> None:
    executor.submit(UntilStopped())
    assert executor.next_message(60.0) is not None
    executor.close()
    assert multiprocessing.active_children() == []


def test_closing_twice_does_no_harm(executor: Executor) -> None:
    executor.close()
    executor.close()


@pytest.mark.parametrize("name", EXECUTORS.names())
def test_an_executor_without_work_can_be_closed(name: str, tmp_path: Path) -> None:
    with EXECUTORS.get(name)(1):
        pass
    assert multiprocessing.active_children() == []


def test_members_of_a_job_speak_and_are_stopped_one_by_one(
    executor: Executor, drain: Drain
) -> None:
    ticket = executor.submit(Group(3))
    heard = set()
    while heard != {0, 1, 2}:
        message = executor.next_message(60.0)
        assert message is not None
        heard.add(message.member)
    for member, why in {1: Stop.PRUNE, 0: Stop.FINISH, 2: Stop.FINISH}.items():
        executor.stop(ticket, why, member=member)
    assert drain(executor)[-1].payload == {0: Stop.FINISH, 1: Stop.PRUNE, 2: Stop.FINISH}


def test_the_other_members_of_a_job_go_on(executor: Executor, drain: Drain) -> None:
    ticket = executor.submit(Group(2))
    assert executor.next_message(60.0) is not None
    executor.stop(ticket, Stop.PRUNE, member=0)
    alone = 0
    while alone < 12:  # what was said before the stop came may still be on its way
        message = executor.next_message(60.0)
        assert message is not None
        assert not message.final
        alone = alone + 1 if message.member == 1 else 0
    executor.stop(ticket, Stop.FINISH, member=1)
    assert drain(executor)[-1].payload == {0: Stop.PRUNE, 1: Stop.FINISH}


def test_a_stop_of_the_job_reaches_every_member(executor: Executor, drain: Drain) -> None:
    ticket = executor.submit(Group(3))
    assert executor.next_message(60.0) is not None
    executor.stop(ticket, Stop.FINISH)
    assert drain(executor)[-1].payload == dict.fromkeys(range(3), Stop.FINISH)
    second = executor.submit(Group(1))
    message = executor.next_message(60.0)
    assert message is not None
    assert not message.final, "stops end with their job"
    executor.stop(second, Stop.FINISH)
    drain(executor)


def test_the_last_message_says_where_the_job_ran(executor: Executor, drain: Drain) -> None:
    executor.submit(Count(1))
    first, last = drain(executor)
    assert first.info is None
    assert last.info is not None
    assert last.info.host
    assert last.info.memory > 1_000_000
    assert (last.info.pid != os.getpid()) == executor.own_process


def test_a_job_finds_its_files_and_leaves_its_own(
    executor: Executor, drain: Drain, tmp_path: Path
) -> None:
    source, target = tmp_path / "source.txt", tmp_path / "target.txt"
    source.write_text("half ", encoding="utf-8")
    job = Copy(str(source), str(target))
    assert (job.input_files(), job.output_files()) == ((str(source),), (str(target),))
    executor.submit(job)
    assert drain(executor)[-1].payload == str(target)
    assert target.read_text(encoding="utf-8") == "half half "
    assert Copy(str(source), None).output_files() == ()


def test_a_worker_can_be_ended_and_measured_where_it_is_a_process(
    executor: Executor, drain: Drain
) -> None:
    ticket = executor.submit(UntilStopped())
    assert executor.next_message(60.0) is not None
    if executor.own_process:
        assert executor.memory(ticket) > 1_000_000
        assert executor.seconds(ticket) > 0.0
        executor.kill(ticket, "it took too long")
        assert drain(executor)[-1].payload == JobError("it took too long")
    else:
        assert (executor.memory(ticket), executor.seconds(ticket)) == (0, 0.0)
        executor.stop(ticket, Stop.FINISH)
        drain(executor)
    executor.submit(Count(0))
    assert not isinstance(drain(executor)[-1].payload, JobError)
