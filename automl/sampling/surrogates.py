"""The models of a sampler: a random forest, and a Gaussian process."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from automl.sampling.gaussian_process import GaussianProcess
from automl.sampling.rows import Matrix
from automl.sampling.surrogate import Surrogate, normal_scores
from automl.sampling.trees import grow, votes

MOST = 150
"""Rows that a Gaussian process learns from, whose cost grows with their third power: a third of
them the best of all, a third the furthest, and the others at random."""

TAIL = 10.0
"""Times the distance of the median to the best, behind the median, at which costs are cut off: a
squared error can explode, and then all others would look alike."""


class Forest(Surrogate):
    """Trees, whose spread is the uncertainty, after SMAC (Hutter et al. 2011).

    A failure is the worst there is.
    """

    def _learn(
        self,
        rows: Matrix,
        scores: NDArray[np.float64],
        came_through: NDArray[np.bool_],
        rng: np.random.Generator,
        before: Surrogate | None,
    ) -> None:
        self._trees = grow(rows, scores, rng)

    def _predict(self, rows: Matrix) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        scores = votes(self._trees, rows)
        return scores.mean(axis=0), scores.std(axis=0)


class Smooth(Surrogate):
    """A Gaussian process, which sees a slope where a forest sees steps.

    It learns the mean of two scales: costs as they are, and the normal scores of their ranks. The
    former tell how far the best are ahead, the latter hold where costs have a long tail; each by
    itself was worse, see ``benchmarks/README.md``. Failures are left to the trees: they would bend
    it everywhere around.
    """

    every = 4

    def _scores(self, costs: NDArray[np.float64]) -> NDArray[np.float64]:
        scores: NDArray[np.float64] = (normal_scores(costs) + _standardised(costs)) / 2
        return scores

    def _learn(
        self,
        rows: Matrix,
        scores: NDArray[np.float64],
        came_through: NDArray[np.bool_],
        rng: np.random.Generator,
        before: Surrogate | None,
    ) -> None:
        self._process: GaussianProcess | None = None
        which = np.flatnonzero(came_through)
        if len(which) == 0:
            return
        which = which[_few(scores[which], rows[which, -1], rng)]
        earlier = before._process if isinstance(before, Smooth) else None
        start = None if earlier is None else earlier.theta
        self._process = GaussianProcess(rows[which].astype(float), scores[which], start)

    def _predict(self, rows: Matrix) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        if self._process is None:
            return np.zeros(len(rows)), np.ones(len(rows))
        return self._process.predict(rows.astype(float))


def _standardised(costs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return costs with a standard deviation of 1, the tail of the worst cut off."""
    finite = costs[np.isfinite(costs)]
    if len(finite) == 0:
        return np.zeros(len(costs))
    middle = float(np.median(finite))
    most = min(float(finite.max()), middle + TAIL * (middle - float(finite.min())))
    cut = np.minimum(costs, most)
    apart: NDArray[np.float64] = (cut - cut.mean()) / max(float(cut.std()), 1e-12)
    return apart


def _few(
    scores: NDArray[np.float64], levels: NDArray[np.float32], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return the places of `MOST` rows at most."""
    if len(scores) <= MOST:
        return np.arange(len(scores))
    order = rng.permutation(len(scores))
    best = np.argsort(scores, kind="stable")[: MOST // 3]
    rest = order[~np.isin(order, best)]
    far = rest[np.argsort(-levels[rest], kind="stable")]
    far = far[levels[far] > 0][: MOST // 3]
    others = rest[~np.isin(rest, far)][: MOST - len(best) - len(far)]
    return np.sort(np.concatenate([best, far, others]))
