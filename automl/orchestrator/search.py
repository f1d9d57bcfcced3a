"""`search`, from beginning to end."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median

from automl.bundle.save import OnnxFile
from automl.config import SearchConfig
from automl.data import Dataset
from automl.errors import StudyError
from automl.executors import EXECUTORS, Executor
from automl.models._from_file import add_families
from automl.orchestrator.baseline_stream import ONE_EPOCH, Baselines, find_baselines, keep_outcome
from automl.orchestrator.best_model import BestModel
from automl.orchestrator.budget import Clock
from automl.orchestrator.conclude import Ending, publish
from automl.orchestrator.failures import why_none
from automl.orchestrator.finalists import Choice, Train, choose_winner
from automl.orchestrator.observer import Observer, Overview
from automl.orchestrator.one_epoch_control import choose_after_one_epoch, control_outcome
from automl.orchestrator.problem import Problem, check_options, load_problem
from automl.orchestrator.refit import refit
from automl.orchestrator.trial_jobs import TrialSettings
from automl.orchestrator.trials import Trials
from automl.orchestrator.winner_onnx import export_winner
from automl.result import SearchResult
from automl.sampling.make import make_candidates
from automl.scheduling.failures import check_device
from automl.scheduling.limits import Limits
from automl.scheduling.scheduler import Scheduler
from automl.study.kept_weights import KeptWeights
from automl.study.run import FINALIST_RUNS, Run
from automl.study.study import Study, open_study
from automl.study.view import read_result
from automl.study.watchdog import Guard, guarded
from automl.training.jobs import PredictJob, TrainJob
from automl.trial import TrialResult

MOST_FOR_FINALISTS = 0.4
"""Share of a time budget that the finalists may keep for themselves."""


def search(
    config: SearchConfig,
    observer: Observer | None = None,
    dataset: Dataset | None = None,
    clock: Clock | None = None,
) -> SearchResult:
    """Search, choose, and measure.

    Parameters
    ----------
    config : SearchConfig
    observer : Observer, optional
        Told what happens while it happens.
    dataset : Dataset, optional
        Data that is in memory, in place of what the configuration names.
    clock : Clock, optional
        Ends the search; by default, after the configuration's budget.

    Returns
    -------
    SearchResult
        Its `status` is ``"interrupted"`` after Ctrl-C, and when the clock's `stop` was set.

    Raises
    ------
    AutomlError
        When something that the user gave breaks its rule; nothing is half written then.
    KeyboardInterrupt
        When Ctrl-C is pressed twice.
    """
    observer = observer or Observer()
    add_families(config.plugins)
    space = check_options(config, dataset)
    config = config.model_copy(update={"baselines": find_baselines(config.baselines)})
    executor_class = EXECUTORS.get(config.executor)
    clock = clock or Clock(config.time_budget)
    with clock.catch_interrupt(), executor_class(config.worker_count) as executor:
        check_device(executor, config.device)
        # The workers load torch while the data is read.
        problem = load_problem(config, dataset, space, observer)
        identity = problem.identity(config.seed)
        direction = problem.metric.direction
        with open_study(config, identity, problem.space, direction) as study:
            try:
                with guarded(study) as guard:
                    return _Search(config, observer, clock, executor, problem, study, guard).run()
            finally:
                observer.close()


@dataclass(slots=True)
class _Search:
    """One run of a search on an open study."""

    config: SearchConfig
    observer: Observer
    clock: Clock
    executor: Executor
    problem: Problem
    study: Study
    guard: Guard
    phases: dict[str, float] = field(default_factory=dict)

    def run(self) -> SearchResult:
        before = self._finished_before()
        if before is not None:
            return before
        problem = self.problem
        self.executor.provide(problem.data, self.study.folder.shared)
        scheduler = Scheduler(self.executor, self._tick)
        best_model = BestModel(self.study, problem, self.config.seed)
        baselines = Baselines(
            tuple(name for name in self.config.baselines if name != ONE_EPOCH),
            problem.data,
            problem.metric,
            self.config.seed,
            self.study,
            self.observer,
            problem.folds,
        )
        trials = self._trials(best_model)
        self.observer.search_started(self._overview(trials))
        # With two workers or more, a baseline's long fit runs beside the search from the start.
        for stream in (baselines, trials) if self.executor.workers > 1 else (trials, baselines):
            scheduler.add(stream)
        with self._phase("trials"):
            scheduler.run(until=trials)
        if trials.best is None and not self.clock.interrupted:
            raise StudyError(why_none(trials.records, self.study.space, self.study.folder.name))
        choice = control = None
        with self._phase("finalists"):
            if not self.clock.interrupted:
                choice = self._choose(scheduler, trials)
            if choice is not None and self.problem.folds is not None:
                choice = refit(
                    choice,
                    trials.settings,
                    self.study.folder,
                    scheduler,
                    self.clock,
                )
            elif choice is not None and ONE_EPOCH in self.config.baselines:
                control = self._control(scheduler, trials, choice)
        exported = self._export(scheduler, choice, best_model)
        with self._phase("baselines"):
            if not self.clock.interrupted:
                scheduler.run(until=baselines)
        ending = Ending(self.config, problem, self.study, trials, self.clock, self.phases)
        if self.clock.interrupted or choice is None:
            return self._published(ending.interrupted())
        with self._phase("test"):
            jobs = ending.predict_jobs(*([choice, control] if control else [choice]))
            seconds = self._predict(scheduler, jobs)
        outcomes = dict(baselines.outcomes)
        # One that an earlier run left was chosen among fewer trials.
        outcomes.pop(ONE_EPOCH, None)
        if control is not None:
            outcomes[ONE_EPOCH] = control_outcome(
                control,
                trials.records,
                self.study.folder,
                seconds[control.run],
                self.problem.metric,
            )
            keep_outcome(self.study, ONE_EPOCH, outcomes[ONE_EPOCH])
        return self._published(
            ending.finished(choice, jobs, seconds, outcomes, best_model, exported)
        )

    def _tick(self) -> None:
        self.guard.look()
        self.observer.tick()

    def _published(self, result: SearchResult) -> SearchResult:
        if self.config.report:
            publish(self.study, result, self.problem.dataset, self.observer)
        return result

    def _finished_before(self) -> SearchResult | None:
        """The result of an earlier run, when it holds all the trials that are asked for."""
        have = len(self.study.records())
        if have < self.config.trials:
            return None
        result = read_result(self.study.folder)
        if result is None or result.status != "finished" or result.trials.total < have:
            return None
        self.observer.note(
            f"study {self.study.folder.name!r} already has {have} trials; ask for more with"
            f" --trials {2 * have}, or start another with --study NAME"
        )
        return result

    def _trials(self, best_model: BestModel) -> Trials:
        study = self.study
        settings = TrialSettings.of(
            self.config,
            self.problem.metric,
            self.problem.max_epochs,
            self.problem.folds,
            len(self.problem.dataset.train),
        )
        return Trials(
            self.config.trials,
            settings,
            make_candidates(
                self.config,
                study.space,
                self.problem.metric.direction,
                settings.steps,
                study.store.trials(study.study_id),
            ),
            study,
            KeptWeights(study.folder, self.config.keep, self.config.finalists),
            self.observer,
            over=lambda trials: self.clock.over(self._reserve(trials)),
            improved=best_model.improve,
        )

    def _reserve(self, trials: Trials) -> float:
        """Seconds of the budget that the finalists will need, judged by the trials so far."""
        seconds = [r.seconds for r in trials.ranked()[: self.config.finalists]]
        if self.config.time_budget is None or not seconds:
            return 0.0
        rounds = math.ceil(len(seconds) * FINALIST_RUNS / self.executor.workers)
        return min(rounds * median(seconds), MOST_FOR_FINALISTS * self.config.time_budget)

    def _choose(self, scheduler: Scheduler, trials: Trials) -> Choice | None:
        train = self._trainer(scheduler, trials.limits)
        return choose_winner(trials, self.config.finalists, self.study.folder, train)

    def _control(self, scheduler: Scheduler, trials: Trials, choice: Choice) -> Choice | None:
        train = self._trainer(scheduler, trials.limits)
        control = choose_after_one_epoch(
            trials.records,
            trials.settings,
            self.config.finalists,
            self.study.folder,
            train,
            choice.finalists,
        )
        if control is None:
            self.observer.note(f"{ONE_EPOCH} is left out: its trainings did not come to their end")
        return control

    def _trainer(self, scheduler: Scheduler, limits: Limits) -> Train:
        def train(jobs: Mapping[Run, TrainJob]) -> Mapping[Run, TrialResult]:
            return scheduler.run_batch(
                jobs,
                self.clock.over,
                self.observer.finalist_epoch,
                limits,
                # A single worker would fit every baseline first, while the finalists' time runs
                # out.
                ahead=self.executor.workers == 1,
            ).results

        return train

    def _export(
        self, scheduler: Scheduler, choice: Choice | None, best_model: BestModel
    ) -> OnnxFile | None:
        if choice is None or not self.config.onnx or self.clock.interrupted:
            return None
        with self._phase("export"):
            first = self.executor.workers == 1
            return export_winner(scheduler, first, choice, best_model, self.observer)

    def _predict(self, scheduler: Scheduler, jobs: Mapping[Run, PredictJob]) -> Mapping[Run, float]:
        batch = scheduler.run_batch(jobs)
        if batch.errors:
            reason = next(iter(batch.errors.values()))
            raise StudyError(
                f"the winner's test rows could not be predicted: {reason}; the same command tries"
                " again"
            )
        return batch.results

    def _overview(self, trials: Trials) -> Overview:
        return Overview(
            study=self.study.folder.name,
            dataset=self.problem.dataset.name,
            rows=len(self.problem.dataset.train)
            + (len(self.problem.dataset.valid) if self.problem.folds else 0),
            metric=self.problem.metric,
            trials=self.config.trials,
            before=list(trials.records),
            workers=self.executor.workers,
            max_epochs=trials.settings.steps,
            time_budget=self.config.time_budget,
            space=self.study.space,
            folds=self.problem.folds,
        )

    @contextmanager
    def _phase(self, name: str) -> Iterator[None]:
        started = time.monotonic()
        self.observer.phase(name)
        yield
        self.phases[name] = round(time.monotonic() - started, 3)
