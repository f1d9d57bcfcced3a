"""What a search tells whoever is watching: an observer, or callbacks as in Optuna.

The command line has two observers of its own, a live view and plain lines.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from threading import Event
from typing import Any

from automl.data.split.folds import Folds
from automl.errors import DataWarning
from automl.metrics import Metric
from automl.objective import Objective
from automl.space.space import SearchSpace
from automl.trial import EpochResult, TrialRecord


@dataclass(frozen=True, slots=True)
class Overview:
    """What an observer needs to know at the start.

    Attributes
    ----------
    study, dataset : str
    rows : int
        Training rows; in cross-validation all outside of the test split.
    metric : Metric
    trials : int or None
        Trials that the study will hold at the end; None for as many as there is time for.
    before : list of TrialRecord
        Trials of earlier runs.
    workers : int
    max_epochs : int
        Epochs of a full training, or folds in cross-validation.
    time_budget : float or None
        Seconds for trials and finalists together.
    space : SearchSpace
    folds : Folds or None
    described : tuple of str
        How the data was understood, a line each.
    """

    study: str
    dataset: str
    rows: int
    metric: Metric
    trials: int | None
    before: list[TrialRecord]
    workers: int
    max_epochs: int
    time_budget: float | None
    space: SearchSpace
    folds: Folds | None = None
    described: tuple[str, ...] = ()

    @property
    def objective(self) -> Objective:
        """What ranks the trials."""
        return Objective(self.metric)


class Observer:
    """Watches a search and does nothing; override what you want to hear of.

    The search calls it in the thread that called the search, in the order in which things happen.
    It waits until a method returns, so that a slow one slows the search down. An exception is a
    programming error: it ends the search and reaches the caller with its traceback. The study
    keeps every trial that was finished, and the same call goes on from there.

    Examples
    --------
    >>> import automl
    >>> class Printing(automl.Observer):
    ...     def new_best(self, record):
    ...         print(record.number, record.valid_score)
    >>> result = automl.search("iris", trials=5, observer=Printing())  # doctest: +SKIP
    """

    def search_started(self, overview: Overview) -> None:
        """Hear that all is loaded and checked, and the first trial is about to start."""

    def phase(self, name: str) -> None:
        """Hear that a phase begins.

        It is one of ``trials``, ``finalists``, ``export``, ``baselines``, ``test`` and ``report``.
        """

    def trial_started(self, number: int, params: Mapping[str, Any]) -> None:
        """Hear that a candidate was given to a worker."""

    def worker_host(self, worker: int, host: str) -> None:
        """Hear on which machine a worker is, as soon as it is known and when that changes."""

    def epoch(self, worker: int, result: EpochResult) -> None:
        """Hear that a trial has finished an epoch, or a fold in cross-validation."""

    def trial_finished(self, record: TrialRecord) -> None:
        """Hear that a trial is in the study: complete, pruned or failed."""

    def new_best(self, record: TrialRecord) -> None:
        """Hear that a trial is better than all before it; `trial_finished` comes next."""

    def finalist_epoch(self, run: tuple[int, int], worker: int, result: EpochResult) -> None:
        """Hear that a finalist's run, ``(trial number, run)``, has finished an epoch."""

    def baseline_finished(self, name: str, valid_score: float | None, error: str | None) -> None:
        """Hear that a baseline was tuned and fitted, or why it was not."""

    def note(self, text: str) -> None:
        """Hear of something else worth a line, such as a default that was chosen."""

    def data_note(self, text: str) -> None:
        """Hear what was assumed or left out when the data was read; by default, as `note`."""
        self.note(text)

    def tick(self) -> None:
        """Be called about ten times a second, to draw or to look at the clock."""

    def close(self) -> None:
        """Hear that nothing more will happen, also when the search failed."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What `automl.train` is about to train.

    Attributes
    ----------
    configuration, dataset : str
    rows : int
        Rows that are trained on.
    validates : bool
        Whether there are validation rows; without them, an epoch's validation score means
        nothing.
    metric : Metric
    max_epochs : int
    """

    configuration: str
    dataset: str
    rows: int
    validates: bool
    metric: Metric
    max_epochs: int


