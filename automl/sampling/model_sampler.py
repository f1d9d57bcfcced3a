"""A sampler that learns from all trials, however far each of them came."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from optuna import Study
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler, RandomSampler
from optuna.search_space import IntersectionSearchSpace
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from automl.sampling.evidence import read_evidence
from automl.sampling.rows import Matrix, Rows
from automl.sampling.surrogate import Surrogate

STARTUP = 10
"""Finished trials from which on there is a model."""

RANDOM = 0.25
"""Share of candidates that are drawn at random all the same, which bounds what a model that is
wrong can cost."""

_DONE = (TrialState.COMPLETE, TrialState.PRUNED)


class ModelSampler(BaseSampler):
    """Proposes what a model of all trials expects to improve most; see `Surrogate`.

    What each model is worth stands in ``benchmarks/README.md``.

    Parameters
    ----------
    seed : int
    model : type of Surrogate

    Attributes
    ----------
    proposed : bool
        Whether the last candidate is one of the model's, and not of chance.
    allows : callable or None
        Tells of parameters whether they may be proposed.
    """

    def __init__(self, seed: int, model: type[Surrogate]) -> None:
        self.proposed = False
        self.allows: Callable[[dict[str, Any]], bool] | None = None
        self._rng = np.random.default_rng(seed)
        self._random = RandomSampler(seed=seed)
        self._intersection = IntersectionSearchSpace(include_pruned=True)
        self._rows = Rows({})
        self._encoded: dict[int, Matrix] = {}
        self._kind = model
        self._model: Surrogate | None = None
        self._learned = 0

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """Return the parameters that all trials have, which are modelled jointly."""
        common = self._intersection.calculate(study)
        return {name: d for name, d in common.items() if not d.single()}

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Propose a candidate, or leave it to chance."""
        self.proposed = False
        done = study.get_trials(deepcopy=False, states=_DONE)
        if not search_space or len(done) < STARTUP:
            return {}
        if self._rows.space != search_space:
            self._rows, self._encoded, self._model = Rows(search_space), {}, None
        # By the number and not by `done`, which is thinned in a long search.
        if self._model is None or trial.number >= self._learned + self._kind.every:
            sign = -1.0 if study.direction is StudyDirection.MAXIMIZE else 1.0
            self._model = self._learn(done, sign)
            self._learned = trial.number
        self.proposed = self._rng.random() >= RANDOM
        rows = self._rows
        if not self.proposed:
            return rows.decode(self._model.draw(rows, self._rng))
        allows = self.allows
        may = None if allows is None else lambda row: allows(rows.decode(row))
        return rows.decode(self._model.propose(rows, self._rng, may))

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        """Draw one parameter at random."""
        return self._random.sample_independent(study, trial, param_name, param_distribution)

    def reseed_rng(self) -> None:
        """Draw other numbers from now on; Optuna asks for it in parallel runs."""
        self._rng = np.random.default_rng()
        self._random.reseed_rng()

    def _learn(self, done: Sequence[FrozenTrial], sign: float) -> Surrogate:
        rows = np.stack([self._encode(trial) for trial in done])
        return self._kind(rows, read_evidence(done, sign), self._rng, self._model)

    def _encode(self, trial: FrozenTrial) -> Matrix:
        row = self._encoded.get(trial.number)
        if row is None:
            row = self._encoded[trial.number] = self._rows.encode(trial.params)
        return row
