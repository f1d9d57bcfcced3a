"""Replay searches on learning curves: regret at equal epochs, without training a network.

python benchmarks/replay LCBENCH [--sides "ours tpe" smac ...] [--tasks development reporting]
    [--seeds 5] [--marks 10 30 100] [--results FILE]

LCBENCH is a folder with the surrogate: ``model.onnx`` and ``encoding.json`` of ``lcbench`` in
slds-lmu/yahpo_data. A mark is so many full trainings' worth of epochs; regret is what the
recommended configuration lacks, when trained in full, to about the best there is, in points of
accuracy. With ``--by seconds`` it is so many times the mean seconds of a full training of random
configurations, as the surrogate has them. SMAC3 and DEHB are installed by whoever wants them
(``pip install smac dehb``).

With ``--results`` each run is a line of that file, and runs that it holds are not repeated.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lcbench import DEVELOPMENT, REPORTING, Task
from ledger import Ledger, Spent
from sides import SIDES, quiet
from table import show

NAMED = {"development": DEVELOPMENT, "reporting": REPORTING}


def replay(
    side: str, task: Task, best: float, seed: int, marks: Sequence[int], by: str
) -> dict[str, Any]:
    """Run one search; return its regret at each mark."""
    rule, search = SIDES[side]
    ledger = Ledger(task, marks, rule, by_seconds=by == "seconds")
    started = time.perf_counter()
    with contextlib.suppress(Spent):
        search(ledger, seed)
    return {
        "side": side,
        "task": task.number,
        "seed": seed,
        "marks": list(marks),
        "by": by,
        "regret": [round(best - accuracy, 4) for accuracy in ledger.accuracies],
        "trials": ledger.trials,
        "complete": ledger.complete,
        "seconds": round(time.perf_counter() - started, 2),
    }


def main() -> None:
    """Run what is missing, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sides", nargs="+", default=list(SIDES), choices=list(SIDES))
    parser.add_argument("--tasks", nargs="+", default=["development"])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--marks", type=int, nargs="+", default=[10, 30, 100])
    parser.add_argument("--by", choices=("epochs", "seconds"), default="epochs")
    parser.add_argument("--results", type=Path)
    parser.add_argument("--against", default="ours tpe", help="side that others are paired with")
    options = parser.parse_args()
    quiet()
    numbers = [int(t) for name in options.tasks for t in NAMED.get(name, (name,))]
    tasks = {number: Task(options.folder, number) for number in numbers}
    best = {number: task.best() for number, task in tasks.items()}
    runs = [
        r
        for r in _read(options.results)
        if _covers(r["marks"], options.marks) and r["by"] == options.by
    ]
    known = {(r["side"], r["task"], r["seed"]) for r in runs}
    for seed in range(options.seeds):
        for number, task in tasks.items():
            for side in options.sides:
                if (side, number, seed) not in known:
                    runs.append(replay(side, task, best[number], seed, options.marks, options.by))
                    _append(options.results, runs[-1])
    sides = {*options.sides, options.against}
    asked = [r for r in runs if r["task"] in tasks and r["seed"] < options.seeds]
    print("\n".join(show([r for r in asked if r["side"] in sides], options.marks, options.against)))


def _covers(marks: list[int], asked: list[int]) -> bool:
    return marks[: len(asked)] == asked


def _read(path: Path | None) -> list[dict[str, Any]]:
    if path is None or not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _append(path: Path | None, run: dict[str, Any]) -> None:
    if path is not None:
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(run) + "\n")


if __name__ == "__main__":
    main()
