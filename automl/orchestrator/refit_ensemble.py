"""The ensemble of a forecast: its trials, trained on all rows in place of the networks of folds.

The networks of folds that were chosen together each lack a block of time, most of them not the
last one; what comes next is like what was last. So what was chosen is how much each trial counts,
and what is handed over are fresh networks of these trials that have seen every row outside of the
test split.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from automl.bundle.members import average
from automl.orchestrator.budget import Clock
from automl.orchestrator.choose_ensemble import Together
from automl.orchestrator.ensemble_units import Trained
from automl.orchestrator.finalists import Finalist
from automl.orchestrator.predict_runs import predict_runs
from automl.orchestrator.refit import TRIES, mean_best_epoch
from automl.orchestrator.trial_jobs import TrialSettings
from automl.scheduling.scheduler import Scheduler
from automl.study.folder import StudyFolder
from automl.study.run import Run
from automl.training.jobs import PredictJob
from automl.trial import EpochResult, TrialRecord, TrialStatus

NETWORKS = 12
"""Networks of the ensemble, about: each trial has its share of them, and at least one."""


def refit_ensemble(
    together: Together,
    records: Sequence[TrialRecord],
    finalists: Sequence[Finalist],
    settings: TrialSettings,
    folder: StudyFolder,
    scheduler: Scheduler,
    clock: Clock,
) -> Together:
    """Return the ensemble with networks that were trained on all rows.

    Parameters
    ----------
    together : Together
        Networks of folds.
    records : sequence of TrialRecord
        All trials.
    finalists : sequence of Finalist
        Those with fresh runs, whose epochs count beside those of the trials.
    settings : TrialSettings
        Settings of a search by cross-validation.
    folder : StudyFolder
    scheduler : Scheduler
    clock : Clock
        Time that is up does not stop these trainings; Ctrl-C does, and then, as when one of a
        trial's trainings does not come to its end, the ensemble stays as it is.
    """
    assert settings.folds is not None
    fold, shares = settings.folds.total, _trial_shares(together)
    if shares is None:
        return together
    params = {record.number: record.params for record in records}
    runs = {
        Run.on_all_rows(trial, TRIES + 1 + i): share / count
        for trial, share in shares.items()
        for count in [max(1, round(NETWORKS * share))]
        for i in range(count)
    }
    jobs = {
        run: settings.refit_job(
            run,
            params[run.trial],
            folder.fold_weights(run, fold),
            mean_best_epoch(_histories(run.trial, records, finalists)),
        )
        for run in runs
    }
    batch = scheduler.run_batch(
        jobs, over=lambda: clock.over() if clock.interrupted else None, ahead=True
    )
    results = {run: batch.results.get(run) for run in runs}
    if any(r is None or r.status is not TrialStatus.COMPLETE for r in results.values()):
        return together
    predicted = predict_runs(
        scheduler,
        {
            run: PredictJob(
                params[run.trial],
                str(folder.fold_weights(run, fold)),
                str(folder.fold_predictions(run, fold)),
                settings.device,
                fold,
            )
            for run in runs
        },
        "the ensemble's",
        ahead=True,
    )
    networks = tuple(Trained(run, fold, Path(folder.fold_weights(run, fold))) for run in runs)
    test = average([predicted[run].test for run in runs], list(runs.values()))
    said: dict[str, Any] = {"networks": len(networks)}
    if together.found.handed_over:
        said["why"] = (
            f"{together.found.why}; its {len(networks)} networks are trained again, on all rows"
            " outside of the test split"
        )
    return replace(
        together,
        found=together.found.model_copy(update=said),
        networks=networks,
        shares=tuple(runs.values()),
        test=test,
        uncalibrated=test,
        fit=sum(result.seconds for result in results.values() if result is not None),
        predict_1000=sum(found.predict_1000 for found in predicted.values()),
        size_bytes=sum(network.weights.stat().st_size for network in networks),
    )


def _trial_shares(together: Together) -> Mapping[int, float] | None:
    """Return how much each trial counts in the average; None where there are baselines in it."""
    shares: dict[int, float] = {}
    for network, share in zip(together.networks, together.shares, strict=True):
        if network.run is None:
            return None
        shares[network.run.trial] = shares.get(network.run.trial, 0.0) + share
    return shares


def _histories(
    trial: int, records: Sequence[TrialRecord], finalists: Sequence[Finalist]
) -> list[tuple[EpochResult, ...]]:
    again = [r.history for f in finalists if f.record.number == trial for r in f.runs.values()]
    return [*(r.history for r in records if r.number == trial), *again]
