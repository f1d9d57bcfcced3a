"""``automl compare``: more baselines for a search that is over."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from automl.bundle.save import restate
from automl.errors import StudyError
from automl.followup.reopen import Reopened, reopen
from automl.option_types import ONE_EPOCH
from automl.orchestrator.baseline_models import keep_baselines
from automl.orchestrator.baseline_stream import (
    BaselineOutcome,
    Baselines,
    find_baselines,
    keep_outcome,
)
from automl.orchestrator.judge import judge_baselines, judge_forecast, make_verdict
from automl.orchestrator.judge_models import judged_before
from automl.orchestrator.observer import Observer
from automl.orchestrator.one_epoch_control import choose_after_one_epoch, control_outcome
from automl.orchestrator.predict_runs import predict_jobs, predict_runs
from automl.result import Quantiles, SearchResult
from automl.study.run import Run
from automl.study.study import VERDICT
from automl.training.jobs import TrainJob
from automl.trial import TrialResult


def compare_later(
    name: str, baselines: tuple[str, ...], observer: Observer | None = None
) -> SearchResult:
    """Fit baselines and compare them with the study's winner.

    The test labels are read once more for it, which is counted and said in the verdict.

    Parameters
    ----------
    name : str
        Name of a study whose search is finished.
    baselines : tuple of str
        One that was fitted before is not fitted again.
    observer : Observer, optional

    Raises
    ------
    AutomlError
        See `reopen`.
    """
    observer, baselines = observer or Observer(), find_baselines(baselines)
    with reopen(name, observer, workers=1) as again:
        if ONE_EPOCH in baselines and again.setup.folds is not None:
            raise StudyError(
                f"baseline {ONE_EPOCH!r} needs trials that were judged epoch by epoch, but study"
                f" {name!r} was cross-validated; `automl search --folds 0` makes one that is not"
            )
        judged = again.study.folder.judged
        if not judged.exists():
            raise StudyError(f"{judged}: the winner's predictions are gone; search again")
        outcomes = _fit(again, baselines, observer)
        reads = again.study.count_test_read()
        y = again.setup.dataset.test.unlock()
        output = np.load(judged)["output"]
        rivals, parts = judge_baselines(
            outcomes,
            again.setup.metric,
            y,
            again.setup.metric.takes(output),
            again.setup.dataset.blocks,
        )
        winner, siblings, why = judged_before(again.result)
        metric = again.setup.metric
        verdict = make_verdict(
            metric, winner, siblings | rivals, len(y), reads, why, again.setup.dataset.blocks
        )
        said = {"headline": verdict.headline(), "verdict": verdict.paragraph()}
        keep_baselines(
            again.study.folder,
            again.setup.dataset,
            again.setup.data,
            metric,
            outcomes,
            parts,
            said,
        )
        for place in again.study.folder.searched_models():
            restate(place, said)
        result = again.result.model_copy(
            update={
                "baselines": {**again.result.baselines, **parts},
                "test_reads": reads,
                **said,
                **judge_forecast(again.setup.dataset, y, output, outcomes, _quantiles(again)),
            }
        )
        result.write(again.study.folder.result)
        again.study.set_attr(VERDICT, result.verdict)
        return result


def _quantiles(again: Reopened) -> Quantiles | None:
    """Return what the search told of its quantiles; another baseline changes nothing of it."""
    return None if again.result.forecast is None else again.result.forecast.quantiles


def _fit(
    again: Reopened, baselines: tuple[str, ...], observer: Observer
) -> Mapping[str, BaselineOutcome]:
    """Return what became of the baselines that are asked for now, and of those before them."""
    stream = Baselines(
        tuple(name for name in baselines if name != ONE_EPOCH),
        again.setup.data,
        again.setup.metric,
        again.setup.config.seed,
        again.study,
        observer,
        again.setup.folds,
        again.setup.config.time_budget,
    )
    again.scheduler.add(stream)
    again.scheduler.run(until=stream)
    outcomes = dict(stream.outcomes)
    if ONE_EPOCH in again.result.baselines:
        return outcomes
    # One that an earlier run left was chosen among fewer trials.
    outcomes.pop(ONE_EPOCH, None)
    if ONE_EPOCH in baselines and (control := _control(again)) is not None:
        outcomes[ONE_EPOCH] = control
        keep_outcome(again.study, ONE_EPOCH, control)
    return outcomes


def _control(again: Reopened) -> BaselineOutcome | None:
    settings, folder = again.setup.settings, again.study.folder
    finalists = max(again.setup.config.finalists, 1)

    def train(jobs: Mapping[Run, TrainJob]) -> Mapping[Run, TrialResult]:
        return again.scheduler.run_batch(jobs).results

    records = again.view.records
    control = choose_after_one_epoch(records, settings, finalists, folder, train, [])
    if control is None:
        return None
    jobs = predict_jobs([control], {}, records, folder, settings.device, None)
    jobs = {control.run: jobs[control.run]}
    found = predict_runs(again.scheduler, jobs, f"{ONE_EPOCH}: its")
    path = folder.baseline_predictions(ONE_EPOCH)
    return control_outcome(control, records, found[control.run], path, again.setup.metric)
