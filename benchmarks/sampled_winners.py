"""Does the search find anything? Winners against the best start configuration, by kind of data.

python benchmarks/sampled_winners.py [--trials 60] [--seeds 3] [--sets digits ...] [--results FILE]

Six data sets of different kinds: images (digits, and 2,500 of MNIST), sequences (1,500 of `sine`),
and tables of each task. A search of so many trials each, without baselines. A winner is sampled
when it is no start configuration; it is judged against the best start configuration on the test
rows, or in cross-validation over the folds, in the metric's units, positive when it is better.
No clock decides anything but the order in which two workers finish.

With ``--results`` each search is a line of that file, and searches that it holds are not repeated.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np

import automl
from automl.data import load

SETS = ("digits", "mnist", "sine", "breast-cancer", "wine", "diabetes")
PARTS = {"mnist": 2_500, "sine": 1_500}
"""Rows of those that are too large for a minute."""


def search(name: str, trials: int, seed: int) -> dict[str, Any]:
    """Search once, in the current folder; return what won, and by how much."""
    study = f"{name}-{seed}"
    data: dict[str, Any] = {"dataset": name}
    if name in PARTS:
        rows = load(name).train
        chosen = np.random.default_rng(0).permutation(len(rows.X))[: PARTS[name]]
        np.savez(f"{name}.npz", X=np.asarray(rows.X)[chosen], y=np.asarray(rows.y)[chosen])
        data = {"dataset": f"{name}.npz", "target": "y"}
    found = automl.search(
        **data, trials=trials, seed=seed, study=study, baselines=(), onnx=False, report=False
    )
    assert found.best is not None
    assert found.added is not None
    start = found.added.from_start
    compared = start.comparison if start else None
    return {
        "set": name,
        "seed": seed,
        "trials": trials,
        "metric": found.metric,
        "sampled": start is None or start.number != found.best.number,
        "winner": found.best.test.score if found.best.test else None,
        "difference": compared.difference if compared else 0.0,
        "interval": [compared.low, compared.high] if compared else None,
    }


def show(runs: list[dict[str, Any]]) -> list[str]:
    """Return the table."""
    lines = ["| data | metric | sampled winners | winner less best start | intervals |"]
    lines.append("| --- " * 5 + "|")
    for name in dict.fromkeys(run["set"] for run in runs):
        own = [run for run in runs if run["set"] == name]
        gain = fmean(run["difference"] for run in own)
        intervals = [run["interval"] for run in own if run["interval"]]
        said = ", ".join(f"{low:+.4g} to {high:+.4g}" for low, high in intervals)
        sampled = f"{sum(run['sampled'] for run in own)} of {len(own)}"
        lines.append(f"| {name} | {own[0]['metric']} | {sampled} | {gain:+.4g} | {said} |")
    sampled = sum(run["sampled"] for run in runs)
    better = sum(run["difference"] > 0 for run in runs)
    worse = sum(run["difference"] < 0 for run in runs)
    lines.append(f"\n{sampled} of {len(runs)} winners are sampled; {better} better, {worse} worse")
    return lines


def main() -> None:
    """Run what is missing, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sets", nargs="+", default=list(SETS), choices=SETS)
    parser.add_argument("--trials", type=int, default=60)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--results", type=Path)
    options = parser.parse_args()
    path = options.results.absolute() if options.results else None
    runs: list[dict[str, Any]] = []
    if path is not None and path.exists():
        runs = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    known = {(run["set"], run["seed"], run["trials"]) for run in runs}
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for seed in range(options.seeds):
            for name in options.sets:
                if (name, seed, options.trials) in known:
                    continue
                runs.append(search(name, options.trials, seed))
                if path is not None:
                    with path.open("a", encoding="utf-8") as file:
                        file.write(json.dumps(runs[-1]) + "\n")
    print("\n".join(show(runs)))


if __name__ == "__main__":
    main()
