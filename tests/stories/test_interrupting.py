"""Ctrl-C, twice Ctrl-C, and kill -9: what remains, and how it goes on."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from commands import Ran

import automl
from automl.result import SearchResult
from automl.study.view import StudyView, read_study

ENDLESS = (
    *("search", "--dataset", "iris", "--trials", "400", "--max-epochs", "100000"),
    *("--patience", "100000", "--pruner", "none", "--workers", "2", "--baselines", "none"),
    *("--set", "model.width=16", "--no-onnx"),
)
"""Trials of which each would take an hour."""

SHORT = (
    *("search", "--dataset", "iris", "--trials", "400", "--max-epochs", "30", "--patience", "30"),
    *("--pruner", "none", "--workers", "2", "--baselines", "none", "--finalists", "0"),
    *("--set", "model.width=16", "--no-onnx"),
)
"""Trials that are over in a moment, but too many of them to be over soon."""


class Running:
    """``automl`` in a process group of its own, so that nothing else hears its signals."""

    def __init__(self, args: tuple[str, ...], folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", "from automl.cli import main; main()", *args],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=folder,
            start_new_session=True,
        )

    def read_until(self, pattern: str) -> str:
        """Lines up to the first that matches; a process that ends before is a failure."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if re.search(pattern, line):
                return line
        raise AssertionError(f"it ended without saying {pattern!r}")

    def children(self) -> set[int]:
        """Everything that descends from it."""
        found = {self.process.pid}
        parents = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(stat.parent.name)] = int(fields[1])
        grown = True
        while grown:
            more = {pid for pid, parent in parents.items() if parent in found} - found
            grown = bool(more)
            found |= more
        return found - {self.process.pid}

    def end(self) -> tuple[int, str]:
        """Wait for its end, and for that of everything that writes where it writes."""
        out, _ = self.process.communicate()
        return self.process.returncode, out


@pytest.fixture
def start(own_machine: Path) -> Iterator[Callable[..., Running]]:
    started: list[Running] = []

    def begin(*args: str) -> Running:
        started.append(Running(args, own_machine))
        return started[-1]

    yield begin
    for running in started:
        if running.process.poll() is None:
            os.killpg(running.process.pid, signal.SIGKILL)
            running.process.communicate()


def _interrupt(running: Running) -> None:
    # As a terminal does: the whole group hears it, the workers too.
    os.killpg(running.process.pid, signal.SIGINT)


def _wait_until_gone(pids: set[int]) -> None:
    """Returns when none of these processes runs; pytest's time limit is the only clock."""
    while any(_runs(pid) for pid in pids):
        os.sched_yield()


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def _consistent(view: StudyView) -> None:
    assert view.running == 0
    numbers = [r.number for r in view.records]
    assert numbers == sorted(set(numbers))
    assert max(numbers, default=-1) < len(numbers) + view.waiting, "none is lost"


def test_ctrl_c_ends_cleanly_and_the_same_command_goes_on(
    start: Callable[..., Running], cli: Callable[..., Ran], studies: Path
) -> None:
    running = start(*SHORT)
    running.read_until(r"^trial \d+ complete")
    workers = running.children()
    assert workers
    _interrupt(running)
    code, out = running.end()
    assert code == 130, out
    assert "Traceback" not in out
    assert "stopped; the best model so far is saved" in out
    view = read_study("iris")
    _consistent(view)
    assert 1 <= len(view.records) < 400
    result = SearchResult.read(studies / "iris" / "result.json")
    assert result.status == "interrupted"
    assert result.best is not None
    assert result.test is None, "the test split stays closed"
    assert automl.load_model("iris").info["training"]["trial"] == result.best.number
    _wait_until_gone(workers)

    wanted = len(view.records) + 2
    again = cli(*SHORT, "--trials", str(wanted))
    assert again.code == 0, again.err
    after = read_study("iris")
    _consistent(after)
    before = {r.number for r in view.records}
    assert [r for r in after.records if r.number in before] == view.records
    assert len(after.records) == wanted
    finished = SearchResult.read(studies / "iris" / "result.json")
    assert (finished.status, finished.trials.total) == ("finished", wanted)


def test_ctrl_c_ends_trials_that_would_take_an_hour(
    start: Callable[..., Running], studies: Path
) -> None:
    running = start(*ENDLESS)
    running.read_until(r"^study iris: ")
    _interrupt(running)
    code, out = running.end()
    assert code == 130, out
    assert "Traceback" not in out
    view = read_study("iris")
    _consistent(view)
    for record in view.records:
        assert "stopped" in (record.error or record.note or "")
    result = SearchResult.read(studies / "iris" / "result.json")
    assert (result.best is None) == (not view.ranked())


def test_ctrl_c_twice_stops_at_once(start: Callable[..., Running]) -> None:
    running = start(*SHORT, "--time-budget", "1h")
    running.read_until(r"^trial \d+ ")
    workers = running.children()
    _interrupt(running)
    _interrupt(running)
    code, out = running.end()
    assert code == 130, out
    assert "Traceback" not in out
    _wait_until_gone(workers)


def test_a_killed_search_leaves_no_worker_and_goes_on(
    start: Callable[..., Running], studies: Path
) -> None:
    running = start(*SHORT)
    running.read_until(r"^trial \d+ complete")
    workers = running.children()
    assert workers
    os.kill(running.process.pid, signal.SIGKILL)
    code, _ = running.end()
    assert code == -signal.SIGKILL
    _wait_until_gone(workers)
    left = read_study("iris")
    assert left.ranked()
    automl.load_model("iris").module  # noqa: B018 - the best model stands
    wanted = len(left.records) + left.running + 1
    code, out = start(*SHORT, "--trials", str(wanted)).end()
    assert code == 0, out
    after = read_study("iris")
    _consistent(after)
    assert len(after.records) == wanted
    assert not [r for r in after.records if r.error], "what was running is trained again"
    assert not (studies / "iris" / "shared").exists()