class TrainObserver:
    """Watches a training and does nothing; override what you want to hear of."""

    def started(self, plan: Plan) -> None:
        """Hear that all is loaded and checked, and the training is about to start."""

    def data_note(self, text: str) -> None:
        """Hear what was assumed or left out when the data was read."""

    def epoch(self, result: EpochResult) -> None:
        """Hear that an epoch is finished."""

    def close(self) -> None:
        """Hear that the training is over, also when it failed."""


class Unwatched(Observer):
    """Stands for the observer of a search that has none: what concerns the data is a warning."""

    def data_note(self, text: str) -> None:
        warnings.warn(text, DataWarning, stacklevel=2)


class UnwatchedTraining(TrainObserver):
    """Stands for the observer of a training that has none; see `Unwatched`."""

    def data_note(self, text: str) -> None:
        warnings.warn(text, DataWarning, stacklevel=2)


class Observers(Observer):
    """Tells several observers, one after the other.

    Parameters
    ----------
    *observers : Observer
    """

    def __init__(self, *observers: Observer) -> None:
        self._all = observers

    def search_started(self, overview: Overview) -> None:
        for observer in self._all:
            observer.search_started(overview)

    def phase(self, name: str) -> None:
        for observer in self._all:
            observer.phase(name)

    def trial_started(self, number: int, params: Mapping[str, Any]) -> None:
        for observer in self._all:
            observer.trial_started(number, params)

    def worker_host(self, worker: int, host: str) -> None:
        for observer in self._all:
            observer.worker_host(worker, host)

    def epoch(self, worker: int, result: EpochResult) -> None:
        for observer in self._all:
            observer.epoch(worker, result)

    def trial_finished(self, record: TrialRecord) -> None:
        for observer in self._all:
            observer.trial_finished(record)

    def new_best(self, record: TrialRecord) -> None:
        for observer in self._all:
            observer.new_best(record)

    def finalist_epoch(self, run: tuple[int, int], worker: int, result: EpochResult) -> None:
        for observer in self._all:
            observer.finalist_epoch(run, worker, result)

    def baseline_finished(self, name: str, valid_score: float | None, error: str | None) -> None:
        for observer in self._all:
            observer.baseline_finished(name, valid_score, error)

    def note(self, text: str) -> None:
        for observer in self._all:
            observer.note(text)

    def data_note(self, text: str) -> None:
        for observer in self._all:
            observer.data_note(text)

    def tick(self) -> None:
        for observer in self._all:
            observer.tick()

    def close(self) -> None:
        with ExitStack() as stack:  # the others hear of the end also when one of them fails
            for observer in self._all:
                stack.callback(observer.close)


class SearchProgress:
    """A search while it runs, as callbacks get it.

    Attributes
    ----------
    overview : Overview
        What is searched.
    records : list of TrialRecord
        The study's finished trials, those of earlier runs first.
    best : TrialRecord or None
        The best complete trial so far.
    """

    def __init__(self, stop: Event) -> None:
        self.overview: Overview
        self.records: list[TrialRecord] = []
        self.best: TrialRecord | None = None
        self._stop = stop

    def stop(self) -> None:
        """End the search as Ctrl-C does: the best model is kept, and the status is interrupted."""
        self._stop.set()


Callback = Callable[[SearchProgress, TrialRecord], object]
"""Called after every finished trial with the search so far and the trial, as in Optuna."""


class Callbacks(Observer):
    """Calls plain functions after every finished trial.

    Parameters
    ----------
    callbacks : sequence of callable
    stop : Event
        What `SearchProgress.stop` sets.
    """

    def __init__(self, callbacks: Sequence[Callback], stop: Event) -> None:
        self._callbacks = callbacks
        self._progress = SearchProgress(stop)

    def search_started(self, overview: Overview) -> None:
        self._progress.overview = overview
        self._progress.records = list(overview.before)
        self._progress.best = overview.objective.best(overview.before)

    def new_best(self, record: TrialRecord) -> None:
        self._progress.best = record

    def trial_finished(self, record: TrialRecord) -> None:
        self._progress.records.append(record)
        for callback in self._callbacks:
            callback(self._progress, record)
