"""A sampler that learns from a random forest over the trials that came furthest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from optuna import Study
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler, RandomSampler
from optuna.search_space import IntersectionSearchSpace
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState
from scipy.special import ndtr, ndtri
from scipy.stats import rankdata

from automl.sampling.levels import read_levels
from automl.sampling.rows import Matrix, Rows

STARTUP = 10
"""Finished trials from which on there is a model."""

RANDOM = 0.25
"""Share of candidates that are drawn at random all the same, which bounds what a model that is
wrong can cost."""

SPARE = 8
SAFE = 0.1
"""Rows that are drawn for one at random, where trials have failed: the first of them that fails
with no higher probability is taken."""

MIN_TRIALS = 8
"""Trials that make a level enough to learn from."""

TREES = 20

EVERY = 8
"""Candidates after which a model is fitted anew. On nine tasks and two seeds of
``benchmarks/replay`` the regret after 100 full trainings was 3.6 points, and 4.8 where a model
waited until there were a tenth more trials."""

POOL = 300
"""Candidates at random, and as many near the best, of which a proposal is chosen."""

PARENTS = 10
"""Best rows that others are made of, of the trials and of a pool."""

CLIMBS = 3
CHILDREN = 100
"""How often, and how many at a time, new rows are made of a pool's best."""

FEATURES = 0.8
"""Share of the columns that a split chooses from."""

_DONE = (TrialState.COMPLETE, TrialState.PRUNED)


class ForestSampler(BaseSampler):
    """Proposes what a forest expects to improve most, after SMAC (Hutter et al. 2011).

    Trials are compared with their like: the forest learns from the last level with `MIN_TRIALS`
    trials, from scores after as many epochs each, as in SMAC3's multi-fidelity search (Lindauer et
    al. 2022, JMLR 23). Optuna's TPE puts any complete trial before all that were pruned.

    Scores are replaced by normal scores of their ranks, so that a failure is worst and nothing
    else. The trees are extremely randomised (Geurts et al. 2006) on bootstrap samples; their
    spread is the uncertainty of expected improvement. They learn what failed as well: expected
    improvement counts as often as a row is expected to come through, as in Gelbart et al. 2014
    (arXiv 1403.5607).

    Parameters
    ----------
    seed : int

    Attributes
    ----------
    proposed : bool
        Whether the last candidate is one of the model's, and not of chance.
    """

    def __init__(self, seed: int) -> None:
        self.proposed = False
        self._rng = np.random.default_rng(seed)
        self._random = RandomSampler(seed=seed)
        self._intersection = IntersectionSearchSpace(include_pruned=True)
        self._rows = Rows({})
        self._encoded: dict[int, Matrix] = {}
        self._forest: _Forest | None = None
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
            self._rows, self._encoded, self._forest = Rows(search_space), {}, None
        # By the number and not by `done`, which is thinned in a long search.
        if self._forest is None or trial.number >= self._learned + EVERY:
            sign = -1.0 if study.direction is StudyDirection.MAXIMIZE else 1.0
            self._forest = self._learn(done, sign)
            self._learned = trial.number
        self.proposed = self._rng.random() >= RANDOM
        propose = self._forest.propose if self.proposed else self._forest.draw
        return self._rows.decode(propose(self._rows, self._rng))

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

    def _learn(self, done: Sequence[FrozenTrial], sign: float) -> _Forest:
        levels = read_levels(done, sign)
        level = next((v for v in reversed(levels) if v.real >= MIN_TRIALS), levels[0])
        rows = np.stack([self._encode(done[i]) for i in level.trials])
        return _Forest(rows, level.costs, self._rng)

    def _encode(self, trial: FrozenTrial) -> Matrix:
        row = self._encoded.get(trial.number)
        if row is None:
            row = self._encoded[trial.number] = self._rows.encode(trial.params)
        return row


class _Forest:
    """Trees over the trials of one level.

    Parameters
    ----------
    rows : Matrix
    costs : array of shape (rows,)
    rng : Generator
    """

    def __init__(self, rows: Matrix, costs: NDArray[np.float64], rng: np.random.Generator) -> None:
        from sklearn.tree import ExtraTreeRegressor  # a second that a start does not wait for

        count = len(rows)
        failed = np.isinf(costs)
        self._some_failed = bool(failed.any())
        scores = ndtri((rankdata(costs) - 0.5) / count)
        targets = np.column_stack([scores, failed])
        self._least = scores.min()
        self._parents = rows[np.argsort(costs, kind="stable")[:PARENTS]]
        self._trees = []
        for _ in range(TREES):
            drawn = rng.integers(count, size=count)
            tree = ExtraTreeRegressor(max_features=FEATURES, random_state=int(rng.integers(2**31)))
            tree.fit(rows[drawn], targets[drawn], check_input=False)
            self._trees.append(tree.tree_)

    def draw(self, space: Rows, rng: np.random.Generator) -> Matrix:
        """Return a row at random that is likely to come through."""
        rows = space.draw(rng, SPARE if self._some_failed else 1)
        failures = self._votes(rows)[:, :, 1].mean(axis=0)
        first: Matrix = rows[np.maximum(failures, SAFE).argmin()]
        return first

    def propose(self, space: Rows, rng: np.random.Generator) -> Matrix:
        """Return the best row of a pool that is drawn closer and closer around the best."""
        near = self._parents[rng.integers(len(self._parents), size=POOL)]
        pool = np.concatenate([space.draw(rng, POOL), space.mutate(rng, near, 0.3)])
        gains = self._expected_improvement(pool)
        for _ in range(CLIMBS):
            ahead = np.argsort(-gains)[:PARENTS]
            pool, gains = pool[ahead], gains[ahead]
            steps = space.mutate(rng, pool[rng.integers(len(pool), size=CHILDREN)], 0.2)
            pool = np.concatenate([pool, steps])
            gains = np.concatenate([gains, self._expected_improvement(steps)])
        best: Matrix = pool[gains.argmax()]
        return best

    def _expected_improvement(self, rows: Matrix) -> NDArray[np.float64]:
        """Return how far each row is expected to be below the least cost (Jones et al. 1998)."""
        votes = self._votes(rows)
        scores, failures = votes[:, :, 0], votes[:, :, 1]
        mean, spread = scores.mean(axis=0), scores.std(axis=0) + 1e-6
        z = (self._least - mean) / spread
        gain: NDArray[np.float64] = spread * (
            z * ndtr(z) + np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi)
        )
        expected: NDArray[np.float64] = gain * (1.0 - failures.mean(axis=0))
        return expected

    def _votes(self, rows: Matrix) -> NDArray[np.float64]:
        """Return each tree's score and share of failures for each row: (trees, rows, 2)."""
        return np.stack([tree.predict(rows)[:, :, 0] for tree in self._trees])
