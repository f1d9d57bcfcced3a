"""Series of the UCR archive: single trainings of each family's first start configuration.

python benchmarks/series.py [--seeds 3] [--data GunPoint ...] [--sides inception svm ...]

The data sets are those that come with the package aeon, with their own split into training and
test rows; aeon is not a dependency of automl, and must be installed for this. Each network trains
on all training rows, for as many epochs as a search would give a trial at most, and keeps the last
epoch: nothing is chosen by the test rows, and nothing by time, so that other programs on the
machine do not change the accuracies. The SVM is tuned as it is beside a search.

`DEVELOPMENT` is what the configuration of `inception` was developed on, by the accuracy on their
test rows: these figures flatter it. `REPORTED` was looked at once. Finished cells are kept in a
file, so the same command goes on where it was stopped; ``--fresh`` starts anew.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import yaml

import automl
from automl.arrays import Array
from automl.orchestrator.defaults import default_max_epochs
from automl.space.file import load_space

DEVELOPMENT = ("GunPoint", "ItalyPowerDemand", "ArrowHead")
REPORTED = ("OSULeaf", "BasicMotions", "JapaneseVowels", "PickupGestureWiimoteZ", "ACSF1")
SPACES = {
    "rocket": "rocket",
    "inception": "inception-small",
    "lstm": "recurrent",
    "cnn": "cnn-small",
    "transformer": "transformer",
}
SVM = "svm"
SIDES = (*SPACES, SVM)


def read(name: str) -> dict[str, Any]:
    """Rows as `automl.search` and `automl.train` take them, with NaN behind an end."""
    from aeon.datasets import load_classification

    parts = [load_classification(name, split=split) for split in ("train", "test")]
    longest = max(row.shape[1] for rows, _ in parts for row in rows)
    (X, y), test = ((_padded(rows, longest), labels) for rows, labels in parts)
    return {"dataset": X, "y": y, "test_data": test, "kind": "sequence"}


def _padded(rows: Any, longest: int) -> Array:
    """From rows of ``(features, steps)`` to an array of ``(rows, longest, features)``."""
    X = np.full((len(rows), longest, rows[0].shape[0]), np.nan)
    for to, row in zip(X, rows, strict=True):
        to[: row.shape[1]] = row.T
    return X


def train_start(family: str, data: dict[str, Any], seed: int, values: dict[str, Any]) -> Any:
    """Train a family's first start configuration on all training rows; `values` replace its own."""
    space = load_space(SPACES[family])
    params = {**space.fixed, **space.start[0], "family": family}
    params = {n: v for n, v in params.items() if not n.startswith("augmentation.")}
    nested: dict[str, Any] = {"family": params.pop("family")}
    for name, value in params.items():
        section, _, setting = name.partition(".")
        nested.setdefault(section, {})[setting] = value
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "start.yaml"
        path.write_text(yaml.safe_dump(nested))
        epochs = default_max_epochs(len(data["dataset"]))
        return automl.train(
            str(path),
            **data,
            rows="all",
            epochs=epochs,
            fixed=values,
            seed=seed,
            study="series",
            executor="inline",
        )


def tuned_svm(data: dict[str, Any], seed: int) -> Any:
    """The baseline of a search whose only trial is as short as can be."""
    options: dict[str, Any] = {"family": "mlp", "trials": 1, "max_epochs": 1}
    result = automl.search(**data, **options, seed=seed, baselines=(SVM,), onnx=False)
    return result.baselines[SVM]


def run_cell(side: str, name: str, seed: int, values: dict[str, Any]) -> dict[str, float]:
    """Accuracy on the test rows, and seconds."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["AUTOML_STUDIES"] = folder
        data = read(name)
        started = time.perf_counter()
        found = tuned_svm(data, seed) if side == SVM else train_start(side, data, seed, values)
    return {"accuracy": found.test.score, "seconds": time.perf_counter() - started}


def row(name: str, cells: dict[str, list[dict[str, float]]]) -> str:
    """One line of the table: mean accuracies, the best of them in bold, and seconds."""
    means = {side: fmean(c["accuracy"] for c in found) for side, found in cells.items()}
    best = max(means.values())
    shown = [f"**{m:.3f}**" if m == best else f"{m:.3f}" for m in means.values()]
    first = next(iter(cells.values()))
    seconds = fmean(c["seconds"] for c in first)
    return f"| {name} | {' | '.join(shown)} | {seconds:.0f} |"


def main() -> None:
    """Run what is missing, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--data", nargs="+", default=DEVELOPMENT, choices=DEVELOPMENT + REPORTED)
    parser.add_argument("--sides", nargs="+", default=SIDES, choices=SIDES)
    parser.add_argument("--set", nargs="*", default=[], help="model.depth=6: replaces a value")
    parser.add_argument(
        "--cells", type=Path, default=Path(tempfile.gettempdir()) / "automl-series.json"
    )
    parser.add_argument("--fresh", action="store_true", help="forget the finished cells")
    options = parser.parse_args()
    if options.fresh:
        options.cells.unlink(missing_ok=True)
    values = {n: yaml.safe_load(v) for n, _, v in (one.partition("=") for one in options.set)}
    kept = json.loads(options.cells.read_text()) if options.cells.exists() else {}
    print(f"| data | {' | '.join(options.sides)} | s, {options.sides[0]} |")
    print("| --- " * (len(options.sides) + 2) + "|")
    for name in options.data:
        cells: dict[str, list[dict[str, float]]] = {}
        for side in options.sides:
            for seed in range(options.seeds):
                key = "/".join([side, name, str(seed), *options.set])
                if key not in kept:
                    kept[key] = run_cell(side, name, seed, values)
                    options.cells.write_text(json.dumps(kept, indent=2))
                cells.setdefault(side, []).append(kept[key])
        print(row(name, cells), flush=True)


if __name__ == "__main__":
    main()
