"""Worker processes: alone, deaf to Ctrl-C, replaced when they die, and gone at the end."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from executor_jobs import Die, Surroundings, tell_environment

from automl.data import PreparedData, PreparedStore
from automl.executors import JobError, Message
from automl.executors._worker_process import MAX_MEMBERS
from automl.executors.inline import InlineExecutor
from automl.executors.process import ProcessExecutor
from automl.processes.spawned import Spawner
from automl.testing._executor_jobs import Count, Group, UntilStopped
from automl.training.jobs import TrainJob
from automl.trial import Candidate, Stop, TrialResult

Drain = Callable[..., list[Message]]


@pytest.fixture
def two(store: PreparedStore, tmp_path: Path) -> Iterator[ProcessExecutor]:
    with ProcessExecutor(2) as executor:
        executor.provide(store, tmp_path / "shared")
        yield executor


def test_two_workers_work_side_by_side(two: ProcessExecutor, drain: Drain) -> None:
    first, second = two.submit(UntilStopped()), two.submit(UntilStopped())
    assert two.idle == 0
    heard = set()
    while heard != {(first, 0), (second, 1)}:
        message = two.next_message(60.0)
        assert message is not None
        heard.add((message.ticket, message.worker))
    two.stop(second, Stop.PRUNE)
    last = next(m for m in drain(two) if m.final)
    assert (last.ticket, last.payload) == (second, Stop.PRUNE)
    assert two.idle == 1
    two.stop(first, Stop.FINISH)
    assert drain(two)[-1].ticket == first


def test_a_worker_has_one_thread_and_never_sees_test_labels(
    two: ProcessExecutor, drain: Drain, data: PreparedData
) -> None:
    two.submit(Surroundings())
    inside = drain(two)[-1].payload
    assert inside["pid"] != os.getpid()
    assert inside["torch threads"] == 1
    assert inside["OMP_NUM_THREADS"] == "1"
    assert inside["deaf to Ctrl-C"]
    assert inside["test rows"] == len(data.test_X)
    assert "test_y" not in inside["fields"]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV])
def test_a_killed_worker_is_a_job_error_and_is_replaced(
    two: ProcessExecutor, drain: Drain, how: signal.Signals
) -> None:
    ticket = two.submit(Die(how))
    first, last = drain(two)
    assert (last.ticket, last.worker, last.final) == (ticket, 0, True)
    assert isinstance(last.payload, JobError)
    assert last.payload.reason.startswith(f"the worker process was killed by {how.name}")
    assert ("out of memory" in last.payload.reason) == (how == signal.SIGKILL)
    assert two.idle == 2
    two.submit(Surroundings())
    assert drain(two)[-1].payload["pid"] != first.payload


def test_a_worker_that_dies_while_idle_is_replaced(two: ProcessExecutor, drain: Drain) -> None:
    two.submit(Surroundings())
    pid = drain(two)[-1].payload["pid"]
    os.kill(pid, signal.SIGKILL)
    for child in multiprocessing.active_children():
        if child.pid == pid:
            child.join()
    two.submit(Count(0))
    assert isinstance(drain(two)[-1].payload, JobError)
    two.submit(Count(0))
    assert not isinstance(drain(two)[-1].payload, JobError)


@pytest.fixture
def two_threads() -> Iterator[None]:
    """This process as a user's is on a machine of two cores."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    assert torch.get_num_threads() == 2, "an executor leaves torch as it was"
    torch.set_num_threads(before)


def test_a_candidate_has_the_same_history_wherever_it_is_trained(
    two: ProcessExecutor,
    drain: Drain,
    make_store: Callable[..., PreparedStore],
    tmp_path: Path,
    two_threads: None,
) -> None:
    # Rows enough for torch to share a sum among threads, which changes its last digits.
    store = make_store(rows=60_000)
    two.provide(store, tmp_path / "large")
    params = {
        "family": "mlp",
        "model.width": 64,
        "model.depth": 2,
        "model.dropout": 0.2,
        "model.normalisation": "batch",
        "training.batch_size": 4096,
    }
    jobs = [
        TrainJob(Candidate(0, 3, params, 2), "accuracy", 10, str(tmp_path / f"{i}.safetensors"))
        for i in range(3)
    ]
    inline = InlineExecutor(1)
    inline.provide(store, tmp_path)
    results: list[TrialResult] = []
    for executor, job in ((inline, jobs[0]), (two, jobs[1]), (two, jobs[2])):
        executor.submit(job)
        results.append(drain(executor)[-1].payload)
    curves = [[(e.train_loss, e.valid_loss, e.valid_score) for e in r.history] for r in results]
    assert curves[0] == curves[1] == curves[2]
    inline.close()
    weights = {(tmp_path / f"{i}.safetensors").read_bytes() for i in range(3)}
    assert len(weights) == 1


def test_nothing_of_the_parent_changes_while_workers_start(
    monkeypatch: pytest.MonkeyPatch, store: PreparedStore, drain: Drain, tmp_path: Path
) -> None:
    """Not for a moment: Ctrl-C would be swallowed, and another thread see what it should not."""
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    changes: list[object] = []
    monkeypatch.setattr(signal, "signal", lambda *args: changes.append(args))
    monkeypatch.setattr(type(os.environ), "__setitem__", lambda *args: changes.append(args))
    with ProcessExecutor(1) as executor:
        executor.provide(store, tmp_path / "shared")
        executor.submit(Surroundings())
        assert drain(executor)[-1].payload["OMP_NUM_THREADS"] == "1"
    assert changes == []


def test_processes_that_start_from_nothing_do_the_same(tmp_path: Path) -> None:
    """As on systems without fork."""
    ours, theirs = multiprocessing.Pipe()
    process = Spawner({"OMP_NUM_THREADS": "1"}).start(tell_environment, (theirs,))
    assert ours.poll(60.0)
    assert ours.recv() == "1"
    process.join()
    assert process.exitcode == 0
    ours.close()
    theirs.close()


def test_inline_there_is_one_worker_whatever_was_asked_for() -> None:
    assert InlineExecutor(7).workers == 1


def test_more_members_than_a_worker_can_stop_are_refused(
    store: PreparedStore, tmp_path: Path
) -> None:
    with ProcessExecutor(1) as executor:
        executor.provide(store, tmp_path / "shared")
        with pytest.raises(
            ValueError, match=f"at most {MAX_MEMBERS} members, but got {MAX_MEMBERS + 1}"
        ):
            executor.submit(Group(MAX_MEMBERS + 1))
        assert executor.idle == 1
