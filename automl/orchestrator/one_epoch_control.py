"""The one-epoch control: what a search without a search would have found.

Train every candidate for one epoch, take the best few, train those in full: Egele et al. 2023
(arXiv 2307.15422) find that this matches multi-fidelity methods at a tenth of their cost. Every
search should beat it, so it stands in the table as the baseline ``one-epoch``. The trials of the
study have been trained for an epoch already, but for those that were dropped before its end (see
`automl.trial.Glimpse`) and count as behind the others. So it costs the full trainings of the few
that are not among the finalists anyway.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from automl.baselines._outputs import KEPT_AS
from automl.metrics import Metric
from automl.objective import Objective
from automl.orchestrator.baseline_stream import BaselineOutcome
from automl.orchestrator.finalists import Choice, Finalist, Train, train_finalists
from automl.orchestrator.predict_runs import Prediction
from automl.orchestrator.trial_jobs import TrialSettings
from automl.study.folder import StudyFolder
from automl.trial import TrialRecord


def choose_after_one_epoch(
    records: list[TrialRecord],
    settings: TrialSettings,
    count: int,
    folder: StudyFolder,
    train: Train,
    finalists: list[Finalist],
) -> Choice | None:
    """Return the winner of the control.

    Parameters
    ----------
    records : list of TrialRecord
        All trials.
    settings : TrialSettings
    count : int
        How many of the best are trained in full.
    folder : StudyFolder
    train : callable
    finalists : list of Finalist
        Finalists of the search; a trial that is among them is not trained again.
    """
    objective = settings.objective
    contenders = _ranked(records, objective)[: max(settings.finalists(count), 1)]
    known = {f.record.number: f for f in finalists}
    fresh = [r for r in contenders if r.number not in known]
    trained, cut_off = train_finalists(fresh, settings, folder, train)
    if cut_off:
        return None  # a control that had no time would be beaten for nothing
    full = [known[r.number] for r in contenders if r.number in known] + trained
    if not full:
        return None
    winner = min(full, key=lambda f: f.place(objective))
    run, result = winner.best_run(objective)
    return Choice(winner.record, winner.mean, run, result, full)


def control_outcome(
    control: Choice,
    records: list[TrialRecord],
    prediction: Prediction,
    path: Path,
    metric: Metric,
) -> BaselineOutcome:
    """Return the control as a baseline, with its predictions of the test rows written to `path`."""
    np.savez(path, **{KEPT_AS[metric.uses]: metric.takes(prediction.test)})  # type: ignore[arg-type]
    few = len(control.finalists)
    return BaselineOutcome(
        description=f"the best of {few} trials that led after one epoch: {control.record.number}",
        params=dict(control.record.params),
        valid_score=control.valid_score,
        seconds={
            "tune": sum(r.history[0].seconds if r.history else r.seconds for r in records),
            "fit": control.result.seconds,
            "predict_1000": prediction.predict_1000,
        },
        size_bytes=Path(str(control.result.weights)).stat().st_size,
        predictions=str(path),
    )


def _ranked(records: list[TrialRecord], objective: Objective) -> list[TrialRecord]:
    """Return the trials by their score after one epoch, best first."""
    started = [r for r in records if r.history and r.error is None]
    return sorted(started, key=lambda r: objective.place(r.history[0].valid_score, r))
