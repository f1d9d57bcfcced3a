"""Seconds from the command to the first training step, and the memory of eight workers on MNIST.

python benchmarks/start.py

Memory is the proportional set size (PSS) that Linux reports: a page that several processes share
counts a share in each, so the sum over all processes is what the machine really gives.
"""

from __future__ import annotations

import platform
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WORKERS = 8
CHILD = """
import sys
from automl.config import SearchConfig
from automl.orchestrator.observer import Observer
from automl.orchestrator.search import search

class First(Observer):
    seen = 0
    def trial_started(self, number, params):
        print("started", flush=True)
    def trial_finished(self, record):
        self.seen += 1
        if self.seen == 3 * {workers}:
            print("finished", flush=True)
            sys.stdin.readline()

search(SearchConfig(dataset={dataset!r}, trials=3 * {workers}, workers={workers}, baselines=(),
                    onnx=False, finalists=0), First())
"""


def children(pid: int) -> list[int]:
    """All descendants of a process."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            child = int(path.parent.name)
            found += [child, *children(child)]
    return found


def pss(pid: int) -> float:
    """Proportional set size in MB."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    match = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
    assert match is not None
    return int(match[1]) / 1000


def first_step(dataset: str) -> float:
    """Seconds from the start of the interpreter to the first trial in a worker."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-c", CHILD.format(workers=2, dataset=dataset)],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        process.stdout.readline()
        seconds = time.perf_counter() - started
        process.kill()
        process.wait()
    return seconds


def memory() -> tuple[list[float], float]:
    """MB of every worker after three trials each, and of the parent."""
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [sys.executable, "-c", CHILD.format(workers=WORKERS, dataset="mnist")],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        while process.stdout.readline().strip() != "finished":
            pass
        workers = [pss(pid) for pid in children(process.pid)]
        parent = pss(process.pid)
        process.kill()
        process.wait()
    return workers, parent


def main() -> None:
    """Print both."""
    print(platform.processor() or platform.machine())
    for dataset in ("digits", "mnist"):
        print(f"{dataset}: first step after {first_step(dataset):.2f} s")
    found, parent = memory()
    parts = ", ".join(f"{mb:.0f}" for mb in sorted(found, reverse=True))
    print(f"{WORKERS} workers, fork server and resource tracker: {sum(found):.0f} MB ({parts})")
    print(f"parent: {parent:.0f} MB; data: {(60_000 + 10_000) * 784 * 4 / 1e6:.0f} MB in float32")


if __name__ == "__main__":
    main()
