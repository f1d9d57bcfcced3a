"""What every executor must do."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from automl.data import PreparedStore
from automl.data.preprocess.variants import DEFAULT
from automl.errors import ConfigError
from automl.executors import Executor, JobError, Message
from automl.models._from_file import FamilyFile, forget_file
from automl.testing._executor_jobs import Copy, Count, Fail, Family, Group, UntilStopped
from automl.trial import Stop

SILENCE = 60.0
"""Seconds after which a worker that says nothing is taken for dead."""

FAMILY = """
from dataclasses import dataclass
from automl.models import Cost, Family

@dataclass(frozen=True)
class LinearSettings:
    pass

class Linear(Family):
    Settings = LinearSettings

    def build(self, settings, inputs, n_outputs):
        from torch import nn
        return nn.Sequential(nn.Flatten(), nn.Linear(inputs.n_features, n_outputs))

    def cost(self, settings, inputs, n_outputs):
        products = inputs.n_features * n_outputs
        return Cost(products + n_outputs, 2 * products)

FAMILY = Linear()
"""
"""The text of a family that is a user's own."""


def check_executor(kind: type[Executor], store: PreparedStore) -> None:
    """Hold an executor to its contract, with one worker.

    Parameters
    ----------
    kind : type
        Class of the executor.
    store : PreparedStore
        Some data, which jobs read.

    Raises
    ------
    AssertionError
        With what is broken.
    """
    for check in CHECKS:
        with tempfile.TemporaryDirectory(prefix="automl-") as folder, kind(1) as executor:
            executor.provide(store, Path(folder) / "shared")
            check(executor, store)
            executor.close()
            executor.close()  # twice does no harm
    with kind(1):
        pass  # and none was given work
    check_families(kind, store)


def check_messages(executor: Executor, store: PreparedStore) -> None:
    """Check that a job yields in order, then returns, and has a ticket of its own."""
    assert executor.next_message(0.0) is None, "there is a message without a job"
    total = float(np.asarray(store.get(DEFAULT).train_X).sum())
    tickets = []
    for _ in range(2):
        assert executor.workers == executor.idle == 1
        tickets.append(executor.submit(Count(3)))
        assert executor.idle == 0, "a worker with a job is idle"
        messages = drain(executor)
        assert [m.payload for m in messages[:-1]] == [1, 2, 3]
        assert abs(messages[-1].payload - total) < 1e-3 * (1 + abs(total))
        assert [m.final for m in messages] == [False, False, False, True]
        assert {(m.ticket, m.worker, m.member) for m in messages} == {(tickets[-1], 0, 0)}
    assert len(set(tickets)) == 2, "two jobs have one ticket"


def check_exceptions(executor: Executor, store: PreparedStore) -> None:
    """Check that an exception is a result with its traceback, and the worker goes on."""
    executor.submit(Fail())
    first, last = drain(executor)
    assert first.payload == 1
    assert isinstance(last.payload, JobError)
    assert last.payload.reason == "ValueError: the soup is cold"
    assert "_executor_jobs.py" in last.payload.traceback
    check_alive(executor)


def check_stops(executor: Executor, store: PreparedStore) -> None:
    """Check that a job is told to stop and why, and the next job is not."""
    for why in Stop:
        first = executor.submit(UntilStopped())
        hear(executor)
        executor.stop(first, why)
        assert drain(executor)[-1].payload is why
        executor.stop(first, why)  # too late: nobody is listening
    second = executor.submit(UntilStopped())
    for _ in range(3):
        assert not hear(executor).final, "a stop has reached the next job"
    executor.stop(second, Stop.FINISH)
    drain(executor)


def check_members(executor: Executor, store: PreparedStore) -> None:
    """Check that members of a job speak for themselves, and are stopped one by one."""
    ticket = executor.submit(Group(3))
    heard: set[int] = set()
    while heard != {0, 1, 2}:
        heard.add(hear(executor).member)
    executor.stop(ticket, Stop.PRUNE, member=1)
    others = 0
    while others < 12:  # what was said before the stop came may still be on its way
        message = hear(executor)
        assert not message.final, "one member's stop has ended the job"
        others = others + 1 if message.member != 1 else 0
    executor.stop(ticket, Stop.FINISH)
    ended = drain(executor)[-1].payload
    assert ended == {0: Stop.FINISH, 1: Stop.PRUNE, 2: Stop.FINISH}, ended


