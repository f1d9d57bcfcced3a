"""Searches of a few seconds on tables, with and without a history of studies of other tables.

python benchmarks/history.py [--sets development] [--seconds 10] [--times 5] [--tables Boston ...]
    [--cells FILE]

The history is made of ``replay/curves.npz``: on each table of `table_sets.HISTORY` sixty random
configurations, which fourteen studies would have left. Each table is split as by `tables.py`; a
search has `--seconds`, and one without a history `--times` as many too. Scores are log losses or
root mean square errors on the test rows, lower is better. Finished cells are kept in a file, so the
same command goes on where it was stopped.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import warnings
from pathlib import Path
from statistics import fmean, median
from typing import Any

import numpy as np
from portfolio import read
from table_sets import TABLES, Table
from tables import SETS, split

import automl
from automl.history.folder import keep
from automl.history.past import PastStudy, PastTrial
from automl.study.folder import StudyFolder

SIDES = ("short", "history", "long")
TRIALS = 60
"""Configurations of an earlier study."""

Cells = dict[str, dict[str, Any]]


def past() -> list[PastStudy]:
    """Return what fourteen studies would have left, each of other configurations."""
    about, losses = read()
    rng = np.random.default_rng(0)
    found = []
    for facts, costs in zip(about["tables"], losses, strict=True):
        chosen = rng.choice(len(costs), TRIALS, replace=False)
        trials = tuple(
            PastTrial(int(i), about["parameters"][i], (), float(costs[i]), 1.0) for i in chosen
        )
        name = facts["table"].replace(".", "-")
        found.append(PastStudy(name, name, name, facts, "log_loss", "epoch", trials))
    return found


def search(table: Table, seed: int, seconds: float, history: list[PastStudy]) -> dict[str, Any]:
    """Return the score of a search, and what it has to say of its history."""
    train, test = split(table, seed)
    task = "regression"
    if table.classes:
        task = "multiclass" if train[table.target].nunique() > 2 else "binary"
    with tempfile.TemporaryDirectory() as folder:
        os.environ["AUTOML_STUDIES"] = folder
        for study in history:
            path = Path(folder, study.name)
            path.mkdir()
            keep(StudyFolder(path), study)
        result = automl.search(
            train,
            table.target,
            test_data=test,
            task=task,
            metric="log_loss" if table.classes else "rmse",
            trials=1_000_000,
            time_budget=seconds,
            workers=1,
            seed=seed,
            baselines="none",
            onnx=False,
            report=False,
        )
    assert result.test is not None
    assert result.added is not None
    taken = result.added.from_history
    return {
        "score": result.test.score,
        "trials": result.trials.total,
        "taken": None if taken is None else taken.model_dump(),
    }


def show(cells: Cells, tables: list[Table], seeds: int) -> None:
    """Print scores, and how often a history was better than none."""
    print(f"| table | {' | '.join(SIDES)} | trials | an earlier configuration won |")
    print("| --- " * (len(SIDES) + 3) + "|")
    ratios: dict[str, list[float]] = {side: [] for side in SIDES}
    for table in tables:
        places = [f"{table.name}/{seed}" for seed in range(seeds)]
        done = [p for p in places if all(f"{p}/{side}" in cells for side in SIDES)]
        if not done:
            continue
        means = {s: fmean(cells[f"{p}/{s}"]["score"] for p in done) for s in SIDES}
        trials = [f"{median(cells[f'{p}/{s}']['trials'] for p in done):.0f}" for s in SIDES]
        won = sum(bool((cells[f"{p}/history"]["taken"] or {}).get("won")) for p in done)
        for place in done:
            for side in SIDES:
                score = cells[f"{place}/{side}"]["score"]
                ratios[side].append(score / cells[f"{place}/short"]["score"])
        shown = " | ".join(f"{means[s]:.4g}" for s in SIDES)
        print(f"| {table.name} | {shown} | {', '.join(trials)} | {won} of {len(done)} |")
    for other in ("short", "long"):
        pairs = list(zip(ratios["history"], ratios[other], strict=True))
        better = sum(a < b for a, b in pairs)
        change = 100 * (np.exp(fmean(np.log(a / b) for a, b in pairs)) - 1)
        print(
            f"\nhistory against {other}: better on {better} of {len(pairs)}, mean {change:+.1f} %"
        )


def main() -> None:
    """Run what is missing, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", choices=tuple(SETS), default="development")
    parser.add_argument("--tables", nargs="+", choices=tuple(TABLES))
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--times", type=float, default=5.0)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument(
        "--cells", type=Path, default=Path(tempfile.gettempdir()) / "automl-history.json"
    )
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    cells: Cells = json.loads(options.cells.read_text()) if options.cells.exists() else {}
    tables = [TABLES[n] for n in options.tables] if options.tables else list(SETS[options.sets])
    history = past()
    for seed in range(options.seeds):
        for table in tables:
            for side in SIDES:
                place = f"{table.name}/{seed}/{side}"
                if place in cells:
                    continue
                seconds = options.seconds * (options.times if side == "long" else 1.0)
                cells[place] = search(table, seed, seconds, history if side == "history" else [])
                options.cells.write_text(json.dumps(cells, indent=1))
                print(place, cells[place], flush=True)
    show(cells, tables, options.seeds)


if __name__ == "__main__":
    main()
