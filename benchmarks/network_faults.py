"""Break a cluster of hosts in the middle of a search, and print what the search says.

    python benchmarks/network_faults.py scheduler-back

Needs root and `ip`; `clock` needs faketime. See `network_hosts.py`, which also unplugs a host. The
faults:

- scheduler-back: the scheduler is killed, and started again at once;
- scheduler-gone: it stays away;
- parent: the search is killed, and the same command started again;
- disk: one of two workers keeps its data on a disk of 100 kB;
- clock: the clock of one of two hosts is an hour ahead.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from network_hosts import Lab, laboratory

SEARCH = (
    *(sys.executable, "-m", "automl", "search", "--executor", "dask", "--dataset", "digits"),
    *("--family", "mlp", "--max-epochs", "2", "--folds", "0", "--finalists", "0"),
    *("--baselines", "none", "--no-onnx", "--no-report", "--study", "broken", "--seed", "1"),
)

AHEAD = ("env", "FAKETIME_DONT_FAKE_MONOTONIC=1", "faketime", "-f", "+1h")


class Search:
    """The command, and what it says, each line with the seconds since the start.

    Parameters
    ----------
    lab : Lab
    trials : int
    """

    def __init__(self, lab: Lab, trials: int) -> None:
        self.start = time.monotonic()
        self.process = subprocess.Popen(
            [*SEARCH, "--cluster", lab.address, "--trials", str(trials)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def follow(self, until: str | None = None) -> None:
        """Print what it says, until a line begins so, or it ends."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.say(line.strip()[:160])
            if until is not None and line.startswith(until):
                return
        self.say(f"exit code {self.process.wait()}")

    def say(self, text: str) -> None:
        """Print a line with the time."""
        print(f"{time.monotonic() - self.start:6.1f}  {text}", flush=True)


def break_it(lab: Lab, fault: str, hosts: Sequence[str]) -> None:
    """Start the workers and the search, and do what the fault is."""
    small = lab.folder / "small"
    if fault == "disk":
        small.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", small], check=True)
    given = {"disk": ["--local-folder", str(small)]}.get(fault, [])
    lab.start_worker(hosts[0], *given, under=AHEAD if fault == "clock" else ())
    lab.start_worker(hosts[1])
    lab.wait_for_slots(2)
    search = Search(lab, 200 if fault in ("parent", "scheduler-gone") else 40)
    if fault in ("parent", "scheduler-back", "scheduler-gone"):
        search.follow("trial 3 ")
    if fault == "parent":
        search.process.kill()
        search.process.wait()
        search.say("the search was killed")
        search = Search(lab, 40)
    elif fault.startswith("scheduler"):
        lab.kill("scheduler")
        search.say("the scheduler was killed")
        if fault == "scheduler-back":
            lab.start_scheduler()
            search.say("it is back")
    search.follow()


def main() -> None:
    """Break what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    faults = ["scheduler-back", "scheduler-gone", "parent", "disk", "clock"]
    parser.add_argument("fault", choices=faults)
    fault = parser.parse_args().fault
    with tempfile.TemporaryDirectory() as folder:
        os.environ["AUTOML_STUDIES"] = f"{folder}/studies"
        os.environ["AUTOML_CLUSTER_FOLDER"] = f"{folder}/cluster"
        with laboratory(Path(folder)) as lab:
            hosts = [lab.add(), lab.add()]
            lab.start_scheduler()
            try:
                break_it(lab, fault, hosts)
            finally:
                lab.kill(hosts[0])
                subprocess.run(["umount", f"{folder}/small"], check=False, capture_output=True)
        show = [sys.executable, "-m", "automl", "show", "broken", "--top", "1"]
        print(subprocess.check_output(show, text=True).splitlines()[0])


if __name__ == "__main__":
    main()
