"""Training a trial of a study again, from its seed and in the same kind of worker."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from pathlib import Path

from automl.data import Dataset, PreparedData, PreparedStore, Variant, load_again
from automl.data.split.folds import Folds, make_splits
from automl.errors import StudyError
from automl.executors import EXECUTORS
from automl.orchestrator.defaults import default_max_epochs, default_patience
from automl.orchestrator.duplicates import SAME_AS
from automl.scheduling.scheduler import Scheduler
from automl.seeds import derive_seed
from automl.study.study import FOLDS
from automl.study.view import StudyView
from automl.training.jobs import TrainJob
from automl.trial import (
    Candidate,
    EpochResult,
    Glimpse,
    Stop,
    TrialRecord,
    TrialResult,
    TrialStatus,
)


@dataclass(frozen=True, slots=True)
class RerunJob:
    """A training that ends after as many epochs, or folds, as the first time.

    A pruned trial is told to stop from outside, at a moment that no seed decides.

    Attributes
    ----------
    job : TrainJob
    epochs : int
    """

    job: TrainJob
    epochs: int

    @property
    def variant(self) -> Variant:
        """That of the training."""
        return self.job.variant

    def run(
        self, data: PreparedData, should_stop: Callable[[], Stop | None]
    ) -> Generator[EpochResult | Glimpse, None, TrialResult]:
        """Called by an executor, in a worker."""
        done = 0

        def stop() -> Stop | None:
            return Stop.FINISH if done >= self.epochs else should_stop()

        training = self.job.run(data, stop)
        while True:
            try:
                epoch = next(training)
            except StopIteration as over:
                result: TrialResult = over.value
                return result
            done += 1
            yield epoch


def study_data(view: StudyView) -> Dataset:
    """The data set that a study was made on.

    Raises
    ------
    StudyError
        When the study was not made by automl, or the data is not what it was.
    """
    if not view.config or not view.identity:
        raise StudyError(
            f"study {view.folder.name!r} was not made by automl, so its trials cannot be trained"
        )
    dataset = load_again(view.config)
    then = view.identity["data (SHA-256)"]
    if dataset.fingerprint != then:
        raise StudyError(
            f"study {view.folder.name!r} was made on other data: the fingerprint of"
            f" {dataset.name!r} was {then:.12}… and is {dataset.fingerprint:.12}… now"
        )
    return dataset


def study_max_epochs(view: StudyView, rows: int) -> int:
    """The full budget of a study's trials.

    Parameters
    ----------
    view : StudyView
    rows : int
        Of the training split.
    """
    return int(view.identity.get("--max-epochs") or default_max_epochs(rows))


def study_folds(view: StudyView) -> Folds | None:
    """How a study's trials were cross-validated; None when they had one validation split."""
    return Folds.parse(view.identity.get(FOLDS, "none"))


def study_store(view: StudyView, dataset: Dataset) -> PreparedStore:
    """The study's data set as its trials saw it."""
    return PreparedStore(*make_splits(dataset, study_folds(view)))


def rerun(
    view: StudyView, number: int, data: PreparedStore, rows: int, weights: str | None = None
) -> TrialResult:
    """Train a trial again.

    Parameters
    ----------
    view : StudyView
    number : int
        Of the trial; one that is the same as another is trained as that other.
    data : PreparedStore
    rows : int
        Of the training split.
    weights : str, optional
        Where the best epoch's weights go.

    Returns
    -------
    TrialResult
        Complete also for a trial that was pruned after as many epochs; of one that was dropped at
        its glimpse nothing is left but that.

    Raises
    ------
    StudyError
        When the worker died.
    """
    record, folds = view.trial(number), study_folds(view)
    max_epochs = study_max_epochs(view, rows)
    twin = (record.note or "").removeprefix(SAME_AS)
    origin = int(twin) if (record.note or "").startswith(SAME_AS) else number
    job = TrainJob(
        Candidate(origin, derive_seed(view.config["seed"], origin), record.params, max_epochs),
        view.metric.name,
        view.config.get("patience") or default_patience(max_epochs),
        weights,
        view.config.get("device", "auto"),
        folds=folds.total if folds else 1,
    )
    # What failed in the middle of an epoch may do so again.
    epochs = len(record.history) + (record.status is TrialStatus.FAILED)
    if epochs == 0:  # until the glimpse, which takes the place of an epoch
        job, epochs = replace(job, glimpse=True), 1
    executor_class = EXECUTORS.get(view.config.get("executor", "process"))
    with tempfile.TemporaryDirectory(prefix="automl-") as folder, executor_class(1) as executor:
        executor.provide(data, Path(folder))
        batch = Scheduler(executor, lambda: None).run_batch({number: RerunJob(job, epochs)})
    if number in batch.errors:
        raise StudyError(f"trial {number} could not be trained again: {batch.errors[number]}")
    result: TrialResult = batch.results[number]
    return result


def first_difference(record: TrialRecord, result: TrialResult) -> str | None:
    """Where two trainings part, or None when every loss and score agrees to the last bit."""
    if record.status is TrialStatus.PRUNED and not record.history:
        was, got = record.glimpse, result.glimpse
        return None if was == got else f"in its first epoch, the score was {was!r} and is {got!r}"
    for then, now in zip(record.history, result.history, strict=False):
        for name in ("train_loss", "valid_loss", "valid_score"):
            was, got = getattr(then, name), getattr(now, name)
            if was != got:
                return f"in {then.unit} {then.epoch}, {name} was {was!r} and is {got!r} now"
    if len(record.history) != len(result.history):
        return f"there were {len(record.history)} {record.unit}s, and {len(result.history)} now"
    if record.error != result.error:
        return f"it ended with {record.error or 'no error'}, and now {result.error or 'without'}"
    return None
