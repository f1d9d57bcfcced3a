"""The phases of a search, in their order."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from automl.bundle.save import OnnxFile
from automl.config import SearchConfig
from automl.errors import StudyError
from automl.executors import Executor
from automl.option_types import ONE_EPOCH
from automl.orchestrator.baseline_stream import (
    BaselineOutcome,
    Baselines,
    keep_outcome,
)
from automl.orchestrator.baseline_units import baseline_units
from automl.orchestrator.best_model import BestModel
from automl.orchestrator.budget import Clock
from automl.orchestrator.choose_ensemble import Together
from automl.orchestrator.conclude import Conclusion
from automl.orchestrator.earlier_studies import leave, named_starts, taken_by
from automl.orchestrator.ensemble_units import Unit
from automl.orchestrator.failures import why_none
from automl.orchestrator.finalists import Choice, choose_winner
from automl.orchestrator.finalists_time import finalists_need, fit_finalists
from automl.orchestrator.find_ensemble import (
    NO_ENSEMBLE,
    find_ensemble,
    possible_members,
)
from automl.orchestrator.first_prices import first_prices, not_begun
from automl.orchestrator.judge_search import best_start
from automl.orchestrator.machines import Machines
from automl.orchestrator.network_prices import make_limit, without_dear_starts
from automl.orchestrator.observer import Observer, Overview
from automl.orchestrator.one_epoch_control import choose_after_one_epoch, control_outcome
from automl.orchestrator.predict_runs import (
    Prediction,
    predict_jobs,
    predict_runs,
    saved_trials,
)
from automl.orchestrator.problem import Problem
from automl.orchestrator.publish import publish
from automl.orchestrator.refit import refit
from automl.orchestrator.refit_ensemble import refit_ensemble
from automl.orchestrator.trial_jobs import TrialSettings
from automl.orchestrator.trials import Trials
from automl.orchestrator.winner_onnx import export_winner
from automl.result import SearchResult
from automl.sampling.make import make_candidates
from automl.scheduling.scheduler import Scheduler
from automl.study.kept_weights import KeptWeights
from automl.study.run import Run
from automl.study.study import Study
from automl.study.watchdog import Guard
from automl.training.jobs import TrainJob
from automl.trial import TrialRecord, TrialResult

MAX_FINALISTS_SHARE = 0.4
"""Share of a time budget that the finalists may keep for themselves."""


class _Interrupted(Exception):
    """Somebody asked for the end, and the next phase was not begun."""


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The winner, and that of the one-epoch control, where there is one."""

    choice: Choice
    control: Choice | None = None


