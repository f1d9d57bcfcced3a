"""Searches of a few seconds on tables that come with packages, beside other models.

python benchmarks/tables.py [--sets reported] [--seconds 20] [--seeds 1] [--tables Boston ...]
    [--sides network svm ...] [--interpreter PYTHON] [--cells FILE]

Every seed splits a table anew: 70 % of the rows to train on, 30 % to test. All models get the same
rows, one core and one process, and are scored once on the test rows: log loss, or the root mean
square error. Our SVM, logistic regression and boosting come out of the search itself, and are
judged on its rows; the seconds of the search are without them.

`table_sets.py` names apart what is developed on and what is reported; the others are in
`table_rivals.py`, and in `rival_process.py` those that run in the Python that ``--interpreter``
names, for as many seconds as a search. Finished cells are kept in a file, so the same command goes
on where it was stopped; ``--fresh`` starts anew.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterable
from pathlib import Path
from statistics import fmean, median
from typing import Any

import numpy as np
from table_rivals import RIVALS
from table_sets import DEVELOPMENT, REPORTED, TABLES, Table

import automl
from automl.metrics import METRICS

SETS = {"development": DEVELOPMENT, "reported": REPORTED}
OURS = "network"
BASELINES = ("svm", "logistic", "boosting")
APART = ("autogluon medium", "autogluon best", "realmlp", "tabm")
"""Rivals of `rival_process.py`, which nothing imports: it runs without automl."""

SIDES = (OURS, *BASELINES, *RIVALS)
TEST = 0.3

Cells = dict[str, dict[str, Any]]


def split(table: Table, seed: int) -> tuple[Any, Any]:
    """Training and test rows of one seed, with classes in equal shares."""
    from sklearn.model_selection import train_test_split

    frame = table.read()
    y = frame[table.target] if table.classes else None
    return tuple(train_test_split(frame, test_size=TEST, random_state=seed, stratify=y))


def search(table: Table, seed: int, seconds: float, baselines: Iterable[str]) -> dict[str, Any]:
    """Scores and seconds of a search and its baselines."""
    train, test = split(table, seed)
    metric = "log_loss" if table.classes else "rmse"
    task = None
    if table.classes:
        task = "multiclass" if train[table.target].nunique() > 2 else "binary"
    with tempfile.TemporaryDirectory() as folder:
        os.environ["AUTOML_STUDIES"] = folder
        result = automl.search(
            train,
            table.target,
            test_data=test,
            task=task if table.classes else "regression",
            metric=metric,
            trials=1_000_000,
            time_budget=seconds,
            workers=1,
            seed=seed,
            baselines=tuple(baselines) or "none",
            onnx=False,
            report=False,
        )
        first = _first_averaged(Path(result.folder) / "predictions", metric)
    assert result.test is not None
    assert result.best is not None
    own = sum(v for k, v in result.phases.items() if k != "baselines")
    rows = len(train) + len(test)
    cells: Cells = {OURS: {"score": result.test.score, "seconds": own, "rows": rows}}
    cells[OURS] |= {"trials": result.trials.total, "handed over": result.handed_over}
    if first is not None:
        cells[OURS]["first averaged"] = first
    for part, model in (("single", result.best), ("ensemble", result.ensemble)):
        if model is not None and model.test is not None:
            cells[OURS][part] = model.test.score
    for name, found in result.baselines.items():
        assert found.test is not None, f"{table.name}, {name}: {found.error}"
        assert found.seconds is not None
        cells[name] = {
            "score": found.test.score,
            "seconds": found.seconds.tune + found.seconds.fit,
            "rows": rows,
        }
    return cells


def _first_averaged(predictions: Path, metric: str) -> float | None:
    """Test score of the average over the first configuration's folds, where it has them all."""
    files = sorted(predictions.glob("trial-0-0-fold-*.npz"))
    if not files:
        return None
    mean = np.mean([np.load(file)["test"] for file in files], axis=0)
    return METRICS[metric].score(np.load(predictions / "judged.npz")["y"], mean)


def rival(table: Table, seed: int, name: str) -> dict[str, Any]:
    """Score and seconds of another model."""
    train, test = split(table, seed)
    X, y = train.drop(columns=table.target), train[table.target].to_numpy()
    truth = test[table.target].to_numpy()
    classes = 0
    if table.classes:
        names, y = np.unique(y, return_inverse=True)
        truth, classes = np.searchsorted(names, truth), len(names)
    else:
        y, truth = y.astype(float), truth.astype(float)
    started = time.perf_counter()
    output = RIVALS[name](X, y, test.drop(columns=table.target), classes, seed)
    seconds = time.perf_counter() - started
    metric = METRICS["log_loss" if table.classes else "rmse"]
    rows = len(train) + len(test)
    return {"score": metric.score(truth, output), "seconds": seconds, "rows": rows}


