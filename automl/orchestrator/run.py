"""`search`, from beginning to end."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median

from automl.baselines import BASELINES
from automl.bundle.save import OnnxFile
from automl.config import SearchConfig
from automl.data import DataOptions, Dataset, PreparedStore, check, load
from automl.data.folds import Folds, make_splits
from automl.errors import ConfigError, StudyError, UnknownNameError
from automl.executors import EXECUTORS, Executor
from automl.metrics import Metric, find_metric, get_metric
from automl.orchestrator.baselines import Baselines, keep_outcome
from automl.orchestrator.batch import Batch
from automl.orchestrator.best import BestModel
from automl.orchestrator.clock import Clock
from automl.orchestrator.defaults import (
    choose_folds,
    default_max_epochs,
    default_space,
    fit_loss,
    fit_space,
)
from automl.orchestrator.ending import Ending
from automl.orchestrator.exporting import export_winner
from automl.orchestrator.failing import check_device, why_none
from automl.orchestrator.finalists import RUNS, Choice, RunKey, Train, choose_winner
from automl.orchestrator.guarding import Guard, guarded
from automl.orchestrator.observer import Observer, Overview
from automl.orchestrator.one_epoch import (
    ONE_EPOCH,
    choose_after_one_epoch,
    control_outcome,
)
from automl.orchestrator.refit import refit
from automl.orchestrator.reporting import publish
from automl.orchestrator.rounds import RoundSampling
from automl.orchestrator.sampling import Sampling
from automl.orchestrator.scheduler import Scheduler
from automl.orchestrator.study import Study, open_study
from automl.orchestrator.trials import Trials, TrialSettings
from automl.orchestrator.weights import KeptWeights
from automl.plugins import canonical_name
from automl.result import SearchResult
from automl.space import SearchSpace
from automl.space_file import load_space
from automl.training.job import PredictJob, TrainJob
from automl.training.recipe import check_space
from automl.trial import TrialResult

MOST_FOR_FINALISTS = 0.4
"""Share of a time budget that the finalists may keep for themselves."""


def search(
    config: SearchConfig, observer: Observer | None = None, dataset: Dataset | None = None
) -> SearchResult:
    """Search, choose, and measure.

    Parameters
    ----------
    config : SearchConfig
    observer : Observer, optional
        Told what happens while it happens.
    dataset : Dataset, optional
        Data that is in memory, in place of what the configuration names.

    Returns
    -------
    SearchResult
        Its `status` is ``"interrupted"`` after Ctrl-C.

    Raises
    ------
    AutomlError
        When something that the user gave breaks its rule; nothing is half written then.
    KeyboardInterrupt
        When Ctrl-C is pressed twice.
    """
    observer = observer or Observer()
    space = _load_space(config, config.space) if config.space else None
    options = DataOptions.of(config.model_dump())
    if dataset is None:
        check(config.dataset, options)
    check_baselines(config.baselines)
    if config.metric is not None:
        find_metric(config.metric)
    executor_class = EXECUTORS.get(config.executor)
    clock = Clock(config.time_budget)
    with clock.catch_interrupt(), executor_class(config.worker_count) as executor:
        check_device(executor, config.device)
        # The workers load torch while the data is read.
        dataset = dataset or load(config.dataset, download=config.download, options=options)
        for note in dataset.notes:
            observer.note(note)
        space = fit_space(space or _default_space(config, dataset), dataset)
        metric = get_metric(config.metric, dataset.task)
        folds = config_folds(config, len(dataset.train) + len(dataset.valid))
        splits = make_splits(dataset, folds)
        check_metric(metric, splits)
        max_epochs = config.max_epochs or default_max_epochs(len(dataset.train))
        with open_study(config, dataset, space, metric, max_epochs, folds) as study:
            try:
                with guarded(study) as guard:
                    return _Search(
                        config,
                        observer,
                        clock,
                        executor,
                        dataset,
                        metric,
                        max_epochs,
                        study,
                        folds,
                        PreparedStore(*splits),
                        guard,
                    ).run()
            finally:
                observer.close()


def _load_space(config: SearchConfig, name: str) -> SearchSpace:
    return _fixed(config, load_space(name))


def _default_space(config: SearchConfig, dataset: Dataset) -> SearchSpace:
    space = load_space(default_space(dataset))
    return _fixed(config, fit_loss(space, dataset.task, dataset.train.y))


def _fixed(config: SearchConfig, space: SearchSpace) -> SearchSpace:
    space = space.fix(config.fixed)
    check_space(space)
    return space


def config_folds(config: SearchConfig, rows: int) -> Folds | None:
    """How a search with these options cross-validates `rows` rows; see `choose_folds`.

    Raises
    ------
    ConfigError
        When the rows are split by a column: folds deal them out at random.
    """
    column = next((f"--{n}" for n in ("group", "time") if getattr(config, n) is not None), None)
    if column is None:
        return choose_folds(config.folds, rows)
    if config.folds is not None and config.folds > 1:
        raise ConfigError(
            f"folds: must be 0 with {column}, whose validation rows are not drawn at random, but"
            f" got {config.folds}"
        )
    return None


def check_metric(metric: Metric, splits: Sequence[Dataset]) -> None:
    """Raise ConfigError when there are rows on which the metric has no value."""
    metric.check_defined(splits[0].test.n_classes, "test rows")
    for i, split in enumerate(splits):
        of_fold = f" of fold {i + 1}" if len(splits) > 1 else ""
        metric.check_defined(split.valid.n_classes, f"validation rows{of_fold}")


def check_baselines(names: Iterable[str]) -> None:
    """Raise UnknownNameError for a name that is neither a baseline nor the one-epoch control."""
    known = [*BASELINES.names(), ONE_EPOCH]
    for name in names:
        if canonical_name(name) not in known:
            raise UnknownNameError("baseline", name, known)


@dataclass(slots=True)
class _Search:
    """One run of a search on an open study."""

    config: SearchConfig
    observer: Observer
    clock: Clock
    executor: Executor
    dataset: Dataset
    metric: Metric
    max_epochs: int
    study: Study
    folds: Folds | None
    data: PreparedStore
    guard: Guard
    phases: dict[str, float] = field(default_factory=dict)

    def run(self) -> SearchResult:
        before = self._finished_before()
        if before is not None:
            return before
        data = self.data
        self.executor.provide(data, self.study.folder.shared)
        scheduler = Scheduler(self.executor, self._tick)
        best_model = BestModel(
            self.study,
            self.dataset,
            data,
            self.metric,
            self.config.seed,
            self.max_epochs,
            self.folds,
        )
        baselines = Baselines(
            tuple(name for name in self.config.baselines if name != ONE_EPOCH),
            data,
            self.metric,
            self.config.seed,
            self.study,
            self.observer,
            self.folds,
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
            if choice is not None and self.folds is not None:
                choice = refit(
                    choice, trials.settings, self.folds, self.study.folder, scheduler, self.clock
                )
            elif choice is not None and ONE_EPOCH in self.config.baselines:
                control = self._control(scheduler, trials, choice)
        exported = self._export(scheduler, choice, best_model)
        with self._phase("baselines"):
            if not self.clock.interrupted:
                scheduler.run(until=baselines)
        ending = Ending(
            self.config,
            self.dataset,
            self.metric,
            self.max_epochs,
            self.study,
            trials,
            self.clock,
            self.phases,
            self.folds,
        )
        if self.clock.interrupted or choice is None:
            return self._published(ending.interrupted())
        with self._phase("test"):
            jobs = ending.predict_jobs(*([choice, control] if control else [choice]))
            seconds = self._predict(scheduler, jobs)
        outcomes = dict(baselines.outcomes)
        if control is not None:
            outcomes[ONE_EPOCH] = control_outcome(
                control, trials.records, jobs[control.run], seconds[control.run], self.metric
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
            publish(self.study, result, self.dataset, self.observer)
        return result

    def _finished_before(self) -> SearchResult | None:
        """The result of an earlier run, when it holds all the trials that are asked for."""
        path = self.study.folder.result
        have = len(self.study.records())
        if have < self.config.trials or not path.exists():
            return None
        result = SearchResult.read(path)
        if result.status != "finished" or result.trials.total < have:
            return None
        self.observer.note(
            f"study {self.study.folder.name!r} already has {have} trials; ask for more with"
            f" --trials {2 * have}, or start another with --study NAME"
        )
        return result

    def _trials(self, best_model: BestModel) -> Trials:
        study = self.study
        settings = TrialSettings.of(self.config, self.metric, self.max_epochs, self.folds)
        sampling = (RoundSampling if self.config.deterministic else Sampling)(
            study.space,
            self.metric.direction,
            seed=self.config.seed,
            sampler=self.config.sampler,
            pruner=self.config.pruner,
            max_epochs=settings.steps,
            past=study.store.trials(study.study_id),
        )
        return Trials(
            self.config.trials,
            settings,
            sampling,
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
        rounds = math.ceil(len(seconds) * RUNS / self.executor.workers)
        return min(rounds * median(seconds), MOST_FOR_FINALISTS * self.config.time_budget)

    def _choose(self, scheduler: Scheduler, trials: Trials) -> Choice | None:
        train = self._trainer(scheduler)
        return choose_winner(trials, self.config.finalists, self.study.folder, train)

    def _control(self, scheduler: Scheduler, trials: Trials, choice: Choice) -> Choice | None:
        train = self._trainer(scheduler)
        return choose_after_one_epoch(
            trials.records,
            trials.settings,
            self.config.finalists,
            self.study.folder,
            train,
            choice.finalists,
        )

    def _trainer(self, scheduler: Scheduler) -> Train:
        def train(jobs: Mapping[RunKey, TrainJob]) -> Mapping[RunKey, TrialResult]:
            limits = TrialSettings.of(self.config, self.metric, self.max_epochs).limits
            batch = Batch(jobs, self.clock.over, self.observer.finalist_epoch, limits)
            # A single worker would fit every baseline first, while the finalists' time runs out.
            scheduler.add(batch, ahead=self.executor.workers == 1)
            scheduler.run(until=batch)
            return batch.results

        return train

    def _export(
        self, scheduler: Scheduler, choice: Choice | None, best_model: BestModel
    ) -> OnnxFile | None:
        if choice is None or not self.config.onnx or self.clock.interrupted:
            return None
        with self._phase("export"):
            first = self.executor.workers == 1
            return export_winner(scheduler, first, choice, best_model, self.observer)

    def _predict(
        self, scheduler: Scheduler, jobs: Mapping[RunKey, PredictJob]
    ) -> Mapping[RunKey, float]:
        batch = Batch(jobs)
        scheduler.add(batch)
        scheduler.run(until=batch)
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
            dataset=self.dataset.name,
            rows=len(self.dataset.train) + (len(self.dataset.valid) if self.folds else 0),
            metric=self.metric,
            trials=self.config.trials,
            before=list(trials.records),
            workers=self.executor.workers,
            max_epochs=trials.settings.steps,
            time_budget=self.config.time_budget,
            space=self.study.space,
            folds=self.folds,
        )

    @contextmanager
    def _phase(self, name: str) -> Iterator[None]:
        started = time.monotonic()
        self.observer.phase(name)
        yield
        self.phases[name] = round(time.monotonic() - started, 3)
