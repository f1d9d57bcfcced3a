"""Small real data, prepared as a search prepares it, and a worker's way to run a job."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from automl.baselines._job import BaselineJob, BaselineResult
from automl.data import Dataset, PreparedData, load
from automl.job import run_job

# On a busy machine an example may take long for no fault of its own.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


@pytest.fixture(scope="session")
def datasets() -> Callable[[str], Dataset]:
    """Data sets by name, each loaded once."""
    loaded: dict[str, Dataset] = {}

    def get(name: str) -> Dataset:
        if name not in loaded:
            loaded[name] = load(name)
        return loaded[name]

    return get


@pytest.fixture(scope="session")
def prepared(datasets: Callable[[str], Dataset]) -> Callable[[str], PreparedData]:
    """The same, preprocessed."""
    done: dict[str, PreparedData] = {}

    def get(name: str) -> PreparedData:
        if name not in done:
            done[name] = PreparedData.fit(datasets(name))
        return done[name]

    return get


@pytest.fixture(scope="session")
def run() -> Callable[..., BaselineResult]:
    """Run a job to its end, as an executor does."""

    def to_the_end(
        job: BaselineJob, data: PreparedData, should_stop: Callable[[], Any] = lambda: None
    ) -> BaselineResult:
        messages: Iterator[Any] = run_job(job, data, lambda member=0: should_stop())
        while True:
            try:
                next(messages)
            except StopIteration as over:
                result: BaselineResult = over.value
                return result

    return to_the_end


@pytest.fixture(scope="session")
def job() -> Callable[..., BaselineJob]:
    """A job with everything that a test does not care about filled in."""

    def make(name: str, data: PreparedData, **values: Any) -> BaselineJob:
        from automl.baselines import BASELINES

        space = BASELINES.get(name).space(data.task, data.preprocessing.inputs.n_features)
        start = space.start[0] if space.start else {}
        filled = {
            "number": 0,
            "name": name,
            "params": {**space.fixed, **start},
            "rows": None,
            "seed": 0,
            "metric": data.task.default_metric,
        }
        return BaselineJob(**{**filled, **values})

    return make
