"""A sampler that learns from a random forest over all trials, however far each of them came."""

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

from automl.sampling.evidence import Evidence, read_evidence
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

TREES = 20

MAX_ROWS = 1_000
"""Rows that a tree learns from, which bounds what a long search costs."""

EVERY = 8
"""Candidates after which a model is fitted anew."""

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

    A row of the forest is a candidate at a level, a step at which some trials ended, and what it
    had reached there; it is asked about the last level. So the many trials that were stopped early
    and the few that were not are learned from together. SMAC3 (Lindauer et al. 2022, JMLR 23)
    learns from the last level alone that has enough trials, which are few after a pruner; Optuna's
    TPE puts any complete trial before all that were pruned. What each is worth stands in
    ``benchmarks/README.md``.

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
        rows = np.stack([self._encode(trial) for trial in done])
        return _Forest(rows, read_evidence(done, sign), self._rng)

    def _encode(self, trial: FrozenTrial) -> Matrix:
        row = self._encoded.get(trial.number)
        if row is None:
            row = self._encoded[trial.number] = self._rows.encode(trial.params)
        return row


class _Forest:
    """Trees over trials, and over those that failed.

    Parameters
    ----------
    rows : Matrix
        One for each trial.
    evidence : Evidence
    rng : Generator
    """

    def __init__(self, rows: Matrix, evidence: Evidence, rng: np.random.Generator) -> None:
        failed = np.zeros(len(rows))
        failed[evidence.trials[np.isinf(evidence.costs)]] = 1.0
        self._failures = _grow(rows, failed, rng) if failed.any() else []
        scores = ndtri((rankdata(evidence.costs) - 0.5) / len(evidence.costs))
        placed = np.column_stack([rows[evidence.trials], evidence.levels])
        self._trees = _grow(placed, scores, rng)
        expected = self._scores(rows).mean(axis=0) + failed * np.ptp(scores)
        ahead = np.argsort(expected, kind="stable")[:PARENTS]
        self._parents, self._least = rows[ahead], scores.min()

    def draw(self, space: Rows, rng: np.random.Generator) -> Matrix:
        """Return a row at random that is likely to come through."""
        rows = space.draw(rng, SPARE if self._failures else 1)
        first: Matrix = rows[np.maximum(self._risk(rows), SAFE).argmin()]
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
        scores = self._scores(rows)
        mean, spread = scores.mean(axis=0), scores.std(axis=0) + 1e-6
        z = (self._least - mean) / spread
        gain = spread * (z * ndtr(z) + np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi))
        expected: NDArray[np.float64] = gain * (1.0 - self._risk(rows))
        return expected

    def _scores(self, rows: Matrix) -> NDArray[np.float64]:
        """Return what each tree expects of each row at the last level: (trees, rows)."""
        return _votes(self._trees, np.column_stack([rows, np.ones(len(rows), np.float32)]))

    def _risk(self, rows: Matrix) -> NDArray[np.float64]:
        """Return the probability that each row fails."""
        if not self._failures:
            return np.zeros(len(rows))
        risk: NDArray[np.float64] = _votes(self._failures, rows).mean(axis=0)
        return risk


def _grow(rows: Matrix, targets: NDArray[np.float64], rng: np.random.Generator) -> list[Any]:
    """Return trees, each of rows drawn with replacement."""
    from sklearn.tree import ExtraTreeRegressor  # a second that a start does not wait for

    trees = []
    for _ in range(TREES):
        drawn = rng.integers(len(rows), size=min(len(rows), MAX_ROWS))
        tree = ExtraTreeRegressor(max_features=FEATURES, random_state=int(rng.integers(2**31)))
        trees.append(tree.fit(rows[drawn], targets[drawn], check_input=False).tree_)
    return trees


def _votes(trees: Sequence[Any], rows: Matrix) -> NDArray[np.float64]:
    """Return what each tree says of each row: (trees, rows)."""
    return np.stack([tree.predict(rows)[:, 0] for tree in trees])