class Phases:
    """One run of a search on an open study."""

    def __init__(
        self,
        config: SearchConfig,
        observer: Observer,
        clock: Clock,
        executor: Executor,
        problem: Problem,
        study: Study,
        guard: Guard,
    ) -> None:
        self.config, self.observer, self.clock = config, observer, clock
        self.executor, self.problem, self.study = executor, problem, study
        self.guard = guard
        self.phases: dict[str, float] = {}
        self._ends_at_once = False
        machines = Machines(study, observer, deterministic=config.deterministic)
        self.scheduler = Scheduler(executor, self._tick, machines.hear)
        self.best_model = BestModel(study, problem, config.seed)
        self.baselines = Baselines(
            tuple(name for name in config.baselines if name != ONE_EPOCH),
            problem.data,
            problem.metric,
            config.seed,
            study,
            observer,
            problem.folds,
            config.time_budget,
        )
        self.prices = first_prices(config, problem)
        self.taken = taken_by(study)
        self.trials = self._trials()

    def run(self) -> SearchResult:
        """Go through all phases; one that somebody stops is the last."""
        self.observer.search_started(self._overview())
        if self.taken.starts and not self.trials.records:
            self.observer.note(str(self.taken))
        conclusion = Conclusion(
            self.config,
            self.problem,
            self.study,
            self.trials,
            self.best_model,
            self.clock,
            self.phases,
        )
        try:
            self._try_candidates()
            chosen = self._choose()
            if self.config.ensemble == "all":
                self._fit_baselines()  # before what they are averaged with is chosen
            choice, together, predictions = self._predict(chosen)
            exported = self._export(choice, together)
            self._fit_baselines()
        except _Interrupted:
            result = conclusion.interrupted()
        else:
            outcomes = self._outcomes(chosen.control, predictions)
            result = conclusion.finished(choice, together, predictions, outcomes, exported)
            leave(self.study, self.problem, self.trials, self.observer)
        if self.config.report:
            publish(self.study, result, self.problem.dataset, self.observer)
        return result

    def _try_candidates(self) -> None:
        streams = [self.trials, self.baselines]
        # With two workers or more, a baseline's long fit runs beside the search from the start.
        for stream in reversed(streams) if self.executor.workers > 1 else streams:
            self.scheduler.add(stream)
        with self._phase("trials"):
            self.scheduler.run(until=self.trials)
        if self.trials.best is None and not self.clock.interrupted:
            space, name = self.study.space, self.study.folder.name
            raise StudyError(why_none(self.trials.records, space, name))
        for note in not_begun(self.prices or {}, self.trials.records, self._left()):
            self.observer.note(note)

    def _left(self) -> float:
        return (self.config.time_budget or math.inf) - self.clock.seconds

    def _choose(self) -> _Chosen:
        trials, folder = self.trials, self.study.folder
        settings, count = self._final_settings(), self.config.finalists
        with self._phase("finalists"):
            in_time = self.config.time_budget is not None
            choice = choose_winner(trials, count, folder, self._train, settings, in_time=in_time)
            if choice is not None and self.problem.folds is not None:
                choice = refit(choice, settings, folder, self.scheduler, self.clock)
            if choice is None:  # no training came to its end
                raise _Interrupted
            if self.problem.folds is None and ONE_EPOCH in self.config.baselines:
                return _Chosen(choice, self._control(choice, settings))
            return _Chosen(choice)

    def _control(self, choice: Choice, settings: TrialSettings) -> Choice | None:
        control = choose_after_one_epoch(
            self.trials.records,
            settings,
            self.config.finalists,
            self.study.folder,
            self._train,
            choice.finalists,
        )
        if control is None:
            self.observer.note(f"{ONE_EPOCH} is left out: its trainings did not come to their end")
        return control

    def _train(self, jobs: Mapping[Run, TrainJob]) -> Mapping[Run, TrialResult]:
        return self.scheduler.run_batch(
            jobs,
            self.clock.over,
            self.observer.finalist_epoch,
            self.trials.limits,
            # A single worker would fit every baseline first, while the finalists' time runs out.
            ahead=self.executor.workers == 1,
        ).results

    def _export(self, choice: Choice, together: Together | None) -> OnnxFile | None:
        if not self.config.onnx:
            return None
        with self._phase("export", ends_at_once=True):
            first = self.executor.workers == 1
            return export_winner(
                self.scheduler, first, choice, together, self.best_model, self.observer
            )

    def _fit_baselines(self) -> None:
        with self._phase("baselines"):
            self.scheduler.run(until=self.baselines)

    def _predict(self, chosen: _Chosen) -> tuple[Choice, Together | None, dict[Run, Prediction]]:
        """Predict validation and test rows; by the former, calibrate and choose the ensemble."""
        folder, folds, dataset = self.study.folder, self.problem.folds, self.problem.dataset
        choices = [c for c in (chosen.choice, chosen.control) if c is not None]
        rows = len(dataset.valid) + len(dataset.test)
        best = self._predicted(possible_members(self.config.finalists, rows))
        with self._phase("test", ends_at_once=True):
            jobs = predict_jobs(
                choices,
                saved_trials(best, folder),
                self.trials.records,
                folder,
                self.config.device,
                folds.total if folds else None,
            )
            found = predict_runs(self.scheduler, jobs, ahead=self.executor.workers == 1)
            choice, together = find_ensemble(
                chosen.choice,
                found,
                self.trials.records,
                best,
                self.problem,
                self.config,
                folder,
                self.scheduler,
                self._others,
            )
            if together is not None and folds is not None and dataset.windows is not None:
                together = refit_ensemble(
                    together,
                    self.trials.records,
                    choice.finalists,
                    self.trials.settings,
                    folder,
                    self.scheduler,
                    self.clock,
                )
        if self.config.prefer == "ensemble" and not (together and together.found.handed_over):
            why = together.found.why if together else NO_ENSEMBLE
            self.observer.note(f"one network is handed over: {why}")
        return choice, together, found

    def _others(self) -> list[Unit]:
        """Return the baselines as units, where they may be in the ensemble."""
        if self.config.ensemble != "all":
            return []
        return baseline_units(
            self.baselines.outcomes,
            self.problem,
            self.study.folder,
            self.scheduler,
            self.observer,
            self.config.seed,
            ahead=self.executor.workers == 1,
        )

    def _predicted(self, most: int) -> list[TrialRecord]:
        """Return the best trials, and the best start configuration, which the winner is judged by.

        Without finalists only the winner's own network is there.
        """
        best = self.trials.distinct()[:most]
        start = best_start(self.trials.records, self.trials.settings.objective)
        return best if start is None or not most or start in best else [*best, start]

    def _outcomes(
        self, control: Choice | None, predictions: Mapping[Run, Prediction]
    ) -> dict[str, BaselineOutcome]:
        """Return what became of the baselines, the control among them."""
        outcomes = dict(self.baselines.outcomes)
        # One that an earlier run left was chosen among fewer trials.
        outcomes.pop(ONE_EPOCH, None)
        if control is not None:
            path = self.study.folder.baseline_predictions(ONE_EPOCH)
            outcomes[ONE_EPOCH] = control_outcome(
                control,
                self.trials.records,
                predictions[control.run],
                path,
                self.problem.metric,
            )
            keep_outcome(self.study, ONE_EPOCH, outcomes[ONE_EPOCH])
        return outcomes

    def _tick(self) -> None:
        self.guard.look()
        for line in self.executor.news():
            self.observer.note(line)
        self.observer.tick()
        if self._ends_at_once and self.clock.interrupted:
            raise _Interrupted

    def _trials(self) -> Trials:
        study = self.study
        settings = TrialSettings.of(
            self.config,
            self.problem.metric,
            self.problem.max_epochs,
            self.problem.folds,
            len(self.problem.dataset.train),
            images=self.problem.dataset.kind == "image",
        )
        allows = make_limit(self.problem)
        return Trials(
            self.config.total_trials,
            settings,
            make_candidates(
                self.config,
                without_dear_starts(study.space, allows),
                self.problem.metric.direction,
                settings.steps,
                study.store.trials(study.study_id),
                self.prices,
                self._left,
                whole=named_starts(self.problem),
                taken=self.taken.params,
                allows=allows,
            ),
            study,
            KeptWeights(study.folder, self.config.keep, self.config.finalists),
            self.observer,
            over=lambda trials: self.clock.over(self._reserve(trials)),
            improved=self.best_model.improve,
        )

    def _reserve(self, trials: Trials) -> float:
        """Seconds of the budget that the finalists will need, judged by the trials so far."""
        if self.config.time_budget is None:
            return 0.0  # asked for at every message: ranking 1,000 trials took 1.4 s in all
        settings, asked = trials.settings, self.config.finalists
        best = trials.ranked()[: settings.finalists(asked)]
        if not best:
            return 0.0
        need = finalists_need(best, settings, asked, self.executor.workers)
        return min(need, MAX_FINALISTS_SHARE * self.config.time_budget)

    def _final_settings(self) -> TrialSettings:
        """Return how the finalists are trained in the time that is left."""
        ranked = self.trials.ranked()
        settings = fit_finalists(
            ranked, self.trials.settings, self.config.finalists, self.executor.workers, self._left()
        )
        if settings.long_run is not None and ranked and self.config.finalists:
            count = settings.finalists(self.config.finalists)
            self.observer.note(
                f"{count} finalist{'s have' if count > 1 else ' has'} {settings.long_run} epochs,"
                f" where a trial has {settings.max_epochs}"
            )
        return settings

    def _overview(self) -> Overview:
        return Overview(
            study=self.study.folder.name,
            dataset=self.problem.dataset.name,
            rows=len(self.problem.dataset.train)
            + (len(self.problem.dataset.valid) if self.problem.folds else 0),
            metric=self.problem.metric,
            trials=self.config.total_trials,
            before=list(self.trials.records),
            workers=self.executor.workers,
            max_epochs=self.trials.settings.steps,
            time_budget=self.config.time_budget,
            space=self.study.space,
            folds=self.problem.folds,
            described=self.problem.described,
        )

    @contextmanager
    def _phase(self, name: str, *, ends_at_once: bool = False) -> Iterator[None]:
        """Note a phase, which somebody who stops the search may end in the middle of a job.

        Trainings end by themselves then, and what is between them and the last phase has to be
        done anew anyway. That one is left to come to its end: all else is there by then.
        """
        if self.clock.interrupted:
            raise _Interrupted
        started = time.monotonic()
        self._ends_at_once = ends_at_once
        self.observer.phase(name)
        try:
            yield
        finally:
            self._ends_at_once = False
            self.phases[name] = round(time.monotonic() - started, 3)
