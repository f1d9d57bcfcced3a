"""Find the ensemble of a search, and the temperatures: predict rows, and choose by them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from automl.arrays import Array
from automl.bundle.error_quantiles import ErrorQuantiles
from automl.config import SearchConfig
from automl.orchestrator.calibrate import calibrate
from automl.orchestrator.choose_ensemble import FOLD_NETWORKS, Together, Wish, choose_ensemble
from automl.orchestrator.ensemble_units import (
    Unit,
    features_that_choose,
    fold_jobs,
    fold_units,
    folded_runs,
    rows_that_choose,
    single_units,
)
from automl.orchestrator.finalists import Choice
from automl.orchestrator.predict_runs import Prediction, predict_runs
from automl.orchestrator.problem import Problem
from automl.scheduling.scheduler import Scheduler
from automl.study.folder import StudyFolder
from automl.study.run import Run
from automl.trial import TrialRecord, TrialStatus

FEW_ROWS = 10_000
"""Rows of validation and test up to which more than the finalists' trials can be members: on more,
predicting them with every network would take a noticeable part of the search."""

MORE_TRIALS = 10
"""As many can be members then, of the best that have kept their weights."""


NAMED = 2
"""Start configurations, the first of a space, whose networks stand in an ensemble of
cross-validation without having been chosen; they are trained in full. Two, because the two of the
space for small tables are alike in nothing: over 22 splits of 13 tables, their average has a loss
that is 4.2 % lower than the first alone (standard error 2.0)."""

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
    best: Sequence[TrialRecord],
    problem: Problem,
    config: SearchConfig,
    folder: StudyFolder,
    scheduler: Scheduler,
    others: Callable[[], Sequence[Unit]] = tuple,
) -> tuple[Choice, Together | None]:
    """Calibrate the single network, and choose the ensemble of finalists and best trials.

    Parameters
    ----------
    choice : Choice
        The search's.
    predictions : mapping of Run to Prediction
        Outputs of the finalists' runs and of the best trials, with one validation split.
    records : iterable of TrialRecord
        All trials.
    best : sequence of TrialRecord
        The best trials, which can be members if their weights are there.
    problem : Problem
    config : SearchConfig
    folder : StudyFolder
    scheduler : Scheduler
        Predicts what `predictions` lacks: in cross-validation, every fold.
    others : callable
        Makes the units of models that are no networks.

    Returns
    -------
    Choice
        With its calibration, if there is one that helps.
    Together or None
        None where there are too few networks.
    """
    dataset, folds = problem.dataset, problem.folds
    named: list[TrialRecord] = []
    if folds is None:
        units = _single_units(choice, predictions, records, folder)
    elif folds.count > FOLD_NETWORKS or not config.finalists:
        return choice, None
    else:
        named = _named(records)
        trials = [*best, *(record for record in named if record not in best)]
        folded = folded_runs(choice.finalists, trials, folds, folder)
        jobs = fold_jobs(folded, folds, folder, config.device)
        found = predict_runs(scheduler, jobs, "the folds'", ahead=config.worker_count == 1)
        units = fold_units(folded, found, dataset, folds, folder)
    y = rows_that_choose(dataset, folds)
    wish = Wish(config.prefer, config.max_size, config.max_latency)
    if dataset.task.is_classification:
        choice = _calibrated(choice, predictions, units, y, in_folds=folds is not None)
    together = choose_ensemble(
        [*units, *others()],
        y,
        problem.metric,
        wish,
        in_folds=folds is not None,
        named=[Run(record.number) for record in named],
        winner=None if folds is None else choice.record.number,
    )
    if dataset.windows is not None:
        mine = _of_winner(choice, predictions, units, in_folds=folds is not None)
        season = dataset.windows.form.season
        X = features_that_choose(dataset, folds)
        if mine:
            choice = replace(choice, errors=ErrorQuantiles.fit(X, y, mine, season))
        if together is not None:
            of_both = ErrorQuantiles.fit(X, y, [together.valid], season)
            together = replace(together, errors=of_both)
    return choice, together


def _single_units(
    choice: Choice,
    predictions: Mapping[Run, Prediction],
    records: Iterable[TrialRecord],
    folder: StudyFolder,
) -> list[Unit]:
    results = {run: result for f in choice.finalists for run, result in f.runs.items()}
    seconds = {Run(record.number): record.seconds for record in records}
    seconds |= {run: result.seconds for run, result in results.items()}
    runs = [*results, *(run for run in predictions if run.number == 0)]
    weights = {
        run: Path(str(results[run].weights)) if run in results else folder.run_weights(run)
        for run in runs
    }
    return single_units(predictions, weights, seconds)


def _named(records: Iterable[TrialRecord]) -> list[TrialRecord]:
    """Return the first start configurations of the space that came to their end.

    Where the space has none, the first trial takes their place: nobody chose it either.
    """
    first = (
        record
        for record in sorted(records, key=lambda record: record.number)
        if record.drawn_by == "start" or record.number == 0
    )
    return [record for record in first if record.status is TrialStatus.COMPLETE][:NAMED]


def _calibrated(
    choice: Choice,
    predictions: Mapping[Run, Prediction],
    units: Sequence[Unit],
    y: Array,
    *,
    in_folds: bool,
) -> Choice:
    """Return the choice with a temperature, if one helps."""
    outputs = _of_winner(choice, predictions, units, in_folds=in_folds)
    if not outputs:
        return choice
    found = calibrate(np.concatenate(outputs), np.concatenate([y] * len(outputs)))
    return replace(choice, calibration=found)


def _of_winner(
    choice: Choice,
    predictions: Mapping[Run, Prediction],
    units: Sequence[Unit],
    *,
    in_folds: bool,
) -> list[Array]:
    """Return what the winner says of the rows that choose, without having seen them.

    In cross-validation the network that is handed over has seen every row; those of its folds,
    which were trained in the same way, have not.
    """
    if not in_folds:
        return [predictions[choice.run].valid]
    return [u.valid for u in units if u.run and u.run.trial == choice.record.number]
