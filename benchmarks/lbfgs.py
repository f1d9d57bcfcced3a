"""Iterations an epoch and curvature pairs of L-BFGS: scores and CPU seconds on small data.

python benchmarks/lbfgs.py [--candidates 12] [--data breast-cancer wine diabetes digits]

The same random candidates of the space `mlp-small`, with L-BFGS for an optimizer, are trained with
each setting, with early stopping as in a search.
"""

from __future__ import annotations

import argparse
import math
import time
from statistics import fmean, median
from typing import Any
from unittest.mock import patch

from automl.data import PreparedData, load
from automl.executors._worker import set_up_worker
from automl.job import run_job
from automl.sampling.sampler import Sampling
from automl.space.file import load_space
from automl.training import stepping
from automl.training.jobs import TrainJob
from automl.trial import Candidate, TrialResult

SETTINGS = ((10, 100), (5, 20), (3, 20))
"""Iterations an epoch, and pairs; the first is that of torch's own history."""

EPOCHS, PATIENCE = 100, 12


def train(params: dict[str, Any], data: PreparedData) -> TrialResult:
    """Train a candidate to its end."""
    metric = "accuracy" if data.task.is_classification else "rmse"
    job = TrainJob(Candidate(0, 1, params, EPOCHS), metric, PATIENCE)
    training = run_job(job, data, lambda member=0: None)
    while True:
        try:
            next(training)
        except StopIteration as over:
            result: TrialResult = over.value
            return result


def main() -> None:
    """Print a line for each data set and setting."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--candidates", type=int, default=12)
    parser.add_argument(
        "--data", nargs="+", default=["breast-cancer", "wine", "diabetes", "digits"]
    )
    options = parser.parse_args()
    set_up_worker()
    space = load_space("mlp-small").fix({"optimizer.name": "lbfgs"})
    sampling = Sampling(space, "maximize", seed=0, sampler="random")
    drawn = [sampling.ask() for _ in range(len(space.start) + options.candidates)]
    candidates = [asked.params for asked in drawn[len(space.start) :]]
    print("| data | iterations, pairs | CPU s | epochs | best score | mean score | median loss |")
    print("| --- | --- | --- | --- | --- | --- | --- |", flush=True)
    for name in options.data:
        data = PreparedData.fit(load(name))
        for iterations, pairs in SETTINGS:
            with (
                patch.object(stepping, "LBFGS_ITERATIONS", iterations),
                patch.object(stepping, "LBFGS_HISTORY", pairs),
            ):
                started = time.process_time()
                found = [train(dict(params), data) for params in candidates]
            seconds = time.process_time() - started
            scores = [r.valid_score for r in found if r.valid_score is not None]
            best = max(scores) if data.task.is_classification else min(scores)
            losses = [min((e.valid_loss for e in r.history), default=math.inf) for r in found]
            print(
                f"| {name} | {iterations}, {pairs} | {seconds:.1f} |"
                f" {fmean(len(r.history) for r in found):.0f} | {best:.4f} | {fmean(scores):.4f} |"
                f" {median(losses):.4f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
