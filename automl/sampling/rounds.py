"""Sampling in rounds: the same trials for any number of workers.

A search is as fast as it can be when every candidate is drawn, and every epoch judged, with all
that is known at that moment; what is known then depends on which worker was faster. Here a round
of a fixed size is drawn before any of its results is looked at, and its epochs are judged against
earlier rounds alone, so that nothing depends on time. Workers wait at the end of a round.
"""

from __future__ import annotations

import copy
from typing import Any

from automl.sampling.candidates import Asked, Told
from automl.sampling.quota_halving import QuotaHalvingPruner
from automl.sampling.sampler import Sampling
from automl.trial import TrialResult

ROUND = 8
"""Candidates a round. With more, a sampler learns more seldom; with fewer, more workers wait."""


class RoundSampling(Sampling):
    """Draws candidates like `Sampling`, but in rounds."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._scores: dict[int, dict[int, float]] = {}
        self._results: dict[int, TrialResult] = {}
        if isinstance(self._study.pruner, QuotaHalvingPruner):
            self._study.pruner.in_rounds = True

    @property
    def ready(self) -> bool:
        return len(self._scores) < ROUND

    def settled(self, number: int) -> bool:
        return number not in self._scores

    def ask(self) -> Asked:
        asked = super().ask()
        self._scores[asked.number] = {}
        return asked

    def report(self, number: int, step: int, score: float) -> bool:
        self._scores[number][step] = score
        trial = copy.copy(self._frozen(number))
        trial.intermediate_values = dict(self._scores[number])
        return self._prunes(trial)

    def tell(self, number: int, result: TrialResult) -> Told:
        told = self._told(number)
        self._results[number] = result
        if len(self._results) == ROUND:
            self._end_round()
        return told

    def _end_round(self) -> None:
        for number in sorted(self._scores):
            for step, score in self._scores[number].items():
                self._live[number].report(score, step)
            super().tell(number, self._results[number])
        if isinstance(self._study.pruner, QuotaHalvingPruner):
            self._study.pruner.end_round()
        self._scores.clear()
        self._results.clear()
