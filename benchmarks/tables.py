"""Small data: the winner of a search beside SVM, boosting and logistic regression.

python benchmarks/tables.py [--seeds 5] [--trials 30] [--data iris wine ...] [--cells FILE]

A data set comes with one split; here it is split again for every seed, because on 30 test rows
the luck of the split is larger than what is compared. All models of a seed get the same rows and
are scored once on the same test rows. Finished cells are kept in a file, so the same command goes
on where it was stopped; ``--fresh`` starts anew.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

import automl
from automl.data import load as loading
from automl.metrics import METRICS

DATA = ("iris", "wine", "breast-cancer", "digits", "diabetes", "moons", "blobs", "xor")
OURS = "network"
RIVALS = ("svm", "boosting", "logistic")


def run_cell(dataset: str, seed: int, trials: int) -> dict[str, Any]:
    """Search one data set with its own split; test scores by model."""
    # `load` has no such option: a published score belongs to the one split.
    loading.SPLIT_SEED = seed
    with tempfile.TemporaryDirectory() as folder:
        os.environ["AUTOML_STUDIES"] = folder
        result = automl.search(dataset, trials=trials, seed=seed, baselines=RIVALS, onnx=False)
    assert result.test is not None
    scores = {OURS: result.test.score}
    for name, baseline in result.baselines.items():
        assert baseline.test is not None, f"{name}: {baseline.error}"
        scores[name] = baseline.test.score
    return {"metric": result.metric, "scores": scores, "seconds": result.seconds}


def row(dataset: str, cells: list[dict[str, Any]]) -> str:
    """One line of the table: means and spreads, and whether the network has won."""
    metric = METRICS[cells[0]["metric"]]
    percent = 100 if metric.name == "accuracy" else 1
    values = {name: [percent * c["scores"][name] for c in cells] for name in (OURS, *RIVALS)}
    means = {name: fmean(v) for name, v in values.items()}
    digits = 2 if percent == 100 else 3 if means[OURS] < 10 else 1
    shown = []
    best = min(means, key=lambda name: metric.sort_key(means[name]))
    for name, mean in means.items():
        spread = stdev(values[name]) if len(cells) > 1 else 0.0
        text = f"{mean:.{digits}f} ± {spread:.{digits}f}"
        shown.append(f"**{text}**" if name == best else text)
    rival = min(RIVALS, key=lambda name: metric.sort_key(means[name]))
    better = sum(metric.better(a, b) for a, b in zip(values[OURS], values[rival], strict=True))
    worse = sum(metric.better(b, a) for a, b in zip(values[OURS], values[rival], strict=True))
    gap = means[OURS] - means[rival]
    equal = abs(gap) < 1e-9  # sums of the same scores in another order
    ended = "drawn" if equal else "won" if metric.better(gap, 0.0) else "lost"
    by = "" if equal else f": {gap:+.{digits}f}"
    said = f"{ended} against {rival}{by}; better on {better}, worse on {worse}"
    name = f"{metric.name}, %" if percent == 100 else metric.name
    return f"| {dataset} | {name} | {' | '.join(shown)} | {said} |"


def main() -> None:
    """Run what is missing, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--trials", type=int, default=30)
    parser.add_argument("--data", nargs="+", default=DATA, choices=DATA)
    parser.add_argument(
        "--cells", type=Path, default=Path(tempfile.gettempdir()) / "automl-tables.json"
    )
    parser.add_argument("--fresh", action="store_true", help="forget the finished cells")
    options = parser.parse_args()
    if options.fresh:
        options.cells.unlink(missing_ok=True)
    cells = json.loads(options.cells.read_text()) if options.cells.exists() else {}
    for dataset in options.data:
        for seed in range(options.seeds):
            key = f"{dataset}/{seed}/{options.trials}"
            if key not in cells:
                cells[key] = run_cell(dataset, seed, options.trials)
                options.cells.write_text(json.dumps(cells, indent=2))
                print(f"{key}: {cells[key]['scores']}", flush=True)
    print(f"| data | metric | {OURS} | {' | '.join(RIVALS)} | the network |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for dataset in options.data:
        keys = [f"{dataset}/{seed}/{options.trials}" for seed in range(options.seeds)]
        print(row(dataset, [cells[key] for key in keys]))


if __name__ == "__main__":
    main()
