"""Find the ensemble of a search: predict the rows that choose, and choose by them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from automl.config import SearchConfig
from automl.orchestrator.choose_ensemble import MAX_NETWORKS, Together, choose_ensemble
from automl.orchestrator.ensemble_units import (
    fold_jobs,
    fold_units,
    rows_that_choose,
    single_units,
)
from automl.orchestrator.finalists import Choice
from automl.orchestrator.predict_runs import Prediction, predict_runs
from automl.orchestrator.problem import Problem
from automl.scheduling.scheduler import Scheduler
from automl.study.folder import StudyFolder
from automl.study.run import Run
from automl.trial import TrialRecord

FEW_ROWS = 10_000
"""Rows of validation and test up to which more than the finalists' trials can be members: on more,
predicting them with every network would take a noticeable part of the search."""

MORE_TRIALS = 10
"""As many can be members then, of the best that have kept their weights."""


NO_ENSEMBLE = "an ensemble is chosen among finalists, and there are too few, or too many folds"


def possible_members(finalists: int, rows: int) -> int:
    """Return how many of the best trials can be members, beside the finalists' fresh runs.

    Parameters
    ----------
    finalists : int
        Number of finalists of the search; without any, the best trial is taken as it is, and there
        is no ensemble.
    rows : int
        Rows of the validation and the test split.
    """
    return max(finalists, MORE_TRIALS) if finalists and rows <= FEW_ROWS else finalists


def find_ensemble(
    choice: Choice,
    predictions: Mapping[Run, Prediction],
    records: Iterable[TrialRecord],
    problem: Problem,
    config: SearchConfig,
    folder: StudyFolder,
    scheduler: Scheduler,
) -> Together | None:
    """Return the ensemble of the finalists and of the best trials, or None where there is none.

    Parameters
    ----------
    choice : Choice
        The search's.
    predictions : mapping of Run to Prediction
        Outputs of the finalists' runs and of the best trials, with one validation split.
    records : iterable of TrialRecord
        All trials.
    problem : Problem
    config : SearchConfig
    folder : StudyFolder
    scheduler : Scheduler
        Predicts what `predictions` lacks: in cross-validation, every fold.
    """
    dataset, folds = problem.dataset, problem.folds
    if folds is None:
        results = {run: result for f in choice.finalists for run, result in f.runs.items()}
        seconds = {Run(record.number): record.seconds for record in records}
        seconds |= {run: result.seconds for run, result in results.items()}
        runs = [*results, *(run for run in predictions if run.number == 0)]
        weights = {
            run: Path(str(results[run].weights)) if run in results else folder.run_weights(run)
            for run in runs
        }
        units = single_units(predictions, weights, seconds)
    elif folds.count > MAX_NETWORKS:
        return None
    else:
        jobs = fold_jobs(choice.finalists, folds, folder, config.device)
        found = predict_runs(scheduler, jobs, "the finalists'", ahead=config.worker_count == 1)
        units = fold_units(choice.finalists, found, dataset, folds, folder)
    y = rows_that_choose(dataset, folds)
    return choose_ensemble(units, y, problem.metric, config.prefer)
