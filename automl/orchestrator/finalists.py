"""Finalists: the best few trials, trained again before one of them wins.

The best of a hundred trials is partly the luckiest: its validation score was selected, its seed
and its early stopping with it. So the best few are trained again at full budget with fresh seeds,
never pruned, and the winner is the one with the best *mean* over those runs. On many rows, where a
trial has few epochs, each has one run, which is longer: see `TrialSettings.long_run`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import fmean

from automl.bundle.error_quantiles import ErrorQuantiles
from automl.objective import Objective, Place
from automl.orchestrator.contenders import contenders
from automl.orchestrator.trial_jobs import TrialSettings
from automl.orchestrator.trials import Trials
from automl.result import Calibration
from automl.study.folder import StudyFolder
from automl.study.run import Run
from automl.training.jobs import TrainJob
from automl.trial import TrialRecord, TrialResult, TrialStatus

Train = Callable[[Mapping[Run, TrainJob]], Mapping[Run, TrialResult]]
"""Runs trainings on the workers; those that fail are missing from the result."""


@dataclass(frozen=True, slots=True)
class Finalist:
    """A trial with its fresh runs.

    Attributes
    ----------
    record : TrialRecord
    runs : dict of Run to TrialResult
        Complete ones, at least one.
    """

    record: TrialRecord
    runs: dict[Run, TrialResult]

    @property
    def scores(self) -> list[float]:
        """Validation scores of the runs."""
        return [score for r in self.runs.values() if (score := r.valid_score) is not None]

    @property
    def mean(self) -> float:
        """Mean score of the runs, which decides who wins."""
        return fmean(self.scores)

    def place(self, objective: Objective) -> Place:
        """Return the sort key of this finalist, which its mean decides."""
        return objective.place(self.mean, self.record)

    def best_run(self, objective: Objective) -> tuple[Run, TrialResult]:
        """Return the run with the best validation score."""
        return min(self.runs.items(), key=lambda run: objective.cost(run[1].valid_score))


@dataclass(frozen=True, slots=True)
class Choice:
    """The winner and how it came to be.

    Attributes
    ----------
    record : TrialRecord
        The winning trial.
    valid_score : float
        Mean over its fresh runs, or the trial's own without finalists.
    run : Run
        The run whose weights are handed over.
    result : TrialResult
        What became of that run.
    finalists : list of Finalist
    calibration : automl.result.Calibration or None
        The temperature of its probabilities.
    long_run : int or None
        Epochs of a finalist's run, where that is more than a trial has.
    errors : ErrorQuantiles or None
        How far its forecasts are off.
    """

    record: TrialRecord
    valid_score: float
    run: Run
    result: TrialResult
    finalists: list[Finalist]
    calibration: Calibration | None = None
    long_run: int | None = None
    errors: ErrorQuantiles | None = None

    @property
    def temperature(self) -> float:
        """What its probabilities are softened with."""
        return 1.0 if self.calibration is None else self.calibration.temperature

    @property
    def trial_score(self) -> float:
        """What the trial reached in the search, which selection makes look better."""
        score = self.record.valid_score
        return self.valid_score if score is None else score


def choose_winner(
    trials: Trials,
    count: int,
    folder: StudyFolder,
    train: Train,
    settings: TrialSettings,
    *,
    in_time: bool = False,
) -> Choice | None:
    """Train the finalists again and take the best of them on average.

    Parameters
    ----------
    trials : Trials
        With at least one complete trial.
    count : int
        How many finalists; 0 takes the best trial as it is.
    folder : StudyFolder
    train : callable
    settings : TrialSettings
        How finalists are trained.
    in_time : bool
        Whether there is a time budget.

    Returns
    -------
    Choice or None
        None when no training came to an end, because the search was interrupted.

    Notes
    -----
    A run that was cut short, because the time was up, says nothing against its trial: it does not
    count. The best trial stands with its own result when it had no other run and is better than
    every finalist.

    The winner's better run is kept as it is, and not refitted on the rows of train and validation
    together: refitting gained nothing that could be told from noise. On twelve random candidates
    each, kept against refitted, the mean test accuracy was 98.61 against 98.49 % on digits, 91.9
    against 93.1 on iris, 98.8 against 98.4 on wine, 99.3 against 99.1 on breast-cancer, 94.3
    against 94.8 on moons; on MNIST, with four candidates, 97.19 against 97.22. A model that was
    judged on rows it has not seen is worth more than that.
    """
    objective = settings.objective
    chosen = contenders(trials.records, objective, settings.finalists(count), in_time=in_time)
    finalists, cut_off = train_finalists(chosen, settings, folder, train)
    winner = min(finalists, key=lambda f: f.place(objective), default=None)
    best = trials.ranked()[0]
    assert best.valid_score is not None
    ahead = winner is None or objective.cost(best.valid_score) < objective.cost(winner.mean)
    if winner is None or (best.number in cut_off and ahead):
        itself = _itself(best, settings, folder, train)
        if itself is not None and (winner is None or not itself.cut):
            return Choice(best, best.valid_score, Run(best.number), itself, finalists)
    if winner is None:
        return None
    run, result = winner.best_run(objective)
    long_run = settings.long_run
    return Choice(winner.record, winner.mean, run, result, finalists, long_run=long_run)


def train_finalists(
    chosen: list[TrialRecord], settings: TrialSettings, folder: StudyFolder, train: Train
) -> tuple[list[Finalist], set[int]]:
    """Train trials at full budget with fresh seeds.

    Returns
    -------
    list of Finalist
        Finalists with at least one run that came to its end.
    set of int
        The numbers of the others that were cut short, and did not fail.
    """
    results = train(_jobs(chosen, settings, folder))
    finalists = _gather(chosen, results)
    cut = {run.trial for run, result in results.items() if result.cut}
    return finalists, cut - {f.record.number for f in finalists}


def _jobs(
    chosen: list[TrialRecord], settings: TrialSettings, folder: StudyFolder
) -> dict[Run, TrainJob]:
    """Return the trainings of all finalists, the best trial's first."""
    return {
        run: settings.kept_job(run, record.params, folder)
        for record in chosen
        for run in settings.finalist_runs(record.number)
    }


def _gather(chosen: list[TrialRecord], results: Mapping[Run, TrialResult]) -> list[Finalist]:
    """Return the finalists that have a whole run, in the order that was given."""
    finalists = []
    for record in chosen:
        runs = {
            run: result
            for run, result in sorted(results.items())  # not in the order in which they ended
            if run.trial == record.number
            and result.status is TrialStatus.COMPLETE
            and not result.cut
        }
        if runs:
            finalists.append(Finalist(record, runs))
    return finalists


def _itself(
    best: TrialRecord, settings: TrialSettings, folder: StudyFolder, train: Train
) -> TrialResult | None:
    """Return the trial's own result, trained again from its seed when its weights are gone."""
    run = Run(best.number)
    weights = folder.run_weights(run)
    if weights.exists():
        return TrialResult(
            best.number,
            best.status,
            best.history,
            best.seconds,
            best.best_epoch,
            str(weights),
            best.n_weights,
        )
    again = train({run: settings.job(run, best.params, weights)}).get(run)
    return again if again is not None and again.status is TrialStatus.COMPLETE else None
