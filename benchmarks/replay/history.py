"""Replay searches with and without a history of earlier studies, whose tasks are others.

python benchmarks/replay/history.py LCBENCH [--tasks development] [--seeds 3] [--past 2]
    [--marks 3 5 10 25 50] [--results FILE]

A history is two searches of twenty full trainings' worth of epochs on each task for development but
the one that is judged, so of 16 studies, or of 18 for a task for reporting. The misleading history
is the same with its costs turned round, so that the worst of each study is taken for its best: that
is what a history can cost. Regret is as in ``python benchmarks/replay``.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from lcbench import DEVELOPMENT, EPOCHS, REPORTING, SPACE, Task
from ledger import Ledger, Spent
from sides import quiet
from table import show

from automl.history.folder import Read
from automl.history.past import PastStudy
from automl.history.take import Asking, take, with_starts
from automl.metrics import METRICS
from automl.objective import Objective
from automl.sampling.sampler import Sampling
from automl.space.space import FAMILY, SearchSpace
from automl.trial import EpochResult, TrialRecord, TrialResult, TrialStatus

WHOLE = replace(SPACE, fixed={FAMILY: "mlp"})
PAST_MARK = 20
PAST_SEED = 100
BY_ACCURACY = Objective(METRICS["accuracy"])


def search(ledger: Ledger, space: SearchSpace, seed: int) -> list[TrialRecord]:
    """Search until the ledger is spent; return the trials that were finished by then."""
    sampling = Sampling(space, "maximize", seed=seed, pruner="halving", max_epochs=EPOCHS)
    records: list[TrialRecord] = []
    with contextlib.suppress(Spent):
        while True:
            records.append(_trial(ledger, sampling))
    return records


def _trial(ledger: Ledger, sampling: Sampling) -> TrialRecord:
    asked = sampling.ask()
    params = {name: asked.params[name] for name in SPACE.domains}
    history: list[EpochResult] = []
    status = TrialStatus.COMPLETE
    for epoch in range(1, EPOCHS + 1):
        score = ledger.train(params, epoch) / 100
        history.append(EpochResult(asked.number, epoch, 0.0, 0.0, score, 1.0, 1.0))
        if sampling.report(asked.number, epoch, score):
            status = TrialStatus.PRUNED
            break
    best = max(history, key=lambda e: e.valid_score)
    took = float(len(history))
    sampling.tell(asked.number, TrialResult(asked.number, status, tuple(history), took, best.epoch))
    return TrialRecord(
        asked.number,
        status,
        asked.params,
        best.valid_score,
        tuple(history),
        best.epoch,
        seconds=took,
    )


def facts(number: int) -> dict[str, Any]:
    """Return what tells the tasks apart; there is nothing else to know of them here."""
    return {"kind": "vector", "task": "multiclass", "rows": {"train": number}}


def past_study(task: Task, seed: int) -> PastStudy:
    """Return what a search of `PAST_MARK` full trainings leaves."""
    records = search(Ledger(task, [PAST_MARK], "complete"), WHOLE, PAST_SEED + seed)
    name = f"{task.number}-{seed}"
    return PastStudy.of(name, str(task.number), name, facts(task.number), BY_ACCURACY, records)


def mislead(past: PastStudy) -> PastStudy:
    """Return the study with its costs turned round."""
    return replace(past, trials=tuple(replace(t, cost=-t.cost) for t in past.trials))


def start(task: Task, past: Sequence[PastStudy]) -> SearchSpace:
    """Return the space with the starts that a history gives."""
    asking = Asking(WHOLE, str(task.number), "", facts(task.number))
    return with_starts(WHOLE, take(asking, Read(tuple(past), {})), 0)


def main() -> None:
    """Run what is missing, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tasks", choices=("development", "reporting"), default="development")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--past", type=int, default=2, help="searches of each earlier task")
    parser.add_argument("--marks", type=int, nargs="+", default=[3, 5, 10, 25, 50])
    parser.add_argument("--results", type=Path, help="runs, a line each; none is repeated")
    options = parser.parse_args()
    quiet()
    past = [
        past_study(Task(options.folder, number), seed)
        for number in DEVELOPMENT
        for seed in range(options.past)
    ]
    sides = {
        "without a history": lambda task: WHOLE,
        "with a history": partial(start, past=past),
        "with a misleading history": partial(start, past=[mislead(p) for p in past]),
    }
    numbers = DEVELOPMENT if options.tasks == "development" else REPORTING
    runs = _read(options.results)
    known = {(r["side"], r["task"], r["seed"]) for r in runs}
    for number in numbers:
        task = Task(options.folder, number)
        best = None
        for seed in range(options.seeds):
            for side, space in sides.items():
                if (side, number, seed) in known:
                    continue
                best = task.best() if best is None else best
                began = time.perf_counter()
                ledger = Ledger(task, options.marks, "complete")
                search(ledger, space(task), seed)
                run = {
                    "side": side,
                    "task": number,
                    "seed": seed,
                    "regret": [round(best - accuracy, 4) for accuracy in ledger.accuracies],
                    "trials": ledger.trials,
                    "complete": ledger.complete,
                    "seconds": round(time.perf_counter() - began, 2),
                }
                runs.append(run)
                if options.results is not None:
                    with options.results.open("a", encoding="utf-8") as file:
                        file.write(json.dumps(run) + "\n")
    asked = [r for r in runs if r["task"] in numbers and r["seed"] < options.seeds]
    print("\n".join(show(asked, options.marks, "without a history")))


def _read(path: Path | None) -> list[dict[str, Any]]:
    if path is None or not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    main()
