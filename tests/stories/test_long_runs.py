"""Memory over many trials: a worker's is flat, and the parent keeps a little of each trial."""

from __future__ import annotations

import gc
import multiprocessing
import tracemalloc
from collections.abc import Callable, Generator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from automl.config import SearchConfig
from automl.data import PreparedStore
from automl.data.preprocess.variants import DEFAULT
from automl.executors._worker import resident_bytes
from automl.executors.process import ProcessExecutor
from automl.job import Job
from automl.orchestrator.observer import Observer
from automl.orchestrator.search import search
from automl.orchestrator.trial_jobs import TrialSettings
from automl.sampling.sampler import Sampling
from automl.space.file import load_space
from automl.training.jobs import TrainJob
from automl.trial import Candidate, EpochResult, TrialRecord, TrialResult, TrialStatus

PARENT_BYTES = 2_900
"""A trial of two epochs and 12 sampled parameters, in Python objects. 2,500 were seen, of which the
two epochs take 440 and the dictionary of its parameters 400; one more of either is over the bound.
"""

WORKER_BYTES = 8_000
"""A trial, as the system sees it, which hands out memory in pieces of up to 128 kB: over 300 trials
of which nothing stays, 2,500 were seen. One network of them is over the bound."""


@dataclass(frozen=True)
class Instant(Job):
    """What a training of two epochs says, without the training."""

    number: int

    runs = "test_long_runs:run_instant"
    variant = DEFAULT


def run_instant(
    job: Instant, data: object, should_stop: object
) -> Generator[EpochResult, None, TrialResult]:
    score = 0.5 + job.number * 1e-5
    epochs = tuple(
        EpochResult(job.number, epoch, score + 1, score + 2, score, score + 3, score + 4)
        for epoch in (1, 2)
    )
    yield from epochs
    return TrialResult(job.number, TrialStatus.COMPLETE, epochs, score, 2, None, 1000)


class _Enough(Exception):
    pass


class _Tracing(Observer):
    """Counts the bytes that are allocated from one trial to another and not freed."""

    def __init__(self, first: int, last: int) -> None:
        self.first, self.last = first, last

    def trial_finished(self, record: TrialRecord) -> None:
        if record.number == self.first:
            gc.collect()
            tracemalloc.start()
        elif record.number == self.last:
            gc.collect()
            self.each = tracemalloc.get_traced_memory()[0] / (self.last - self.first)
            raise _Enough


def test_the_parent_keeps_a_little_of_each_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        TrialSettings, "job", lambda self, run, *args, **options: Instant(run.trial)
    )
    tracing = _Tracing(50, 250)
    config = SearchConfig(
        dataset="iris",
        space="mlp-table-small",
        trials=1000,
        max_epochs=2,
        folds=0,
        sampler="random",
        executor="inline",
    )
    try:
        with pytest.raises(_Enough):
            search(config, tracing)
    finally:
        tracemalloc.stop()
    assert tracing.each < PARENT_BYTES


def _candidates() -> Generator[dict[str, Any], None, None]:
    space = load_space("mlp-table-small").fix({"model.width": 32, "training.batch_size": 64})
    sampling = Sampling(space, "maximize", seed=0, sampler="random")
    while True:
        yield sampling.ask().params


def test_a_workers_memory_is_flat(make_store: Callable[..., PreparedStore], tmp_path: Path) -> None:
    warm, more = 60, 300
    different = list(islice(_candidates(), 20))
    at_first = 0
    with ProcessExecutor(1) as executor:
        executor.provide(make_store(rows=60), tmp_path / "shared")
        for number in range(warm + more):
            candidate = Candidate(number, number, different[number % len(different)], 1)
            executor.submit(TrainJob(candidate, "accuracy", 1, str(tmp_path / "weights")))
            while not executor.idle:
                executor.next_message(60.0)
            (worker,) = multiprocessing.active_children()
            if number == warm:
                at_first = resident_bytes(worker.pid or 0)
        grown = resident_bytes(worker.pid or 0) - at_first
    assert at_first > 0
    assert grown / more < WORKER_BYTES
