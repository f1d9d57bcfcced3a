"""An executor of each kind, with data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from automl.data import PreparedData, PreparedStore
from automl.data.preprocess.variants import DEFAULT
from automl.executors import EXECUTORS, Executor, Message


@pytest.fixture
def store(make_store: Callable[..., PreparedStore]) -> PreparedStore:
    return make_store()


@pytest.fixture
def data(store: PreparedStore) -> PreparedData:
    return store.get(DEFAULT)


@pytest.fixture(params=EXECUTORS.names())
def executor(
    request: pytest.FixtureRequest, store: PreparedStore, tmp_path: Path
) -> Iterator[Executor]:
    """One worker of every kind of executor."""
    with EXECUTORS.get(request.param)(1) as executor:
        executor.provide(store, tmp_path / "shared")
        yield executor


def drain(executor: Executor, jobs: int = 1) -> list[Message]:
    """Every message until this many jobs are over."""
    messages = []
    while jobs:
        message = executor.next_message(60.0)
        assert message is not None, "a worker is silent"
        messages.append(message)
        jobs -= message.final
    return messages


@pytest.fixture(name="drain")
def _drain() -> Any:
    return drain
