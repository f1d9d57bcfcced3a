"""Where a worker begins: the functions that the jobs of `automl.training.jobs` name."""

from __future__ import annotations

from collections.abc import Generator

from automl.data.preprocess.prepared import PreparedData
from automl.job import ShouldStop
from automl.training.cross_validate import cross_validate
from automl.training.hardware import pick_device
from automl.training.jobs import DeviceJob, PredictJob, TrainJob
from automl.training.predict import predict_splits
from automl.training.recipe import Recipe, family_of
from automl.training.train import train as train_once
from automl.trial import EpochResult, Glimpse, Stop, TrialResult, TrialStatus
from automl.units import size_text


def train(
    job: TrainJob, data: PreparedData, should_stop: ShouldStop
) -> Generator[EpochResult | Glimpse, None, TrialResult]:
    """Train on one split, or on every fold.

    Yields
    ------
    EpochResult or Glimpse

    Returns
    -------
    TrialResult
    """
    if (reason := _too_large(job, data)) is not None:
        return TrialResult(job.candidate.number, TrialStatus.FAILED, (), 0.0, error=reason)
    done = 0

    def stop(member: int = 0) -> Stop | None:
        over = job.stop_after is not None and done >= job.stop_after
        return Stop.FINISH if over else should_stop(member)

    training = (cross_validate if job.folds > 1 else train_once)(job, data, stop)
    while True:
        try:
            progress = next(training)
        except StopIteration as over:
            result: TrialResult = over.value
            return result
        done += 1
        yield progress


def _too_large(job: TrainJob, data: PreparedData) -> str | None:
    """Say that a network takes more bytes than it may; None where it does not."""
    if job.max_size is None:
        return None
    recipe = Recipe.parse(job.candidate.params)
    cost = family_of(recipe).cost(recipe.model, data.preprocessing.inputs, data.task.n_outputs)
    if cost.size <= job.max_size:
        return None
    return (
        f"the network would take {size_text(cost.size)}, and --max-size allows"
        f" {size_text(job.max_size)}"
    )


def predict(
    job: PredictJob, data: PreparedData, should_stop: ShouldStop
) -> Generator[None, None, float]:
    """Write predictions of validation and test rows; see `PredictJob`.

    Returns
    -------
    float
        Seconds that predicting a thousand rows takes.
    """
    yield from ()
    return predict_splits(job, data)


def check_device(
    job: DeviceJob, data: object, should_stop: ShouldStop
) -> Generator[None, None, None]:
    """Raise ConfigError when the device is not there."""
    yield from ()
    pick_device(job.device)
