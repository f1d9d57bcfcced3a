"""The contract of a view: what a search tells whoever is watching.

The search calls these in the parent, in the order in which things happen; every method may be
left as it is. The command line has a live view and a plain one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from automl.data.split.folds import Folds
from automl.metrics import Metric
from automl.space.space import SearchSpace
from automl.trial import EpochResult, TrialRecord


@dataclass(frozen=True, slots=True)
class Overview:
    """What a view needs to know at the start.

    Attributes
    ----------
    study, dataset : str
    rows : int
        Training rows; in cross-validation all outside of the test split.
    metric : Metric
    trials : int
        How many the study will hold.
    before : list of TrialRecord
        Of earlier runs.
    workers : int
    max_epochs : int
        How often a trial is judged: its epochs, or its folds in cross-validation.
    time_budget : float or None
        Seconds.
    space : SearchSpace
    folds : Folds or None
    """

    study: str
    dataset: str
    rows: int
    metric: Metric
    trials: int
    before: list[TrialRecord]
    workers: int
    max_epochs: int
    time_budget: float | None
    space: SearchSpace
    folds: Folds | None = None


class Observer:
    """Watches a search and does nothing."""

    def search_started(self, overview: Overview) -> None:
        """Everything is loaded and checked; the first trial is about to start."""

    def trial_started(self, number: int, params: Any) -> None:
        """A candidate was given to a worker."""

    def epoch(self, worker: int, result: EpochResult) -> None:
        """A worker has finished an epoch."""

    def trial_finished(self, record: TrialRecord) -> None:
        """A trial is in the study."""

    def phase(self, name: str) -> None:
        """``trials``, ``finalists``, ``export``, ``baselines`` or ``test`` begins."""

    def finalist_epoch(self, run: tuple[int, int], worker: int, result: EpochResult) -> None:
        """A finalist's run, ``(trial number, run)``, has finished an epoch."""

    def note(self, text: str) -> None:
        """Something else worth a line, such as a baseline's result."""

    def tick(self) -> None:
        """Called ten times a second."""

    def close(self) -> None:
        """Nothing more will happen."""
