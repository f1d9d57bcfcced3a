"""Many short trials: is memory flat, are the files bounded, does every command still answer?

    python benchmarks/long_run.py --trials 10000 --sampler random

Runs a real search in a folder of its own and looks at the resident memory of the parent and its
workers every few seconds; then asks every command that reads a study, with a clock beside it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

import numpy as np

COMMAND = [sys.executable, "-c", "from automl.cli import main; main()"]


def resident(pid: int) -> float:
    """MB of memory in RAM that are this process's own."""
    fields = dict(
        line.split(":", 1)
        for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
        if ":" in line
    )
    return int(fields["RssAnon"].split()[0]) / 1024


def descendants(pid: int) -> list[int]:
    """Everything that was started by it, and by those."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found = [pid]
    for one in found:
        found += [p for p, parent in parents.items() if parent == one]
    return found[1:]


def finished(database: Path) -> int:
    """Trials in the database that are over."""
    import sqlite3

    try:
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30) as connection:
            query = "SELECT count(*) FROM trials WHERE state != 'RUNNING' AND study_id = 1"
            return int(connection.execute(query).fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def watch(process: subprocess.Popen[bytes], folder: Path) -> list[dict[str, float]]:
    """Trials and memory, every five seconds until the search is over."""
    seen = []
    while process.poll() is None:
        time.sleep(5)
        try:
            workers = [m for p in descendants(process.pid) if (m := resident(p)) > 60]
            parent = resident(process.pid)
        except (OSError, KeyError):
            continue
        row = {
            "trials": finished(folder / "studies" / "long" / "study.db"),
            "parent": parent,
            "worker": max(workers, default=0.0),
        }
        seen.append(row)
        print(json.dumps(row), flush=True)
    return seen


def slope(rows: list[dict[str, float]], name: str, trials: int) -> float:
    """KB a trial over the second half of the search."""
    half = [r for r in rows if trials / 2 <= r["trials"] < trials]
    if len(half) < 3:
        return float("nan")
    line = np.polyfit([r["trials"] for r in half], [r[name] for r in half], 1)
    return float(line[0]) * 1024


def timed(folder: Path, *args: str) -> float:
    """Seconds that a command takes."""
    started = time.perf_counter()
    subprocess.run(
        [*COMMAND, *args], cwd=folder, check=True, stdout=subprocess.DEVNULL, timeout=600
    )
    return time.perf_counter() - started


def dashboard_seconds(folder: Path) -> tuple[float, float]:
    """Seconds until the dashboard answers, and until it has sent the study."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [*COMMAND, "dashboard", "long"], cwd=folder, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().split()[-1].removesuffix("/dashboard")
        up = time.perf_counter() - started
        with urllib.request.urlopen(f"{address}/api/studies/1", timeout=600) as answer:
            answer.read()
        return up, time.perf_counter() - started - up
    finally:
        process.terminate()
        process.wait()


def main() -> None:
    """Print every measurement, and a summary."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--sampler", default="random")
    parser.add_argument("--workers", type=int, default=2)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        started = time.perf_counter()
        process = subprocess.Popen(
            [
                *COMMAND,
                *("search", "--dataset", "iris", "--study", "long", "--max-epochs", "2"),
                *("--trials", str(args.trials), "--sampler", args.sampler, "--no-onnx"),
                *("--workers", str(args.workers), "--baselines", "none", "--quiet"),
                *("--set", "model.width=16", "--set", "model.depth=1"),
                *("--set", "training.batch_size=64", "--keep", "1MB"),
            ],
            cwd=folder,
            env={**os.environ, "AUTOML_STUDIES": str(folder / "studies")},
            stdout=subprocess.DEVNULL,
        )
        rows: list[dict[str, float]] = []
        thread = threading.Thread(target=lambda: rows.extend(watch(process, folder)))
        thread.start()
        thread.join()
        print(f"exit code {process.returncode}; {time.perf_counter() - started:.0f} s")
        for name in ("parent", "worker"):
            first, last = rows[2][name], rows[-1][name]
            each = slope(rows, name, args.trials)
            print(f"{name}: {first:.0f} MB at first, {last:.0f} MB at last, {each:.2f} kB a trial")
        os.environ["AUTOML_STUDIES"] = str(folder / "studies")
        for command in (["show", "long"], ["show", "long", "--trial", "0"], ["studies"]):
            print(f"{' '.join(command)}: {timed(folder, *command):.1f} s")
        print(f"report: {timed(folder, 'report', 'long'):.1f} s")
        up, sent = dashboard_seconds(folder)
        print(f"dashboard: {up:.1f} s until it answers, {sent:.1f} s until it has sent the study")
        for path in sorted((folder / "studies" / "long").rglob("*")):
            if path.is_file() and path.stat().st_size > 100_000:
                print(f"{path.relative_to(folder)}: {path.stat().st_size / 1e6:.1f} MB")
        print(f"{sum(1 for p in (folder / 'studies').rglob('*') if p.is_file())} files")


if __name__ == "__main__":
    main()
