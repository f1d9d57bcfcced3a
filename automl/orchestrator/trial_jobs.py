"""`TrialSettings`: what is the same for every trial of a study, and the jobs made of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from automl.config import SearchConfig
from automl.data.split.folds import Folds
from automl.metrics import Metric
from automl.objective import Objective
from automl.orchestrator.defaults import default_patience
from automl.sampling.judged_steps import steps_together
from automl.scheduling.limits import NO_LIMITS, Limits
from automl.study.folder import StudyFolder
from automl.study.run import FINALIST_RUNS, Run
from automl.training.jobs import TrainJob
from automl.trial import Candidate

GLIMPSE_FROM = 20_000
"""Training rows from which a candidate is looked at before its first epoch is over. On fewer an
epoch takes little time, and a part of it is too few steps to tell one from another."""

LONGER = 2.5
LONGEST = 48
"""Times the epochs of a trial that a finalist has on as many images, and how many it has at most.
One run of each of two finalists takes fewer epochs so than two runs of each of three. On MNIST the
first start configuration of `cnn` gains 0.11 points on validation and test rows by 30 epochs in
place of 12, more than fresh seeds tell apart; on tables nothing was measured."""

PATIENT = 4
"""A long run goes on without progress for a part of it: its rate is high for many epochs."""


@dataclass(frozen=True, slots=True)
class TrialSettings:
    """Settings that every trial of a study is trained with.

    Attributes
    ----------
    seed : int
        The study's seed.
    metric : Metric
    max_epochs, patience : int
    device : str
    folds : Folds or None
        None for one validation split.
    limits : Limits
    glimpses : bool
        Whether trials are looked at in the middle of their first epoch.
    max_size : int or None
        Bytes that the weights of a network may take.
    together : tuple of int
        Folds of a trial that may train as a group, see `TrainJob`; those of a finalist all may.
    long_run : int or None
        Epochs of a finalist's one run; None for several runs of as many epochs as a trial has.
    """

    seed: int
    metric: Metric
    max_epochs: int
    patience: int
    device: str
    folds: Folds | None = None
    limits: Limits = NO_LIMITS
    glimpses: bool = False
    max_size: int | None = None
    together: tuple[int, ...] = ()
    long_run: int | None = None

    @classmethod
    def of(
        cls,
        config: SearchConfig,
        metric: Metric,
        max_epochs: int,
        folds: Folds | None = None,
        rows: int = 0,
        *,
        images: bool = False,
    ) -> TrialSettings:
        """Return the settings of a search with these options, on as many training rows."""
        patience = config.patience or default_patience(max_epochs)
        limits = Limits(config.trial_timeout, config.trial_memory, listens=True)
        large = rows >= GLIMPSE_FROM
        may_be_longer = config.max_epochs is None and folds is None
        glimpses = folds is None and config.pruner == "halving" and large
        return cls(
            config.seed,
            metric,
            max_epochs,
            patience,
            config.device,
            folds,
            limits,
            glimpses,
            config.max_size,
            steps_together(config.pruner, folds.total) if folds else (),
            _long_run(max_epochs) if images and large and may_be_longer else None,
        )

    @property
    def objective(self) -> Objective:
        """What makes one trial better than another."""
        return Objective(self.metric, self.max_size)

    @property
    def steps(self) -> int:
        """How often a trial that runs to its end is judged: after each epoch, or each fold."""
        return self.max_epochs if self.folds is None else self.folds.total

    def finalists(self, count: int) -> int:
        """Return how many trials are finalists where `count` were asked for."""
        return count if self.long_run is None else math.ceil(count / 2)

    def finalist_runs(self, trial: int) -> list[Run]:
        """Return the runs of a finalist."""
        return list(Run.of_finalist(trial, FINALIST_RUNS if self.long_run is None else 1))

    def job(
        self,
        run: Run,
        params: Mapping[str, Any],
        weights: Path | None = None,
        *,
        seed: int | None = None,
        glimpse: bool = False,
        rows: int | None = None,
        epochs: int | None = None,
    ) -> TrainJob:
        """Return the training of a candidate. No other place makes a `TrainJob`.

        Parameters
        ----------
        run : Run
        params : mapping of str to scalar
        weights : Path, optional
            Where the best epoch's weights go.
        seed : int, optional
            The run's own by default.
        glimpse, rows, epochs
            As in `TrainJob`.
        """
        seed = run.seed(self.seed) if seed is None else seed
        max_epochs, patience = self.max_epochs, self.patience
        if self.long_run is not None and run.is_finalists:
            max_epochs, patience = self.long_run, max(patience, self.long_run // PATIENT)
        candidate = Candidate(run.trial, seed, params, max_epochs)
        return TrainJob(
            candidate,
            self.metric.name,
            patience,
            None if weights is None else str(weights),
            self.device,
            rows=rows,
            folds=1 if self.folds is None else self.folds.total,
            epochs=epochs,
            glimpse=glimpse,
            max_size=self.max_size,
            memory=self.limits.memory,
            together=self.together if run.number == 0 else (),
        )

    def kept_job(
        self, run: Run, params: Mapping[str, Any], folder: StudyFolder, *, glimpse: bool = False
    ) -> TrainJob:
        """Return a training that keeps its weights in the study, in cross-validation every fold's.

        The networks of the folds are what an ensemble is made of; see
        `automl.orchestrator.find_ensemble`.
        """
        if self.folds is None:
            return self.job(run, params, folder.run_weights(run), glimpse=glimpse)
        paths = tuple(str(folder.fold_weights(run, fold)) for fold in range(self.folds.total))
        return replace(self.job(run, params, glimpse=glimpse), fold_weights=paths)

    def refit_job(
        self, run: Run, params: Mapping[str, Any], weights: Path, epochs: int
    ) -> TrainJob:
        """Return the training on all rows outside of the test split, after cross-validation."""
        assert self.folds is not None
        job = self.job(run, params, weights, epochs=epochs)
        return replace(job, fold=self.folds.total, folds=1)


def _long_run(max_epochs: int) -> int | None:
    longer = min(LONGEST, round(LONGER * max_epochs))
    return longer if longer > max_epochs else None
