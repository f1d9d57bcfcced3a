"""The executor in this process gives back what it took: its turn, and torch's switches."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from automl.data import PreparedStore
from automl.errors import ConfigError
from automl.executors.inline import InlineExecutor
from automl.models._from_file import FamilyFile


def _flushes() -> bool:
    """Whether torch takes numbers for zero that are too small for a normal float32."""
    return bool(torch.tensor(1e-39) * 1.0 == 0.0)


@pytest.fixture
def flushing() -> Iterator[None]:
    """A program that has asked for it itself."""
    before = _flushes()
    torch.set_flush_denormal(True)
    yield
    torch.set_flush_denormal(before)


def test_a_switch_of_the_users_own_stays(
    store: PreparedStore, tmp_path: Path, flushing: None
) -> None:
    with InlineExecutor(1) as executor:
        executor.provide(store, tmp_path)
    assert _flushes()


def test_a_switch_that_was_off_is_off_again(store: PreparedStore, tmp_path: Path) -> None:
    before = _flushes()
    with InlineExecutor(1) as executor:
        executor.provide(store, tmp_path)
        assert _flushes()
    assert _flushes() == before


def test_a_worker_that_cannot_be_set_up_gives_its_turn_back(
    make_store: Callable[..., PreparedStore], tmp_path: Path
) -> None:
    broken = FamilyFile(str(tmp_path / "broken.py"), b"this is no Python")
    with (
        pytest.raises(ConfigError, match="is no Python"),
        InlineExecutor(1, [broken]) as executor,
    ):
        executor.provide(make_store(), tmp_path)
    entered = []

    def other() -> None:
        with InlineExecutor(1) as executor:
            executor.provide(make_store(), tmp_path)
            entered.append(True)

    thread = threading.Thread(target=other, daemon=True)
    thread.start()
    thread.join(30.0)
    assert entered, "another thread waits for a turn that nobody has"
