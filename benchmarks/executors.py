"""What it costs to search over Dask in place of worker processes, on one machine.

python benchmarks/executors.py [--trials 100] [--pairs 3] [--workers 2] [--dataset digits]

Both sides are the command line, from its start to its end, and take turns. With `--deterministic`
both train the same trials, which is checked.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from automl.study.view import read_study

SIDES = ("process", "dask")

OPTIONS = (
    *("--deterministic", "--max-epochs", "3", "--finalists", "0", "--baselines", "none"),
    *("--no-onnx", "--no-report", "--prefer", "single", "--quiet"),
)
"""The trials alone, and short ones: what comes after them is the same jobs again, and the shorter a
training, the more weighs what is sent."""


def search(executor: str, dataset: str, trials: int, workers: int, folder: Path) -> float:
    """Return the seconds of a search."""
    words = ["--dataset", dataset, "--trials", str(trials), "--workers", str(workers)]
    command = [sys.executable, "-m", "automl", "search", *words, *OPTIONS]
    environment = {**os.environ, "AUTOML_STUDIES": str(folder)}
    started = time.perf_counter()
    subprocess.run(
        [*command, "--executor", executor, "--study", executor],
        check=True,
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    return time.perf_counter() - started


def trials_of(executor: str, folder: Path) -> list[Any]:
    """Return what both sides must have found."""
    os.environ["AUTOML_STUDIES"] = str(folder)
    records = read_study(executor).records
    return [(r.number, r.params, [e.valid_score for e in r.history]) for r in records]


def main() -> None:
    """Print the seconds of each pair, and the median of their ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--dataset", default="digits")
    options = parser.parse_args()
    ratios = []
    for pair in range(options.pairs):
        with tempfile.TemporaryDirectory() as folder:
            seconds = {}
            for side in SIDES if pair % 2 == 0 else reversed(SIDES):
                seconds[side] = search(
                    side, options.dataset, options.trials, options.workers, Path(folder)
                )
            assert trials_of("process", Path(folder)) == trials_of("dask", Path(folder))
        ratios.append(seconds["dask"] / seconds["process"])
        print(
            f"process {seconds['process']:6.1f} s  dask {seconds['dask']:6.1f} s"
            f"  ratio {ratios[-1]:.2f}",
            flush=True,
        )
    print(f"median ratio {median(ratios):.2f}")


if __name__ == "__main__":
    main()
