"""Trainings of small problems, run to their end in this process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from automl.data import PreparedData
from automl.job import run_job
from automl.training.jobs import TrainJob
from automl.trial import Candidate, EpochResult, Glimpse, Stop, TrialResult

DEFAULTS: dict[str, Any] = {
    "family": "mlp",
    "model.depth": 1,
    "model.width": 16,
    "optimizer.learning_rate": 0.01,
    "training.batch_size": 32,
}


def make_job(
    params: dict[str, Any] | None = None,
    *,
    epochs: int = 5,
    patience: int = 100,
    seed: int = 1,
    weights: Path | None = None,
    metric: str = "accuracy",
) -> TrainJob:
    """A job with `DEFAULTS` and these parameters."""
    candidate = Candidate(0, seed, {**DEFAULTS, **(params or {})}, epochs)
    return TrainJob(candidate, metric, patience, str(weights) if weights else None)


@dataclass(frozen=True)
class Trained:
    """What a training said, and how it ended."""

    epochs: list[EpochResult | Glimpse]
    result: TrialResult


def run(
    job: TrainJob, data: PreparedData, should_stop: Callable[[], Stop | None] = lambda: None
) -> Trained:
    """Run a job in this process."""
    epochs = []
    generator = run_job(job, data, lambda member=0: should_stop())
    try:
        while True:
            epochs.append(next(generator))
    except StopIteration as over:
        return Trained(epochs, over.value)


def curve(result: TrialResult) -> list[tuple[Any, ...]]:
    """The history without what a clock decides."""
    return [(e.epoch, e.train_loss, e.valid_loss, e.valid_score) for e in result.history]
