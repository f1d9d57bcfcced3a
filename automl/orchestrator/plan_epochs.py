"""How long a training is and how large networks may be: from a time budget and measured seconds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from automl.config import SearchConfig
from automl.executors import Executor
from automl.orchestrator.budget import Clock
from automl.orchestrator.defaults import has_wide_space
from automl.orchestrator.network_prices import LIMITED, USUAL, dearest_within
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

DEAREST = "automl:dearest"
"""Study attribute with the price of the dearest network, with which a resumed search goes on."""

MEASURED_ROWS = 5_000
"""Training rows of the epoch that is measured, at most."""

MEASURED_SHARE = 0.1
"""Share of the budget that measuring may take; a family that needs more is not known, and then
nothing is planned."""

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
        The one that decided it.
    seconds : float
        Duration of one epoch of its first start configuration.
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

    @property
    def dearest(self) -> float:
        """Price of the dearest network that may be drawn."""
        return dearest_within(self.fits * self.usual / self.epochs)


def settle_epochs(
    config: SearchConfig,
    problem: Problem,
    study: Study,
    executor: Executor,
    observer: Observer,
    clock: Clock,
) -> Problem:
    """Return the problem with the epochs of a full training and the price of the dearest network.

    A study that has trials decides it; otherwise a time budget does, after an epoch of each family
    was measured, which counts as a part of the budget. In cross-validation the usual number stands:
    early stopping ends the folds, and quick families get more of a budget than slow ones.

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
    began = bool(study.store.trials(study.study_id))
    if began:
        problem = replace(problem, dearest=float(study.attr(DEAREST) or math.inf))
    else:
        problem = _bounded(problem, study, _usual_bound(config, problem))
    if config.max_epochs is not None:
        return problem
    identity = study.attr(IDENTITY)
    problem = replace(problem, max_epochs=int(identity.get(MAX_EPOCHS) or problem.max_epochs))
    if config.time_budget is None or problem.folds is not None or began:
        return problem
    seconds = _measure(config, problem, executor, observer, clock)
    if not seconds:
        return problem
    left = max(0.0, config.time_budget - clock.seconds) * executor.workers
    plan = make_plan(problem.max_epochs, seconds, left)
    observer.note(str(plan))
    study.set_attr(IDENTITY, {**identity, MAX_EPOCHS: plan.epochs})
    if set(problem.space.all_families) & set(LIMITED):
        problem = _bounded(problem, study, plan.dearest)
        times = f"up to {plan.dearest:.2g} times as long as"
        most = times if plan.dearest > 1 else "no longer than"
        observer.note(
            f"a network of {', '.join(LIMITED)} may take {most} its first start configuration"
        )
    return replace(problem, max_epochs=plan.epochs)


def _usual_bound(config: SearchConfig, problem: Problem) -> float:
    """Return the price of the dearest network, of a default space."""
    wide = config.space is None and has_wide_space(problem.dataset)
    return USUAL if wide and problem.folds is None else math.inf


def _bounded(problem: Problem, study: Study, dearest: float) -> Problem:
    if math.isfinite(dearest):
        study.set_attr(DEAREST, dearest)
    return replace(problem, dearest=dearest)


def make_plan(usual: int, seconds: Mapping[str, float], budget: float) -> Plan:
    """Return the plan for a budget.

    The slowest family decides whether trainings can be longer, and one in the middle, of two the
    slower, whether they must be shorter: one slow family shall not cut all others short.

    Parameters
    ----------
    usual : int
        Epochs without a budget.
    seconds : mapping of str to float
        Seconds of an epoch of each family.
    budget : float
        Seconds of all workers together.
    """
    length = min(usual, max(20.0, STOPPED * usual))
    ordered = sorted(seconds, key=lambda family: seconds[family])
    fits = {family: budget / (length * seconds[family]) for family in ordered}
    slowest, middle = ordered[-1], ordered[len(ordered) // 2]
    if fits[slowest] >= FEW:
        longer = min(LONGEST, math.floor(usual * fits[slowest] / MANY))
        return Plan(max(usual, longer), usual, slowest, seconds[slowest], fits[slowest])
    shorter = max(LEAST, round(usual * fits[middle] / FEW))
    return Plan(min(usual, shorter), usual, middle, seconds[middle], fits[middle])


def _measure(
    config: SearchConfig, problem: Problem, executor: Executor, observer: Observer, clock: Clock
) -> dict[str, float]:
    """Return the seconds of an epoch of each family's first start configuration.

    Empty where one of them cannot be told: it failed, or was not done in its share of the budget.
    """
    assert config.time_budget is not None
    until = clock.seconds + MEASURED_SHARE * config.time_budget

    def over() -> str | None:
        return clock.over() or ("measured for long enough" if clock.seconds > until else None)

    settings = TrialSettings.of(config, problem.metric, problem.max_epochs)
    jobs = {
        family: _job(settings, space, len(problem.dataset.train))
        for family, space in _spaces(problem.space).items()
        if space.start
    }
    batch = Scheduler(executor, observer.tick).run_batch(jobs, over, limits=settings.limits)
    results: Mapping[str, TrialResult] = batch.results
    rows = len(problem.dataset.train)
    known = {family: _whole(r, rows) for family, r in results.items() if len(r.history) > 1}
    return known if len(known) == len(jobs) else {}


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
