"""``automl scaling``: how the cost of the network and of the SVM grows with the data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from automl.baselines._job import BaselineJob
from automl.errors import StudyError
from automl.files import write_json
from automl.followup.reopen import Reopened, reopen
from automl.job import Job
from automl.orchestrator.budget import Clock
from automl.orchestrator.observer import Observer
from automl.study.run import Run
from automl.trial import TrialStatus

SHARES = (16, 8, 4, 2, 1)
"""Divisors of the training rows: each step doubles them."""


@dataclass(frozen=True, slots=True)
class ScalingPoint:
    """One model fitted on a part of the training rows.

    Attributes
    ----------
    model : {"network", "svm"}
    rows : int
        Training rows.
    seconds : float
        Duration of the fit.
    valid_score : float
        Score on the validation split; the test split stays closed.
    """

    model: str
    rows: int
    seconds: float
    valid_score: float


@dataclass(frozen=True, slots=True)
class Scaling:
    """All points and what follows from them; ``studies/<name>/scaling.json``.

    Attributes
    ----------
    points : tuple of ScalingPoint
    exponents : dict of str to float
        Exponents of the power law ``seconds = c * rows ** exponent``; a model with fewer than two
        points has none.
    stopped : str or None
        Why sizes are missing.
    """

    points: tuple[ScalingPoint, ...]
    exponents: dict[str, float]
    stopped: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the picture in plain types."""
        return asdict(self)


def measure_scaling(
    name: str,
    time_budget: float | None = None,
    said: Callable[[ScalingPoint], None] = lambda point: None,
) -> Scaling:
    """Fit the winner and the tuned SVM on 1/16, 1/8, 1/4, 1/2 and all of the training rows.

    One fit at a time, on one worker, so that the seconds mean something.

    Parameters
    ----------
    name : str
        Name of a study whose search is finished.
    time_budget : float, optional
        Seconds; no fit is begun after them.
    said : callable
        Told of every point.

    Raises
    ------
    AutomlError
        See `reopen`.
    """
    clock = Clock(time_budget)
    points: list[ScalingPoint] = []
    stopped = None
    with clock.catch_interrupt(), reopen(name, Observer(), workers=1) as again:
        total = len(again.setup.dataset.train)
        for share in SHARES:
            for model, job in _jobs(again, total // share).items():
                stopped = stopped or clock.over()
                if stopped is None:
                    points.append(_measure(again, model, total // share, job))
                    said(points[-1])
        found = Scaling(tuple(points), fit_exponents(points), stopped)
        write_json(again.study.folder.scaling, found.to_json())
    return found


def fit_exponents(points: list[ScalingPoint]) -> dict[str, float]:
    """Return the slope of log seconds over log rows for every model, by least squares."""
    exponents = {}
    for model in sorted({p.model for p in points}):
        rows = np.array([p.rows for p in points if p.model == model], dtype=float)
        seconds = np.array([p.seconds for p in points if p.model == model])
        if len(rows) > 1:
            exponents[model] = float(np.polyfit(np.log(rows), np.log(seconds), 1)[0])
    return exponents


def _jobs(again: Reopened, rows: int) -> dict[str, Job]:
    best = again.result.best
    assert best is not None
    # One training on a part of the rows, also where the trials were cross-validated.
    settings = replace(again.setup.settings, folds=None)
    network = settings.job(Run(best.number), best.params, rows=rows)
    jobs: dict[str, Job] = {"network": network}
    svm = again.result.baselines.get("svm")
    if svm is not None and svm.error is None:
        seed = network.candidate.seed % 2**32
        jobs["svm"] = BaselineJob(0, "svm", svm.params, rows, seed, settings.metric.name)
    return jobs


def _measure(again: Reopened, model: str, rows: int, job: Job) -> ScalingPoint:
    batch = again.scheduler.run_batch({model: job})
    if model in batch.errors:
        raise StudyError(f"{model} on {rows} rows: {batch.errors[model]}")
    result = batch.results[model]
    failed = result.error if model == "svm" or result.status is TrialStatus.FAILED else None
    if failed or result.valid_score is None:
        raise StudyError(f"{model} on {rows} rows: {failed or 'was stopped'}")
    seconds = result.seconds_fit if model == "svm" else result.seconds
    return ScalingPoint(model, rows, seconds, result.valid_score)
