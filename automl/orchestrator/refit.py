"""The model that is handed over after cross-validation: the winner, trained on all rows.

Every fold has a model of its own, and none of them saw all rows. What was judged is how a
candidate trains, so the winner is trained once more in the same way, with the test rows alone left
out, and for as many epochs as its folds needed: there are no rows left to stop early by.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from statistics import fmean

from automl.errors import StudyError
from automl.orchestrator.budget import Clock
from automl.orchestrator.finalists import Choice
from automl.orchestrator.trial_jobs import TrialSettings
from automl.scheduling.scheduler import Scheduler
from automl.study.folder import StudyFolder
from automl.study.run import Run
from automl.trial import EpochResult, TrialResult, TrialStatus

TRIES = 3
"""Seeds that are tried when a training diverges that has come to its end in every fold."""


def refit(
    choice: Choice,
    settings: TrialSettings,
    folder: StudyFolder,
    scheduler: Scheduler,
    clock: Clock,
) -> Choice | None:
    """Return the choice with a model that was trained on every row outside of the test split.

    Parameters
    ----------
    choice : Choice
    settings : TrialSettings
        Settings of a search by cross-validation.
    folder : StudyFolder
    scheduler : Scheduler
    clock : Clock
        Time that is up does not stop this one training, which is shorter than those before it.

    Returns
    -------
    Choice or None
        None after Ctrl-C.

    Raises
    ------
    StudyError
        When no seed came to its end.
    """
    number = choice.record.number
    epochs = mean_best_epoch(_histories(choice))
    reason = ""
    for attempt in range(1, TRIES + 1):
        run = Run.on_all_rows(number, attempt)
        job = settings.refit_job(run, choice.record.params, folder.run_weights(run), epochs)
        batch = scheduler.run_batch(
            {run: job},
            over=lambda: clock.over() if clock.interrupted else None,
            ahead=True,
        )
        if clock.interrupted:
            return None
        result: TrialResult | None = batch.results.get(run)
        if result is not None and result.status is TrialStatus.COMPLETE:
            return replace(choice, run=run, result=result)
        reason = batch.errors.get(run) or (result.error if result else None) or "no reason given"
    raise StudyError(f"trial {number} won, but could not be trained on all rows: {reason}")


def mean_best_epoch(histories: Iterable[Iterable[EpochResult]]) -> int:
    """Return the epochs that the folds needed on average, rounded."""
    epochs = [e.fold.best_epoch for history in histories for e in history if e.fold is not None]
    return max(1, round(fmean(epochs)))


def _histories(choice: Choice) -> list[tuple[EpochResult, ...]]:
    """Return the histories of the winner's fresh runs, or of the trial where there are none."""
    mine = [f for f in choice.finalists if f.record.number == choice.record.number]
    if not mine:
        return [choice.record.history]
    return [result.history for result in mine[0].runs.values()]
