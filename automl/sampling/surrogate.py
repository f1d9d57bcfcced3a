"""What a sampler's model is asked for: a candidate at random, or one that promises most."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from itertools import islice
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri
from scipy.stats import rankdata

from automl.sampling.evidence import Evidence
from automl.sampling.rows import Matrix, Rows
from automl.sampling.trees import grow, votes

SPARE = 8
SAFE = 0.1
"""Rows that are drawn for one at random, where trials have failed: the first of them that fails
with no higher probability is taken."""

POOL = 300
"""Candidates at random, and as many near the best, of which a proposal is chosen."""

PARENTS = 10
"""Best rows that others are made of, of the trials and of a pool."""

CLIMBS = 3
CHILDREN = 100
"""How often, and how many at a time, new rows are made of a pool's best."""

WORTH_TRYING = 0.7
"""Share of the first level's scores that a candidate is to be among. One that is worse ends there,
and nothing is learned of it at the last level, where it would look as unknown as before: a search
on MNIST spent 27 of its last 40 candidates on the lowest learning rate. In replays half or a third
was worse, see ``benchmarks/README.md``."""


class Surrogate(ABC):
    """Expects what candidates would reach, and proposes one that may improve most.

    A row that it learns from is a candidate at a level, a step at which some trials ended, and what
    it had reached there; it is asked about the last level. So the many trials that were stopped
    early and the few that were not are learned from together. SMAC3 (Lindauer et al. 2022, JMLR 23)
    learns from the last level alone that has enough trials, which are few after a pruner; Optuna's
    TPE puts any complete trial before all that were pruned.

    Expected improvement counts as often as a row is expected to come through, as in Gelbart et al.
    2014 (arXiv 1403.5607): trees learn what failed, and the model itself tells which rows would
    not go on after the first level.

    Parameters
    ----------
    rows : Matrix
        One for each trial.
    evidence : Evidence
    rng : Generator
    before : Surrogate, optional
        One that learned from fewer trials of the same space.

    Attributes
    ----------
    every : int
        Candidates after which a new one learns.
    """

    every: ClassVar[int] = 8

    def __init__(
        self,
        rows: Matrix,
        evidence: Evidence,
        rng: np.random.Generator,
        before: Surrogate | None = None,
    ) -> None:
        failed = np.zeros(len(rows))
        failed[evidence.trials[np.isinf(evidence.costs)]] = 1.0
        self._failures = grow(rows, failed, rng) if failed.any() else []
        scores = self._scores(evidence.costs)
        placed = np.column_stack([rows[evidence.trials], evidence.levels])
        self._least = float(scores.min())
        self._worth_trying = _worth_trying(scores, evidence.levels)
        self._learn(placed, scores, np.isfinite(evidence.costs), rng, before)
        expected = self._expected(rows)[0] + failed * np.ptp(scores)
        self._parents = rows[np.argsort(expected, kind="stable")[:PARENTS]]

    def _scores(self, costs: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what is learned in place of costs, failures among them."""
        return normal_scores(costs)

    @abstractmethod
    def _learn(
        self,
        rows: Matrix,
        scores: NDArray[np.float64],
        came_through: NDArray[np.bool_],
        rng: np.random.Generator,
        before: Surrogate | None,
    ) -> None:
        """Learn scores, lower is better, from rows whose last column is the level."""

    @abstractmethod
    def _predict(self, rows: Matrix) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the mean and the spread of the scores of rows whose last column is the level."""

    def draw(self, space: Rows, rng: np.random.Generator) -> Matrix:
        """Return a row at random that is likely to come through."""
        rows = space.draw(rng, SPARE if self._failures else 1)
        first: Matrix = rows[np.maximum(self._risk(rows), SAFE).argmin()]
        return first

    def propose(
        self,
        space: Rows,
        rng: np.random.Generator,
        allows: Callable[[Matrix], bool] | None = None,
    ) -> Matrix:
        """Return the best row of a pool that is drawn closer and closer around the best.

        Parameters
        ----------
        space : Rows
        rng : Generator
        allows : callable, optional
            Tells of a row whether it may be proposed. If no row of the pool may, any is.
        """
        near = self._parents[rng.integers(len(self._parents), size=POOL)]
        pool = np.concatenate([space.draw(rng, POOL), space.mutate(rng, near, 0.3)])
        gains = self._expected_improvement(pool)
        for _ in range(CLIMBS):
            ahead = _ahead(pool, gains, PARENTS, allows)
            pool, gains = pool[ahead], gains[ahead]
            steps = space.mutate(rng, pool[rng.integers(len(pool), size=CHILDREN)], 0.2)
            pool = np.concatenate([pool, steps])
            gains = np.concatenate([gains, self._expected_improvement(steps)])
        best: Matrix = pool[_ahead(pool, gains, 1, allows)[0]]
        return best

    def _expected_improvement(self, rows: Matrix) -> NDArray[np.float64]:
        """Return how far each row is expected to be below the least cost (Jones et al. 1998)."""
        mean, spread = self._expected(rows)
        z = (self._least - mean) / spread
        gain = spread * (z * ndtr(z) + np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi))
        expected: NDArray[np.float64] = gain * (1.0 - self._risk(rows)) * self._goes_on(rows)
        return expected

    def _goes_on(self, rows: Matrix) -> NDArray[np.float64]:
        """Return the probability that each row is worth trying beyond the first level."""
        mean, spread = self._predict(np.column_stack([rows, np.zeros(len(rows), np.float32)]))
        share: NDArray[np.float64] = ndtr((self._worth_trying - mean) / (spread + 1e-6))
        return share

    def _expected(self, rows: Matrix) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return what is expected of each row at the last level: mean and spread."""
        mean, spread = self._predict(np.column_stack([rows, np.ones(len(rows), np.float32)]))
        return mean, spread + 1e-6

    def _risk(self, rows: Matrix) -> NDArray[np.float64]:
        """Return the probability that each row fails."""
        if not self._failures:
            return np.zeros(len(rows))
        risk: NDArray[np.float64] = votes(self._failures, rows).mean(axis=0)
        return risk


def _ahead(
    pool: Matrix,
    gains: NDArray[np.float64],
    count: int,
    allows: Callable[[Matrix], bool] | None,
) -> NDArray[np.int64]:
    """Return the places of the best rows that are allowed, or of the best if none is."""
    order = np.argsort(-gains)
    if allows is None:
        return order[:count]
    found = list(islice((i for i in order if allows(pool[i])), count))
    return np.array(found) if found else order[:count]


def _worth_trying(scores: NDArray[np.float64], levels: NDArray[np.float32]) -> float:
    """Return the worst score at the first level with which a row is worth trying beyond it."""
    if levels.max() == 0:  # there is no other level
        return np.inf
    return float(np.quantile(scores[levels == 0], WORTH_TRYING))


def normal_scores(costs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the normal scores of ranks, in which a failure is worst and nothing else."""
    scores: NDArray[np.float64] = ndtri((rankdata(costs) - 0.5) / len(costs))
    return scores
