"""What every executor must do: this suite runs over each file of `automl/executors`."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from pathlib import Path

import pytest
from executor_jobs import Count, Fail, UntilStopped

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