def rival_apart(
    table: Table, seed: int, name: str, seconds: float, interpreter: str
) -> dict[str, Any]:
    """Score and seconds of a model that runs in a Python of its own, its start included."""
    train, test = split(table, seed)
    classes = train[table.target].nunique() if table.classes else 0
    names = sorted(train[table.target].unique()) if classes else []
    program = Path(__file__).with_name("rival_process.py")
    with tempfile.TemporaryDirectory() as folder:
        paths = [f"{folder}/{part}.parquet" for part in ("train", "test")]
        for frame, path in zip((train, test), paths, strict=True):
            words = [c for c in frame.columns if frame[c].dtype.kind not in "biuf"]
            plain = {c: frame[c].astype(str).where(frame[c].notna(), None) for c in words}
            frame.assign(**plain).to_parquet(path, index=False)
        output = f"{folder}/output.npy"
        options = [table.target, str(classes), str(seed), str(seconds), output]
        started = time.perf_counter()
        # Its own packages alone, whatever this process was started with.
        clean = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
        done = subprocess.run(
            [interpreter, str(program), name, *paths, *options],
            env=clean,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"{name} on {table.name}: {done.stderr[-2000:]}")
        taken, found = time.perf_counter() - started, np.load(output)
    metric = METRICS["log_loss" if table.classes else "rmse"]
    truth = test[table.target].to_numpy()
    truth = np.searchsorted(names, truth) if classes else truth.astype(float)
    return {"score": metric.score(truth, found), "seconds": taken, "rows": len(train) + len(test)}


def ranks(scores: dict[str, float]) -> dict[str, float]:
    """Rank of each side, 1 for the lowest score; equal ones share theirs."""
    values = list(scores.values())
    return {
        side: 1 + sum(v < score for v in values) + (sum(v == score for v in values) - 1) / 2
        for side, score in scores.items()
    }


def show(cells: Cells, tables: Iterable[Table], sides: tuple[str, ...], seeds: int) -> None:
    """Print the scores of each table, mean ranks, and wins of the first side."""
    print(f"| table | rows | {' | '.join(sides)} |")
    print("| --- " * (len(sides) + 2) + "|")
    placed: dict[str, list[float]] = {side: [] for side in sides}
    wins = {side: [0, 0, 0] for side in sides[1:]}
    for table in tables:
        keys = [{s: f"{table.name}/{seed}/{s}" for s in sides} for seed in range(seeds)]
        if not all(key in cells for by_side in keys for key in by_side.values()):
            continue
        means = {s: fmean(cells[k[s]]["score"] for k in keys) for s in sides}
        for by_side in keys:
            for side, rank in ranks({s: cells[by_side[s]]["score"] for s in sides}).items():
                placed[side].append(rank)
        for side, won in wins.items():
            ours, theirs = means[sides[0]], means[side]
            won[0 if ours < theirs else 2 if ours > theirs else 1] += 1
        best = min(means, key=lambda s: means[s])
        shown = (f"**{means[s]:.4g}**" if s == best else f"{means[s]:.4g}" for s in sides)
        print(f"| {table.name} | {cells[keys[0][sides[0]]]['rows']} | {' | '.join(shown)} |")
    searched = [cells[k] for k in cells if k.endswith(f"/{OURS}") and "first averaged" in cells[k]]
    print(f"| mean rank | | {' | '.join(f'{fmean(placed[s]):.2f}' for s in sides)} |")
    shown = (", ".join(map(str, counts)) for counts in wins.values())
    print(f"| tables won, drawn and lost against it | | | {' | '.join(shown)} |")
    seconds = {s: [c["seconds"] for k, c in cells.items() if k.endswith(f"/{s}")] for s in sides}
    better = sum(cell["score"] <= cell["first averaged"] for cell in searched)
    if searched and OURS in sides:
        print(
            f"| not worse than its first configuration averaged | | {better} of {len(searched)} |"
        )
    print(f"| s, median | | {' | '.join(f'{median(seconds[s]):.1f}' for s in sides)} |")


def main() -> None:
    """Run what is missing, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", choices=tuple(SETS), default="reported")
    parser.add_argument("--tables", nargs="+", choices=tuple(TABLES))
    parser.add_argument("--sides", nargs="+", default=SIDES, choices=(*SIDES, *APART))
    parser.add_argument("--seconds", type=float, default=20.0, help="of a search")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument(
        "--cells", type=Path, default=Path(tempfile.gettempdir()) / "automl-tables.json"
    )
    parser.add_argument("--interpreter", help=f"Python that has the packages of {', '.join(APART)}")
    parser.add_argument("--fresh", action="store_true", help="forget the finished cells")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    if options.fresh:
        options.cells.unlink(missing_ok=True)
    cells: Cells = json.loads(options.cells.read_text()) if options.cells.exists() else {}
    sides = tuple(options.sides)
    tables = [TABLES[n] for n in options.tables] if options.tables else SETS[options.sets]
    for seed in range(options.seeds):
        for table in tables:
            place = f"{table.name}/{seed}/"
            missing = [side for side in sides if place + side not in cells]
            ours = [side for side in missing if side in (OURS, *BASELINES)]
            found = {}
            if ours:
                found = search(table, seed, options.seconds, [s for s in ours if s != OURS])
            found |= {side: rival(table, seed, side) for side in missing if side in RIVALS}
            for side in (s for s in missing if s in APART):
                if not options.interpreter:
                    parser.error(f"{side} needs --interpreter")
                found[side] = rival_apart(table, seed, side, options.seconds, options.interpreter)
            cells |= {place + side: cell for side, cell in found.items()}
            if found:
                options.cells.write_text(json.dumps(cells, indent=1))
                print(place, {s: round(c["score"], 4) for s, c in found.items()}, flush=True)
    show(cells, tables, sides, options.seeds)


if __name__ == "__main__":
    main()