def check_info(executor: Executor, store: PreparedStore) -> None:
    """Check that the last message of a job, and no other, says where it ran."""
    executor.submit(Count(1))
    first, last = drain(executor)
    assert first.info is None
    assert last.info is not None, "the last message does not say where the job ran"
    assert last.info.host
    assert last.info.memory >= 0
    assert last.info.device.split(":")[0] in {"", "cpu", "cuda", "mps"}
    assert (last.info.pid != os.getpid()) == executor.own_process


def check_files(executor: Executor, store: PreparedStore) -> None:
    """Check that a job finds the files that it needs, and leaves its own where it was told."""
    with tempfile.TemporaryDirectory(prefix="automl-") as folder:
        source, target = Path(folder, "source.txt"), Path(folder, "target.txt")
        source.write_text("half ", encoding="utf-8")
        executor.submit(Copy(str(source), str(target)))
        assert drain(executor)[-1].payload == str(target), "a result names another path"
        assert target.read_text(encoding="utf-8") == "half half "
        executor.submit(Copy(str(source), None))
        assert isinstance(drain(executor)[-1].payload, JobError)


def check_kill(executor: Executor, store: PreparedStore) -> None:
    """Check that a worker can be measured and ended, where it is a process of its own."""
    ticket = executor.submit(UntilStopped())
    hear(executor)
    if executor.own_process:
        assert executor.memory(ticket) > 1_000_000
        assert executor.seconds(ticket) > 0.0
        executor.kill(ticket, "it took too long")
        assert drain(executor)[-1].payload == JobError("it took too long")
        ticket = executor.submit(Group(2))
        hear(executor)
        executor.kill(ticket, "it does not listen", member=1)
        assert drain(executor)[-1].payload == JobError("it does not listen", member=1)
    else:
        assert (executor.memory(ticket), executor.seconds(ticket)) == (0, 0.0)
        executor.stop(ticket, Stop.FINISH)
        drain(executor)
    check_alive(executor)


def check_families(kind: type[Executor], store: PreparedStore) -> None:
    """Check that a worker knows the user's families, and says what is wrong with one."""
    file = FamilyFile("/nowhere/contract_suite.py", FAMILY.encode())
    try:
        with tempfile.TemporaryDirectory(prefix="automl-") as folder, kind(1, [file]) as executor:
            executor.provide(store, Path(folder) / "shared")
            executor.submit(Family(file.family))
            known = drain(executor)[-1].payload
            assert known == hashlib.sha256(file.text).hexdigest(), f"the worker says {known}"
    finally:
        forget_file(file)
    broken = FamilyFile("/nowhere/contract_suite.py", b"this is no Python")
    with tempfile.TemporaryDirectory(prefix="automl-") as folder, kind(1, [broken]) as executor:
        try:
            executor.provide(store, Path(folder) / "shared")
            executor.submit(Count(1))
            error = drain(executor)[-1].payload
        except ConfigError as raised:  # before there is a job
            error = JobError(str(raised), blame="user")
    assert isinstance(error, JobError), "a family that cannot be loaded stops no job"
    assert error.blame == "user", f"the user's file is to blame, and not the {error.blame}"
    assert "contract_suite.py, line 1: is no Python" in error.reason, error.reason


def check_close(executor: Executor, store: PreparedStore) -> None:
    """Check that closing in the middle of a job ends it."""
    executor.submit(UntilStopped())
    hear(executor)
    executor.close()


def check_alive(executor: Executor) -> None:
    """Check that the worker does another job."""
    executor.submit(Count(0))
    assert not isinstance(drain(executor)[-1].payload, JobError)


CHECKS: list[Callable[[Executor, PreparedStore], None]] = [
    check_messages,
    check_exceptions,
    check_stops,
    check_members,
    check_info,
    check_files,
    check_kill,
    check_close,
]
"""All that are made with an executor that has data and one worker."""


def hear(executor: Executor) -> Message:
    """Return the next message."""
    message = executor.next_message(SILENCE)
    assert message is not None, "a worker is silent"
    return message


def drain(executor: Executor) -> list[Message]:
    """Return every message until the job is over."""
    messages = [hear(executor)]
    while not messages[-1].final:
        messages.append(hear(executor))
    return messages
