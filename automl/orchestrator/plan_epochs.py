"""How long a training is when there is a time budget and nobody said it: from measured seconds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from automl.config import SearchConfig
from automl.executors import Executor
from automl.orchestrator.budget import Clock
from automl.orchestrator.observer import Observer
from automl.orchestrator.problem import MAX_EPOCHS, Problem
from automl.orchestrator.trial_jobs import TrialSettings
from automl.scheduling.scheduler import Scheduler
from automl.space.space import SearchSpace
from automl.study.run import Run
from automl.study.study import Study
from automl.study.title import IDENTITY
from automl.training.jobs import TrainJob
from automl.trial import TrialResult

MEASURED_ROWS = 5_000
"""Training rows of the epoch that is measured, at most."""

FEW, MANY = 6, 30
"""Full trainings between which the usual length stands. The finalists have six, and trials that end
at rungs about ten: with time for fewer, a learning rate that comes to its end in few epochs is
better than one that is cut off high. With time for more than `MANY`, longer trainings gain more
than further candidates. ``benchmarks/README.md`` has both."""

LEAST = 3

STOPPED = 1 / 2
"""Share of more than 20 epochs after which early stopping ends most trainings: on digits, which
has 82, after 21 to 67."""

LONGEST = 48
"""Epochs that a budget makes of the 12 that large data has by default, at most."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long a training is, and why.

    Attributes
    ----------
    epochs : int
    usual : int
        Epochs that it would have without a budget.
    family : str
        The slowest one.
    seconds : float
        One epoch of its first start configuration.
    fits : float
        Full trainings of the usual length that there is time for, early stopping considered.
    """

    epochs: int
    usual: int
    family: str
    seconds: float
    fits: float

    def __str__(self) -> str:
        change = "as usual" if self.epochs == self.usual else f"in place of {self.usual}"
        return (
            f"an epoch of {self.family} takes about {self.seconds:.2g} s, so there is time for"
            f" about {self.fits:.2g} trainings of up to {self.usual} epochs: a training has"
            f" {self.epochs} epochs, {change}; --max-epochs decides otherwise"
        )


def settle_epochs(
    config: SearchConfig,
    problem: Problem,
    study: Study,
    executor: Executor,
    observer: Observer,
    clock: Clock,
) -> Problem:
    """Return the problem with the epochs of a full training, where nobody chose them.

    A study that has trials decides it; otherwise a time budget does, after an epoch of each family
    was measured, which counts as a part of the budget.

    Parameters
    ----------
    config : SearchConfig
    problem : Problem
    study : Study
    executor : Executor
        With the data.
    observer : Observer
        Told the plan.
    clock : Clock
    """
    if config.max_epochs is not None:
        return problem
    identity = study.attr(IDENTITY)
    problem = replace(problem, max_epochs=int(identity.get(MAX_EPOCHS) or problem.max_epochs))
    if config.time_budget is None or study.store.trials(study.study_id):
        return problem
    seconds = _measure(config, problem, executor, observer, clock)
    if not seconds:
        return problem
    slowest = max(seconds, key=lambda family: seconds[family])
    left = max(0.0, config.time_budget - clock.seconds) * executor.workers
    splits = 1 if problem.folds is None else problem.folds.total
    plan = make_plan(problem.max_epochs, slowest, seconds[slowest], left / splits)
    observer.note(str(plan))
    study.set_attr(IDENTITY, {**identity, MAX_EPOCHS: plan.epochs})
    return replace(problem, max_epochs=plan.epochs)


def make_plan(usual: int, family: str, seconds: float, budget: float) -> Plan:
    """Return the plan for a budget, in seconds of all workers together, for each split."""
    length = min(usual, max(20.0, STOPPED * usual))
    fits = budget / (length * seconds)
    if fits < FEW:
        epochs = min(usual, max(LEAST, round(usual * fits / FEW)))
    else:
        epochs = max(usual, min(LONGEST, math.floor(usual * fits / MANY)))
    return Plan(epochs, usual, family, seconds, fits)


def _measure(
    config: SearchConfig, problem: Problem, executor: Executor, observer: Observer, clock: Clock
) -> dict[str, float]:
    """Return the seconds of an epoch of each family's first start configuration.

    Those of a family without one, and of a training that failed, are not known.
    """
    settings = TrialSettings.of(config, problem.metric, problem.max_epochs)
    jobs = {
        family: _job(settings, space, len(problem.dataset.train))
        for family, space in _spaces(problem.space).items()
        if space.start
    }
    batch = Scheduler(executor, observer.tick).run_batch(jobs, clock.over, limits=settings.limits)
    results: Mapping[str, TrialResult] = batch.results
    rows = len(problem.dataset.train)
    return {family: _whole(r, rows) for family, r in results.items() if len(r.history) > 1}


def _spaces(space: SearchSpace) -> dict[str, SearchSpace]:
    if not space.families:
        return {space.all_families[0]: space}
    return {family: space.of_family(family) for family in space.families}


def _job(settings: TrialSettings, space: SearchSpace, rows: int) -> TrainJob:
    """Return two epochs on a part of the rows: the first pays for what is done once."""
    params = {**space.fixed, **space.start[0]}
    return settings.job(Run(0), params, rows=min(rows, MEASURED_ROWS), epochs=2)


def _whole(result: TrialResult, rows: int) -> float:
    """Return the seconds of an epoch on all rows: training grows with them, validation is whole."""
    last = result.history[-1]
    trained = min(rows, MEASURED_ROWS) / last.samples_per_second
    return rows / last.samples_per_second + max(0.0, last.seconds - trained)
