"""The executor in this process: between two messages, torch is as the program has left it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from executor_jobs import Dice, Misalign

from automl.data import PreparedStore
from automl.executors.inline import InlineExecutor


def _flushes() -> bool:
    """Whether torch takes numbers for zero that are too small for a normal float32."""
    return bool(torch.tensor(1e-39) * 1.0 == 0.0)


@pytest.fixture(params=[True, False])
def program(request: pytest.FixtureRequest) -> Iterator[tuple[int, bool]]:
    """A program that has its own mind about threads and small numbers."""
    before = torch.get_num_threads(), _flushes()
    own = (2, True) if request.param else (1, False)
    torch.set_num_threads(own[0])
    torch.set_flush_denormal(own[1])
    yield own
    torch.set_num_threads(before[0])
    torch.set_flush_denormal(before[1])


def test_a_job_has_torch_to_itself_and_the_program_too(
    store: PreparedStore, tmp_path: Path, program: tuple[int, bool]
) -> None:
    torch.manual_seed(7)
    expected = torch.rand(4).tolist()
    torch.manual_seed(7)
    got = []
    with InlineExecutor(1) as executor:
        executor.provide(store, tmp_path)
        executor.submit(Dice(seed=3, throws=2))
        payloads = []
        for _ in range(3):
            assert (torch.get_num_threads(), _flushes()) == program
            got.append(float(torch.rand(())))
            message = executor.next_message(0.0)
            assert message is not None
            payloads.append(message.payload)
    got.append(float(torch.rand(())))
    assert (torch.get_num_threads(), _flushes()) == program
    assert got == expected
    torch.manual_seed(3)
    assert payloads == [*torch.rand(2).tolist(), (1, True)]


def test_a_spoilt_device_stays_spoilt_and_that_is_said(
    store: PreparedStore, tmp_path: Path
) -> None:
    with InlineExecutor(1) as executor:
        executor.provide(store, tmp_path)
        executor.submit(Misalign())
        executor.next_message(0.0)
        message = executor.next_message(0.0)
    assert message is not None
    assert message.payload.reason.startswith("RuntimeError: CUDA error: misaligned address")
    assert message.payload.reason.endswith("may fail, too; process does not")
    assert len(message.payload.reason) <= 300


def test_two_threads_take_turns(store: PreparedStore, tmp_path: Path) -> None:
    """The one does not wait for the end of the other's search."""
    with InlineExecutor(1) as ours:
        ours.provide(store, tmp_path)
        ours.submit(Dice(seed=3, throws=2))
        ours.next_message(0.0)
        heard = []

        def other() -> None:
            with InlineExecutor(1) as theirs:
                theirs.provide(store, tmp_path)
                theirs.submit(Dice(seed=4, throws=1))
                heard.append(theirs.next_message(0.0))

        thread = threading.Thread(target=other, daemon=True)
        thread.start()
        thread.join(30.0)
        assert heard
        message = ours.next_message(0.0)
        assert message is not None
        torch.manual_seed(3)
        assert message.payload == torch.rand(2).tolist()[1]
