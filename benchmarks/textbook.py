"""The textbook configurations in full, beside their published figures.

python benchmarks/textbook.py [--seeds 3] [--only tanh-78] [--scikit-learn]

Ends with exit code 1 when a mean is further from its figure than is known and explained in
``benchmarks/README.md``. `--scikit-learn` also fits scikit-learn's own MLPClassifier, on the same
60,000 rows of raw pixels.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from statistics import fmean, stdev

import numpy as np

import automl
from automl.data import load
from automl.result import TrainResult

Measure = Callable[[TrainResult], float]


def accuracy(result: TrainResult) -> float:
    """Share of the test rows that are classified correctly."""
    return result.test.score


def wrong_probability(result: TrainResult) -> float:
    """Mean probability that is given to wrong classes on the test rows."""
    test = load(result.dataset).test
    y = test.unlock()
    proba = automl.load_model(result.study).predict_proba(test.X)
    return float(np.mean(1 - proba[np.arange(len(y)), y]))


@dataclass(frozen=True)
class Known:
    """A configuration and its published figure; ours may lie between `low` and `high`."""

    configuration: str
    dataset: str
    measure: Measure
    figure: float
    low: float
    high: float


KNOWN = (
    Known("xor-lbfgs", "xor-table", accuracy, 1.0, 1.0, 1.0),
    Known("tanh-78", "mnist", wrong_probability, 0.087, 0.075, 0.087),
    Known("sklearn-mlp", "mnist", accuracy, 0.958, 0.958, 0.975),
    Known("keras-mlp", "mnist", accuracy, 0.984, 0.980, 0.988),
)


def scikit_learn(seed: int) -> tuple[int, float]:
    """Epochs and test accuracy of ``MLPClassifier()`` on raw pixels."""
    from sklearn.neural_network import MLPClassifier

    data = load("mnist").with_all_rows()
    rows = data.train.X.reshape(len(data.train), -1).astype(np.float32)
    model = MLPClassifier(random_state=seed).fit(rows, data.train.y)
    test = data.test.X.reshape(len(data.test), -1).astype(np.float32)
    return model.n_iter_, float(model.score(test, data.test.unlock()))


def main() -> int:
    """Print a table; 1 when a figure was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", choices=[k.configuration for k in KNOWN])
    parser.add_argument("--scikit-learn", action="store_true")
    options = parser.parse_args()
    missed = False
    print("| configuration | measure | published | ours, mean (sd) | difference | s |")
    print("| --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["AUTOML_STUDIES"] = folder
        for known in KNOWN:
            if options.only not in (None, known.configuration):
                continue
            values, seconds = [], []
            for seed in range(options.seeds):
                result = automl.train(known.configuration, known.dataset, seed=seed)
                values.append(known.measure(result))
                seconds.append(result.seconds)
            mean = fmean(values)
            spread = stdev(values) if len(values) > 1 else 0.0
            name = known.measure.__name__.replace("_", " ")
            print(
                f"| {known.configuration} | {name} | {known.figure} | {mean:.4f} ({spread:.4f})"
                f" | {mean - known.figure:+.4f} | {fmean(seconds):.1f} |",
                flush=True,
            )
            missed |= not known.low <= mean <= known.high
    if options.scikit_learn:
        for seed in range(options.seeds):
            epochs, score = scikit_learn(seed)
            print(f"MLPClassifier(random_state={seed}): {epochs} epochs, {score:.4f}", flush=True)
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
