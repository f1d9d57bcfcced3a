"""One writer, many readers: a search with eight workers under the eyes of everybody.

    python benchmarks/readers.py --seconds 600

For that long, `automl watch`, optuna-dashboard (which is asked for the study again and again),
`automl report`, `automl show` and Optuna itself read the study of a running search. Counted are
the reads, and every line anywhere that says "locked".
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable
from pathlib import Path

AUTOML = [sys.executable, "-c", "from automl.cli import main; main()"]


class Readers:
    """Threads that read until the time is up."""

    def __init__(self, folder: Path, seconds: float) -> None:
        self.folder, self.until = folder, time.monotonic() + seconds
        self.reads: Counter[str] = Counter()
        self.bad: list[str] = []
        self.threads: list[threading.Thread] = []

    def begin(self, name: str, read: Callable[[], str]) -> None:
        """Read again and again; whatever it says is searched for complaints."""

        def run() -> None:
            while time.monotonic() < self.until:
                try:
                    said = read()
                except Exception as error:  # noqa: BLE001 - whatever it is, it is a complaint
                    said = f"error: {type(error).__name__}: {error}"
                self.reads[name] += 1
                if "locked" in said or "error" in said or "Traceback" in said:
                    self.bad.append(f"{name}: {said[-300:]}")

        self.threads.append(threading.Thread(target=run))
        self.threads[-1].start()

    def command(self, *args: str) -> Callable[[], str]:
        """What a command says on standard error, and that it failed."""

        def read() -> str:
            ran = subprocess.run([*AUTOML, *args], cwd=self.folder, capture_output=True, text=True)
            return ran.stderr + (f"error: exit {ran.returncode}" if ran.returncode else "")

        return read


def optuna_reads(url: str) -> str:
    """The study as Optuna's own storage reads it."""
    import optuna

    storage = optuna.storages.RDBStorage(url)
    try:
        optuna.load_study(study_name="iris", storage=storage).get_trials()
    finally:
        storage.remove_session()
        storage.engine.dispose()
    return ""


def fetch(address: str) -> str:
    """Ask the dashboard for the study with all its trials."""
    with urllib.request.urlopen(address, timeout=60) as answer:
        answer.read()
    return ""


def main() -> None:
    """Print what was read, and every complaint."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--workers", type=int, default=8)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        os.environ["AUTOML_STUDIES"] = str(folder / "studies")
        search = subprocess.Popen(
            [
                *AUTOML,
                *("search", "--dataset", "iris", "--trials", "1000000", "--no-onnx"),
                *("--workers", str(args.workers), "--baselines", "none", "--max-epochs", "30"),
                *("--time-budget", f"{args.seconds:.0f}s", "--sampler", "random"),
            ],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        database = folder / "studies" / "iris" / "study.db"
        while not database.exists() or "0 trials" in _shown(folder):
            time.sleep(0.5)
        dashboard = subprocess.Popen(
            [*AUTOML, "dashboard", "iris"], cwd=folder, stdout=subprocess.PIPE, text=True
        )
        watch = subprocess.Popen(
            [*AUTOML, "watch", "iris"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        assert dashboard.stdout is not None
        address = dashboard.stdout.readline().split()[-1].removesuffix("/dashboard")
        readers = Readers(folder, args.seconds - 30)
        readers.begin("dashboard", lambda: fetch(f"{address}/api/studies/1"))
        readers.begin("report", readers.command("report", "iris"))
        readers.begin("show", readers.command("show", "iris"))
        readers.begin("optuna", lambda: optuna_reads(f"sqlite:///{database}"))
        for thread in readers.threads:
            thread.join()
        _, err = search.communicate()
        dashboard.terminate()
        watched = watch.communicate()[0].decode()
        print(f"search: exit code {search.returncode}; {err.strip()[-300:] or 'no complaint'}")
        print(f"watch: exit code {watch.returncode}, {len(watched.splitlines())} lines;", end=" ")
        print("locked!" if "locked" in watched else "no complaint")
        print(_shown(folder).splitlines()[0])
        print(dict(readers.reads))
        print(f"{len(readers.bad)} complaints", *readers.bad[:5], sep="\n")


def _shown(folder: Path) -> str:
    ran = subprocess.run([*AUTOML, "show", "iris"], cwd=folder, capture_output=True, text=True)
    return ran.stdout or "0 trials"


if __name__ == "__main__":
    main()
