"""Kill a real search at random moments, again and again, and see what is left each time.

    python benchmarks/kills.py --kills 300

The search is `automl search` on iris with two workers and tiny candidates. Killed with SIGKILL
are the parent, a worker, or the whole process group, fork server included; while it starts, in
the middle of its trials, and while it ends. After every kill of a parent no process may live for
longer than five seconds, the database must be sound, every trial that was finished before must be
there with the same history, and the bundle must be whole; the same command then goes on. At the
end the study must hold the trials that were asked for, none of them running.

The tests run the same with 30 kills.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import select
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from automl.bundle.format import read_info
from automl.result import SearchResult
from automl.study.view import StudyView, read_study

ORPHAN_SECONDS = 5.0

COMMAND = (
    *(sys.executable, "-c", "from automl.cli import main; main()"),
    *("search", "--dataset", "iris", "--max-epochs", "3", "--workers", "2", "--no-onnx"),
    *("--baselines", "dummy", "--finalists", "2", "--set", "model.width=16"),
    *("--set", "training.batch_size=64"),
)


@dataclass
class Tally:
    """What was done, and what came of it."""

    victims: Counter[str] = field(default_factory=Counter)
    moments: Counter[str] = field(default_factory=Counter)
    slowest_orphan: float = 0.0
    trials: int = 0
    failed: int = 0

    @property
    def kills(self) -> int:
        """Of any process."""
        return self.victims.total()


class Running:
    """The search, in a process group of its own."""

    def __init__(self, trials: int, folder: Path) -> None:
        self.said = ""
        self.process = subprocess.Popen(
            [*COMMAND, "--trials", str(trials)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=folder,
            start_new_session=True,
        )

    def read(self, seconds: float) -> None:
        """What it says in the next moment."""
        assert self.process.stdout is not None
        if select.select([self.process.stdout], [], [], seconds)[0]:
            self.said += os.read(self.process.stdout.fileno(), 1 << 16).decode()

    def go_on_for(self, seconds: float) -> None:
        """Let it run, unless it ends."""
        until = time.monotonic() + seconds
        while self.process.poll() is None and (left := until - time.monotonic()) > 0:
            self.read(min(left, 0.02))

    def go_on_until(self, trials: int) -> None:
        """Let it run until it has told of so many trials, unless it ends."""
        while self.process.poll() is None and len(self.told()) < trials:
            self.read(0.02)

    def close(self) -> None:
        """See that it is dead, and let go of it."""
        assert self.process.stdout is not None
        self.process.kill()
        self.process.wait()
        self.said += self.process.stdout.read().decode()
        self.process.stdout.close()

    def told(self) -> set[int]:
        """Numbers of the trials that it says are over."""
        return {int(n) for n in re.findall(r"^trial +(\d+) ", self.said, re.MULTILINE)}

    def family(self) -> list[int]:
        """Itself and everything that was started by it."""
        parents = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
        found = [self.process.pid]
        for one in found:
            found += [pid for pid, parent in parents.items() if parent == one]
        return found


def alive(pid: int) -> bool:
    """Whether it runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def seconds_until_gone(pids: list[int]) -> float:
    """How long these processes live on."""
    started = time.monotonic()
    while any(alive(pid) for pid in pids):
        lived = time.monotonic() - started
        assert lived < ORPHAN_SECONDS, f"orphans after {lived:.1f} s: {pids}"
        time.sleep(0.005)
    return time.monotonic() - started


