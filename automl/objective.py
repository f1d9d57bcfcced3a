"""`Objective`: what "best" means, wherever trials, finalists or epochs are ranked.

A second score would be added here and nowhere else.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from automl.metrics import Metric
from automl.trial import EpochResult, TrialRecord, TrialStatus

Place = tuple[float, int, int]
"""Sorts ascending with the best first."""


@dataclass(frozen=True, slots=True)
class Objective:
    """Ranks what was scored; among equal scores the smaller network wins, then the earlier trial.

    Attributes
    ----------
    metric : Metric
        The score that is compared.
    max_size : int or None
        Bytes that a network's weights may take in single precision. A larger one is no candidate:
        a search that goes on with a lower limit than before has such trials.
    """

    metric: Metric
    max_size: int | None = None

    def cost(self, score: float | None) -> float:
        """Return a number that is lowest for the best score.

        It is infinite where there is no score. Zero would not do: it is the best RMSE there is.
        """
        if score is None or math.isnan(score):
            return math.inf
        return self.metric.sort_key(score)

    def place(self, score: float | None, record: TrialRecord) -> Place:
        """Return the sort key of a trial that is judged by `score`.

        Parameters
        ----------
        score : float or None
            The trial's own, or what takes its place: the mean over a finalist's runs, or the
            score after one epoch.
        record : TrialRecord
        """
        return self.cost(score), record.n_weights, record.number

    def ranked(self, records: Iterable[TrialRecord]) -> list[TrialRecord]:
        """Return the complete trials that have a score, best first."""
        return sorted(self._candidates(records), key=self._place)

    def best(self, records: Iterable[TrialRecord]) -> TrialRecord | None:
        """Return the first of `ranked`, or None when no trial is complete."""
        return min(self._candidates(records), key=self._place, default=None)

    def best_epoch(self, history: Iterable[EpochResult]) -> EpochResult:
        """Return the epoch with the best score; among equals, the one with the lowest loss."""
        return min(history, key=lambda e: self.epoch_place(e.valid_score, e.valid_loss))

    def epoch_place(self, score: float, loss: float) -> tuple[float, float]:
        """Return the sort key of an epoch; it is lowest for the best one."""
        return self.cost(score), loss

    def _place(self, record: TrialRecord) -> Place:
        return self.place(record.valid_score, record)

    def _candidates(self, records: Iterable[TrialRecord]) -> Iterable[TrialRecord]:
        for record in records:
            complete = record.status is TrialStatus.COMPLETE and record.valid_score is not None
            if complete and (self.max_size is None or 4 * record.n_weights <= self.max_size):
                yield record
