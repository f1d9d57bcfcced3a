"""Make ``replay/curves.npz``: learning curves of random perceptrons on small tables, unpruned.

python benchmarks/curves.py [--configurations 300] [--part FOLDER]

The tables are `table_sets.HISTORY`, of which at most 600 rows are taken: 60 % to train on, the
others to validate. On each, the same configurations are trained for 27 epochs: the start
configurations of the space `mlp-table-small`, and others that are drawn from it at random, without
L-BFGS, which takes five times as long. The first forty are trained once more with another seed, and
once with averaged weights. A training that diverges has infinite losses from there on.

What is finished is kept in a folder, a file a table, so that the same command goes on where it was
stopped.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import tempfile
import time
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from table_sets import HISTORY, Table

from automl.data import Dataset, PreparedStore
from automl.data.dataset import Split
from automl.data.options import DataOptions
from automl.data.read.memory import from_memory
from automl.metrics import get_metric
from automl.orchestrator.data_facts import data_facts
from automl.sampling.sampler import Sampling
from automl.space.domains import ChoiceDomain
from automl.space.file import load_space
from automl.space.space import SearchSpace
from automl.training.entry import train
from automl.training.jobs import TrainJob
from automl.trial import Candidate, EpochResult

Curve = NDArray[np.float32]

PLACE = Path(__file__).parent / "replay" / "curves.npz"
EPOCHS = 27
ROWS = 600
TRAINED = 0.6
AGAIN = 40
"""Configurations that are trained with another seed, and with averaged weights."""

SEED = 18
BLOCK = 50
"""Configurations of a table that are trained before the next table's turn."""


def space() -> SearchSpace:
    """Return what configurations are drawn from."""
    whole = load_space("mlp-table-small")
    optimizers = ChoiceDomain(("sgd", "rmsprop", "adam", "adamw"))
    by_hand = (*whole.start[:3], whole.start[-1])  # the others were chosen on these curves
    domains = {**whole.domains, "optimizer.name": optimizers}
    return replace(whole, domains=domains, start=by_hand)


def configurations(count: int) -> list[dict[str, Any]]:
    """Return the start configurations, and as many that are drawn at random."""
    drawing = Sampling(space(), "maximize", seed=SEED, sampler="random")
    return [drawing.ask().params for _ in range(len(space().start) + count)]


def read(table: Table) -> Dataset:
    """Return a table's rows, in the two splits that are used."""
    frame = table.read()
    if len(frame) > ROWS:
        frame = frame.sample(ROWS, random_state=0).reset_index(drop=True)
    task = None
    if table.classes:
        task = "multiclass" if frame[table.target].nunique() > 2 else "binary"
    task = task or "regression"
    whole = from_memory(frame, table.target, DataOptions(task=task)).with_all_rows()
    X = np.concatenate([whole.train.X, whole.test.X])
    y = np.concatenate([whole.train.y, whole.test.unlock()])
    order = np.random.default_rng(0).permutation(len(X))
    first, others = np.split(order, [round(TRAINED * len(X))])
    return replace(whole, train=Split(X[first], y[first]), valid=Split(X[others], y[others]))


class Training:
    """Trains configurations on one table.

    Parameters
    ----------
    dataset : Dataset
    """

    def __init__(self, dataset: Dataset) -> None:
        self._data = PreparedStore(dataset)
        self._metric = get_metric(None, dataset.task)
        loss = {"training.class_weights": "none"}
        self._loss = loss if dataset.task.is_classification else {"training.loss": "squared"}

    def curve(self, params: dict[str, Any], seed: int) -> tuple[Curve, float]:
        """Return scores and losses of all epochs, of shape (2, epochs), and the seconds."""
        candidate = Candidate(0, seed, {**params, **self._loss}, EPOCHS)
        job = TrainJob(candidate, self._metric.name, patience=EPOCHS)
        training = train(job, self._data.get(job.variant), lambda member=0: None)
        worst = 0.0 if self._metric.direction == "maximize" else math.inf
        found = np.tile(np.array([[worst], [math.inf]], np.float32), (1, EPOCHS))
        started = time.perf_counter()
        with contextlib.suppress(StopIteration):
            for i in range(EPOCHS):
                result = next(training)
                assert isinstance(result, EpochResult)
                found[:, i] = result.valid_score, result.valid_loss
        return found, time.perf_counter() - started


class Part:
    """What is finished of one table.

    Parameters
    ----------
    path : Path
    table : Table
    count : int
        Configurations.
    """

    def __init__(self, path: Path, table: Table, count: int) -> None:
        self.path, self.table = path, table
        self._training: Training | None = None
        dataset = read(table)
        self._dataset = dataset
        if path.exists():
            with np.load(path) as kept:
                self.arrays = dict(kept)
            return
        self.arrays = {
            "first": np.full((count, 2, EPOCHS), np.nan, np.float32),
            "again": np.full((AGAIN, 2, EPOCHS), np.nan, np.float32),
            "averaged": np.full((AGAIN, 2, EPOCHS), np.nan, np.float32),
            "seconds": np.full(count, np.nan, np.float32),
        }

    @property
    def facts(self) -> dict[str, Any]:
        """What is known of the table."""
        metric = get_metric(None, self._dataset.task)
        return {
            "table": self.table.name,
            "package": self.table.package,
            "metric": metric.name,
            **data_facts(self._dataset),
        }

    def train(self, params: list[dict[str, Any]], places: range) -> None:
        """Train the configurations of these places, as far as they are not."""
        training = self._training or Training(self._dataset)
        self._training = training
        for i in places:
            if not np.isnan(self.arrays["seconds"][i]):
                continue
            self.arrays["first"][i], self.arrays["seconds"][i] = training.curve(params[i], i)
            if i < AGAIN:
                averaged = {**params[i], "training.averaging": 0.2}
                self.arrays["again"][i] = training.curve(params[i], 10_000 + i)[0]
                self.arrays["averaged"][i] = training.curve(averaged, i)[0]
        np.savez_compressed(self.path, **self.arrays)


def write(parts: list[Part], params: list[dict[str, Any]]) -> None:
    """Write what is finished of all tables into one file."""
    done = min(int((~np.isnan(part.arrays["seconds"])).sum()) for part in parts)
    about = {"parameters": params[:done], "tables": [part.facts for part in parts]}
    arrays = {
        name: np.stack([part.arrays[name][:done] for part in parts]).round(4)
        for name in parts[0].arrays
    }
    np.savez_compressed(PLACE, about=np.array(json.dumps(about)), **arrays)


def main() -> None:
    """Train what is missing, a block of each table in turn, and write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--configurations", type=int, default=300)
    parser.add_argument("--part", type=Path, default=Path(tempfile.gettempdir()) / "automl-curves")
    options = parser.parse_args()
    options.part.mkdir(exist_ok=True)
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    params = configurations(options.configurations)
    parts = [Part(options.part / f"{t.name}.npz", t, len(params)) for t in HISTORY]
    for start in range(0, len(params), BLOCK):
        for part in parts:
            begun = time.perf_counter()
            part.train(params, range(start, min(start + BLOCK, len(params))))
            print(part.table.name, start, f"{time.perf_counter() - begun:.0f} s", flush=True)
        write(parts, params)


if __name__ == "__main__":
    main()
