"""Predict validation and test rows with every model that is compared at the end."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from automl.arrays import Array
from automl.errors import StudyError
from automl.orchestrator.finalists import Choice
from automl.scheduling.scheduler import Scheduler
from automl.study.folder import StudyFolder
from automl.study.run import Run
from automl.training.jobs import PredictJob
from automl.trial import TrialRecord

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a run says of rows.

    Attributes
    ----------
    valid, test : array
        Class probabilities of shape ``(rows, classes)``, or numbers.
    predict_1000 : float
        Seconds to predict a thousand rows.
    """

    valid: Array
    test: Array
    predict_1000: float


def saved_trials(best: Iterable[TrialRecord], folder: StudyFolder) -> dict[Run, Path]:
    """Return the weights of the best trials, where they were kept."""
    paths = {run: folder.run_weights(run) for run in (Run(r.number) for r in best)}
    return {run: path for run, path in paths.items() if path.exists()}


def predict_jobs(
    choices: Sequence[Choice],
    saved: Mapping[Run, Path],
    records: Iterable[TrialRecord],
    folder: StudyFolder,
    device: str,
    fold: int | None,
) -> dict[Run, PredictJob]:
    """Return the predictions of every winner, every finalist run, and the saved trials.

    Parameters
    ----------
    choices : sequence of Choice
        The search's, and the control's.
    saved : mapping of Run to Path
        Weights of the best trials, from `saved_trials`.
    records : iterable of TrialRecord
        All trials.
    folder : StudyFolder
    device : str
    fold : int or None
        In cross-validation, the fold with all rows: only the winner has such a model.
    """
    params = {r.number: r.params for r in records}
    weights = {run: str(path) for run, path in saved.items()} if fold is None else {}
    for choice in choices:
        weights[choice.run] = str(choice.result.weights)
        for finalist in choice.finalists if fold is None else []:
            weights |= {run: str(result.weights) for run, result in finalist.runs.items()}
    return {
        run: PredictJob(
            params[run.trial], path, str(folder.run_predictions(run)), device, fold or 0
        )
        for run, path in weights.items()
    }


def predict_runs(
    scheduler: Scheduler,
    jobs: Mapping[Key, PredictJob],
    whose: str = "the winner's",
    *,
    ahead: bool = False,
) -> dict[Key, Prediction]:
    """Predict on the workers.

    Parameters
    ----------
    scheduler : Scheduler
    jobs : mapping of hashable to PredictJob
    whose : str
        Whose predictions they are, for the message.
    ahead : bool
        Whether to go ahead of what waits.

    Raises
    ------
    StudyError
        When a job fails.
    """
    batch = scheduler.run_batch(jobs, ahead=ahead)
    if batch.errors:
        reason = next(iter(batch.errors.values()))
        raise StudyError(
            f"{whose} test rows could not be predicted: {reason}; the same command tries again"
        )
    return {run: _read(Path(job.predictions), batch.results[run]) for run, job in jobs.items()}


def _read(path: Path, predict_1000: float) -> Prediction:
    with np.load(path) as kept:
        return Prediction(kept["valid"], kept["test"], predict_1000)