def kill_once(running: Running, chance: random.Random, tally: Tally) -> None:
    """Let it run up to a random moment, and kill something; at the end the parent is dead."""
    moment = chance.choice(("start", "trials", "trials", "any"))
    if moment == "start":
        running.go_on_for(chance.uniform(0.0, 3.0))
    elif moment == "trials":
        running.go_on_until(chance.randint(1, 5))
        running.go_on_for(chance.uniform(0.0, 0.3))
    else:
        running.go_on_for(chance.uniform(1.0, 4.0))
    family = running.family()
    if moment != "start" and len(family) > 2 and chance.random() < 0.5:
        worker = chance.choice(family[2:])
        kill(worker, "worker", moment, tally)
        running.go_on_for(chance.uniform(0.0, 1.0))
        family = running.family()
    if running.process.poll() is not None:
        return
    if chance.random() < 0.3:
        os.killpg(running.process.pid, signal.SIGKILL)
        tally.victims["all"] += 1
    else:
        os.kill(running.process.pid, signal.SIGKILL)
        tally.victims["parent"] += 1
    tally.moments[moment] += 1
    running.process.wait()
    tally.slowest_orphan = max(tally.slowest_orphan, seconds_until_gone(family))


def kill(pid: int, what: str, moment: str, tally: Tally) -> None:
    """SIGKILL, unless it has ended in the meantime."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    tally.victims[what] += 1
    tally.moments[moment] += 1


def check(folder: Path, before: StudyView | None, told: set[int]) -> StudyView | None:
    """What must hold after every kill; returns what is in the study now."""
    database = folder / "iris" / "study.db"
    if not database.exists():
        assert before is None
        return None
    with sqlite3.connect(database, timeout=30) as connection:
        if not connection.execute("SELECT name FROM sqlite_master").fetchall():
            return None  # killed before its first table
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        if not connection.execute("SELECT * FROM studies").fetchall():
            return None
    view = read_study("iris")
    records = {record.number: record for record in view.records}
    assert told <= records.keys(), f"lost: {told - records.keys()}"
    assert view.running <= 2
    for record in before.records if before else []:
        assert records[record.number] == record, f"trial {record.number} is not what it was"
    if (folder / "iris" / "best").exists():
        read_info(folder / "iris" / "best")  # compares every file's checksum
    if view.ranked() and told:
        assert (folder / "iris" / "best").exists()
    return view


def finish(folder: Path, trials: int) -> StudyView:
    """Run to the end, and look at what is there."""
    running = Running(trials, folder.parent)
    out, _ = running.process.communicate()
    assert running.process.returncode == 0, out.decode()
    view = read_study("iris")
    assert view.running == 0
    assert [record.number for record in view.records] == list(range(trials))
    result = SearchResult.read(folder / "iris" / "result.json")
    assert (result.status, result.trials.total) == ("finished", trials)
    read_info(folder / "iris" / "best")
    left = [p for p in (folder / "iris").rglob("*") if "partial" in p.name or p.name == "shared"]
    assert not left, left
    return view


def run(folder: Path, kills: int, seed: int, trials_between: int = 4) -> Tally:
    """Kill until enough was killed; raises AssertionError when anything was lost.

    Parameters
    ----------
    folder : Path
        Of studies; ``AUTOML_STUDIES`` must name it.
    kills : int
    seed : int
        Of the moments and the victims.
    trials_between : int
        How many more trials are asked for whenever the study has all of them.
    """
    chance, tally = random.Random(seed), Tally()
    view: StudyView | None = None
    trials = 12
    while tally.kills < kills:
        running = Running(trials, folder.parent)
        try:
            kill_once(running, chance, tally)
        finally:
            running.close()
        assert "Traceback" not in running.said, running.said
        view = check(folder, view, running.told())
        if view is not None and len(view.records) >= trials - 2:
            trials += trials_between
    last = finish(folder, trials)
    check(folder, view, set())
    tally.trials = len(last.records)
    tally.failed = sum(record.error is not None for record in last.records)
    return tally


def main() -> None:
    """Kill in parts of thirty, each with a study of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    total, seed = Tally(), args.seed
    while total.kills < args.kills:
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary) / "studies"
            os.environ["AUTOML_STUDIES"] = str(folder)
            tally = run(folder, min(30, args.kills - total.kills), seed)
        total.victims += tally.victims
        total.moments += tally.moments
        total.slowest_orphan = max(total.slowest_orphan, tally.slowest_orphan)
        total.trials += tally.trials
        total.failed += tally.failed
        seed += 1
        print(f"{total.kills} kills: {total}", flush=True)


if __name__ == "__main__":
    main()
