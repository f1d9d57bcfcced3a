"""Fit the baselines again as members of an ensemble: on no row that chooses."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from automl.baselines._job import BaselineMember, BaselineMemberJob
from automl.bundle.save import BaselineRecipe
from automl.orchestrator.baseline_stream import BaselineOutcome
from automl.orchestrator.ensemble_units import FittedBaseline, Trained, Unit, join_folds
from automl.orchestrator.observer import Observer
from automl.orchestrator.predict_runs import Prediction
from automl.orchestrator.problem import Problem
from automl.scheduling.scheduler import Scheduler
from automl.seeds import derive_seed
from automl.study.folder import StudyFolder

LEFT_OUT = ("dummy",)
"""Baselines that know nothing of a row."""


def baseline_units(
    outcomes: Mapping[str, BaselineOutcome],
    problem: Problem,
    folder: StudyFolder,
    scheduler: Scheduler,
    observer: Observer,
    seed: int,
    *,
    ahead: bool = False,
) -> list[Unit]:
    """Return a unit for every baseline: with one split it is one fit, else one for each fold.

    Parameters
    ----------
    outcomes : mapping of str to BaselineOutcome
        With the parameters that were chosen; those that could not be kept are left out.
    problem : Problem
    folder : StudyFolder
    scheduler : Scheduler
    observer : Observer
        Told of those that are left out.
    seed : int
        The study's.
    ahead : bool
        Whether to go ahead of what waits.
    """
    names = [n for n, o in outcomes.items() if o.layers is not None and n not in LEFT_OUT]
    folds = 1 if problem.folds is None else problem.folds.total
    jobs = {
        (name, fold): BaselineMemberJob(
            name,
            outcomes[name].params,
            derive_seed(seed, 0) % 2**32,
            fold,
            str(folder.member_predictions(name, fold)),
            str(folder.member_weights(name, fold)),
        )
        for name in names
        for fold in range(folds)
    }
    batch = scheduler.run_batch(jobs, ahead=ahead)
    units = []
    for name in names:
        fits = {fold: batch.results.get((name, fold)) for fold in range(folds)}
        done = {fold: fit for fold, fit in fits.items() if fit is not None and fit.error is None}
        if len(done) < folds:
            why = [fit.error for fit in fits.values() if fit is not None and fit.error]
            why += [error for (of, _), error in batch.errors.items() if of == name]
            observer.note(f"baseline {name} is in no ensemble: {why[0]}")
            continue
        units += _units(name, outcomes[name], done, problem, folder)
    return units


def _units(
    name: str,
    outcome: BaselineOutcome,
    fits: Mapping[int, BaselineMember],
    problem: Problem,
    folder: StudyFolder,
) -> list[Unit]:
    members = [
        Trained(
            None,
            None if problem.folds is None else fold,
            folder.member_weights(name, fold),
            FittedBaseline(
                BaselineRecipe(name, fit.description, fit.layers or [], True), outcome.params
            ),
        )
        for fold, fit in fits.items()
    ]
    found = [
        _read(folder.member_predictions(name, fold), fit.seconds_predict_1000)
        for fold, fit in fits.items()
    ]
    seconds = sum(fit.seconds_fit for fit in fits.values())
    if problem.folds is None:
        (one,) = found
        return [Unit(name, tuple(members), one.valid, (one.test,), seconds, one.predict_1000)]
    return join_folds(name, members, found, problem.dataset, problem.folds, seconds)


def _read(path: Path, predict_1000: float) -> Prediction:
    with np.load(path) as kept:
        return Prediction(kept["valid"], kept["test"], predict_1000)
