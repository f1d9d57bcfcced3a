"""Train a trial of a study again, from its seed and in the same kind of worker."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from automl.errors import StudyError
from automl.executors import EXECUTORS
from automl.followup.study_setup import StudySetup
from automl.models._from_file import loaded_files
from automl.orchestrator.duplicates import same_as
from automl.scheduling.scheduler import Scheduler
from automl.study.run import Run
from automl.study.view import StudyView
from automl.training.jobs import TrainJob
from automl.trial import (
    TrialRecord,
    TrialResult,
    TrialStatus,
)


def rerun(setup: StudySetup, number: int, weights: Path | None = None) -> TrialResult:
    """Train a trial again.

    Parameters
    ----------
    setup : StudySetup
    number : int
        Number of the trial; one that has another's result is trained as that other.
    weights : Path, optional
        Where the best epoch's weights go.

    Returns
    -------
    TrialResult
        Complete also for a trial that was pruned after as many epochs; of one that was dropped at
        its glimpse nothing is left but that.

    Raises
    ------
    StudyError
        When there is no such trial, or the worker died.
    """
    job = replay_job(setup, setup.view.trial(number), weights)
    executor_class = EXECUTORS.get(setup.config.executor)
    with (
        tempfile.TemporaryDirectory(prefix="automl-") as folder,
        executor_class(1, loaded_files()) as executor,
    ):
        executor.provide(setup.data, Path(folder))
        batch = Scheduler(executor, lambda: None).run_batch({number: job})
    if number in batch.errors:
        raise StudyError(f"trial {number} could not be trained again: {batch.errors[number]}")
    result: TrialResult = batch.results[number]
    return result


def replay_job(setup: StudySetup, record: TrialRecord, weights: Path | None) -> TrainJob:
    """Return the job of the search, with the end that the trial came to."""
    # What failed in the middle of an epoch may do so again.
    epochs = len(record.history) + (record.status is TrialStatus.FAILED)
    # Of what was dropped at its glimpse, that takes the place of an epoch.
    job = setup.settings.job(Run(same_as(record)), record.params, weights, glimpse=epochs == 0)
    return replace(job, stop_after=max(epochs, 1))


def first_difference(record: TrialRecord, result: TrialResult) -> str | None:
    """Return where two trainings part, or None when they agree to the last bit."""
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


@dataclass(frozen=True, slots=True)
class Replay:
    """A trial as the study remembers it, and as it was trained again.

    Attributes
    ----------
    record : TrialRecord
    result : TrialResult
    metric : str
        What the scores are.
    difference : str or None
        Where the two part; None when every loss and score agrees to the last bit.
    """

    record: TrialRecord
    result: TrialResult
    metric: str
    difference: str | None


def replay_trial(view: StudyView, number: int) -> Replay:
    """Train a trial again from its seed, and compare it with what the study remembers.

    Raises
    ------
    AutomlError
        See `StudySetup.load` and `rerun`.
    """
    record, setup = view.trial(number), StudySetup.load(view)
    result = rerun(setup, number)
    return Replay(record, result, view.metric.name, first_difference(record, result))
