"""`train`: one configuration, without a search, from the data to a scored bundle."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np

from automl.bundle.onnx.available import require_onnx
from automl.bundle.onnx.job import ExportJob, parity_rows
from automl.bundle.save import BundleInfo, OnnxFile, save_bundle
from automl.config import TrainConfig
from automl.data import DataOptions, Dataset, PreparedStore, check, load
from automl.data.split.folds import make_splits
from automl.errors import SpaceError, StudyError
from automl.evaluation import score_with_interval
from automl.executors import Executor, make_executor
from automl.job import Job
from automl.metrics import find_metric, get_metric
from automl.models._from_file import add_families, loaded_files
from automl.orchestrator.best_model import bundle_info
from automl.orchestrator.budget import Clock
from automl.orchestrator.defaults import default_max_epochs
from automl.orchestrator.judge import to_score
from automl.orchestrator.observer import Plan, TrainObserver, UnwatchedTraining
from automl.orchestrator.trial_jobs import TrialSettings
from automl.result import TrainResult
from automl.scheduling.failures import check_device
from automl.scheduling.scheduler import Scheduler
from automl.space.file import load_space
from automl.space.space import SearchSpace
from automl.study.folder import StudyFolder
from automl.study.run import Run
from automl.training.jobs import PredictJob
from automl.training.recipe import check_space
from automl.trial import TrialResult, TrialStatus


def train(
    config: TrainConfig,
    observer: TrainObserver | None = None,
    dataset: Dataset | None = None,
    stop: Event | None = None,
) -> TrainResult:
    """Train a configuration, open the test split once, and save the model.

    Parameters
    ----------
    config : TrainConfig
    observer : TrainObserver, optional
        Told what happens while it happens.
    dataset : Dataset, optional
        Data that is in memory, in place of what the configuration names.
    stop : Event, optional
        Ends the training as Ctrl-C does when it is set, from any thread.

    Returns
    -------
    TrainResult
        Its `status` is ``"interrupted"`` after Ctrl-C: the model is the best one until then.

    Raises
    ------
    AutomlError
        When something that the user gave breaks its rule, or the loss diverges; an earlier model
        of that name stays as it is then.
    KeyboardInterrupt
        When Ctrl-C is pressed twice, before the first epoch was over, or with all rows in
        training, where only the last epoch counts.
    """
    add_families(config.plugins)
    space = load_configuration(config)
    options = DataOptions.of(config)
    if dataset is None:
        check(config.dataset, options)
    if config.metric is not None:
        find_metric(config.metric)
    if config.onnx:
        require_onnx()
    observer = observer or UnwatchedTraining()
    clock = Clock(None, stop)
    with (
        clock.catch_interrupt(),
        make_executor(config.executor, 1, loaded_files(), config.cluster) as executor,
    ):
        # The worker loads torch while the data is read.
        dataset = dataset or load(config.dataset, download=config.download, options=options)
        for note in dataset.notes:
            observer.data_note(note)
        check_device(executor, config.device)
        validates = (config.rows or space.budget.rows) == "train"
        (dataset,) = make_splits(dataset, None) if validates else (dataset.with_all_rows(),)
        epochs = config.epochs or space.budget.epochs
        epochs = epochs or default_max_epochs(len(dataset.train), space.all_families)
        metric = get_metric(config.metric, dataset.task)
        metric.check_defined(dataset.test.n_classes, "test rows")
        metric.check_defined(dataset.valid.n_classes, "validation rows")
        name = Path(config.configuration).stem
        plan = Plan(name, dataset.name, len(dataset.train), validates, metric, epochs)
        executor.await_worker()
        with _model_folder(config.study_name) as folder:
            return _Training(config, space, plan, dataset, folder, executor, clock, observer).run()


def load_configuration(config: TrainConfig) -> SearchSpace:
    """Read the configuration, with the values that replace its own.

    Raises
    ------
    SpaceError
        When a value breaks its rule, or is left to a search.
    """
    space = load_space(config.configuration).fix(config.fixed)
    check_space(space)
    if not space.is_configuration:
        names = ", ".join(space.domains)
        raise SpaceError(
            f"{space.source}: a configuration must fix every value, but leaves these to a search:"
            f" {names}; fix them with --set NAME=VALUE, or use automl search --space"
        )
    return space


@contextmanager
def _model_folder(name: str) -> Iterator[StudyFolder]:
    """Hold the folder that the model goes to; a new one is removed on failure.

    Raises
    ------
    StudyError
        When a search lies there, it is busy, or it cannot be written.
    """
    folder = StudyFolder.named(name)
    if folder.is_study:
        raise StudyError(
            f"study {name!r} holds a search; name another for this model with --study NAME"
        )
    is_new = folder.create()
    with folder.held(", or name another model with --study NAME"):
        try:
            yield folder
        except BaseException:
            if is_new:
                folder.remove()
            raise


@dataclass(frozen=True, slots=True)
class _Training:
    """One training in its folder."""

    config: TrainConfig
    space: SearchSpace
    plan: Plan
    dataset: Dataset
    folder: StudyFolder
    executor: Executor
    clock: Clock
    observer: TrainObserver

    def run(self) -> TrainResult:
        data = PreparedStore(self.dataset)
        self.executor.provide(data, self.folder.shared)
        result = self._train()
        weights, predictions = str(result.weights), self.folder.trained_predictions
        predict = PredictJob(self.space.fixed, weights, str(predictions), self.config.device)
        self._run_job(predict, "predict")
        y = self.dataset.test.unlock()
        read = self.plan.metric.takes(np.load(predictions)["test"])
        test = to_score(score_with_interval(self.plan.metric, y, read, self.dataset.blocks))
        valid_score = result.valid_score if self.plan.validates else None
        training = {
            "configuration": self.plan.configuration,
            "seed": self.config.seed,
            "epochs": result.best_epoch,
            "max_epochs": self.plan.max_epochs,
            "rows": self.plan.rows,
        }
        info = bundle_info(
            self.folder.name,
            self.dataset,
            data,
            self.plan.metric,
            self.space.fixed,
            training,
            {"valid": valid_score, "test": test.model_dump()},
        )
        save_bundle(self.folder.best, Path(weights), info, self._export(info, weights))
        assert result.best_epoch is not None
        return TrainResult(
            study=self.folder.name,
            folder=str(self.folder.path),
            status="interrupted" if self.clock.interrupted else "finished",
            configuration=self.plan.configuration,
            dataset=self.dataset.name,
            metric=self.plan.metric.name,
            params=dict(self.space.fixed),
            rows={
                "train": self.plan.rows,
                "valid": len(self.dataset.valid) if self.plan.validates else 0,
                "test": len(self.dataset.test),
            },
            max_epochs=self.plan.max_epochs,
            history=result.history,
            kept_epoch=result.best_epoch,
            valid_score=valid_score,
            test=test,
            n_weights=result.n_weights,
            seconds=result.seconds,
        )

    def _train(self) -> TrialResult:
        epochs = self.plan.max_epochs
        settings = TrialSettings(
            self.config.seed, self.plan.metric, epochs, patience=epochs, device=self.config.device
        )
        job = settings.job(
            Run(0),
            self.space.fixed,
            self.folder.trained_weights,
            seed=self.config.seed,
            epochs=None if self.plan.validates else epochs,
        )
        self.observer.started(self.plan)
        try:
            result: TrialResult = self._run_job(job, "train")
        finally:
            self.observer.close()
        if result.status is not TrialStatus.COMPLETE:
            if self.clock.interrupted:
                raise KeyboardInterrupt
            raise StudyError(f"{self.space.source}: the training failed: {result.error}")
        return result

    def _run_job(self, job: Job, name: str) -> Any:
        """Run one job on the worker; Ctrl-C ends a training with the epochs it has."""
        batch = Scheduler(self.executor, lambda: None).run_batch(
            {name: job},
            over=self.clock.over,
            on_progress=lambda key, worker, epoch: self.observer.epoch(epoch),
        )
        if name in batch.errors:
            raise StudyError(f"{self.space.source}: the job {name!r} failed: {batch.errors[name]}")
        return batch.results[name]

    def _export(self, info: BundleInfo, weights: str) -> OnnxFile | None:
        if not self.config.onnx:
            return None
        to = str(self.folder.trained_onnx)
        rows = parity_rows(self.dataset.test.X)
        job = ExportJob(info.to_json(), (weights,), rows, to)
        exported: OnnxFile = self._run_job(job, "export")
        return exported
