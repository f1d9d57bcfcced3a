"""Configurations of earlier studies that are good together: a greedy portfolio.

As in Auto-sklearn 2 (Feurer et al. 2022, JMLR 23, section 3.1), configurations are added one after
the other, each the one that most raises what the best of the portfolio reaches in the mean over the
studies. There every configuration was tried on every data set; here it was tried in one study, and
what it would have come to in another is told by the trials there that are like it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from automl.history.past import PastStudy, PastTrial
from automl.space.domains import ChoiceDomain, Domain, FloatDomain, IntDomain, Params, Scalar
from automl.space.space import SearchSpace

SIZE = 8
"""Configurations of a portfolio, at most."""

BEST_OF_EACH = 5
"""Trials of each study that may become part of it, its best."""

WIDTH = 0.15
"""Mean distance of parameters, each between 0 and 1, at which a trial counts for 60 % of one that
is the same."""

WORST = -10.0
"""Place among a study's trials that is not left behind by any."""

DOUBT = 1.0
"""Trials in the middle of a study's ranks that are thought to lie beside any candidate: far from
all trials nothing is told."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A configuration of an earlier study.

    Attributes
    ----------
    study : str
    trial : int
        Its number there.
    params : dict
        Values for the sampled parameters of the space that is searched now.
    """

    study: str
    trial: int
    params: Params


def fitting(params: Params, space: SearchSpace) -> Params | None:
    """Return the values that a space of one family samples, or None when it does not go with it.

    A number beyond its range is brought to the end of it: the ranges of larger data are wider. What
    is fixed here may have been anything there.
    """
    found: Params = {}
    for name, domain in space.domains.items():
        value = _nearest(params.get(name), domain)
        if value is None:
            return None
        found[name] = value
    return found


def _nearest(value: Scalar | None, domain: Domain) -> Scalar | None:
    if value is None or domain.holds(value):
        return value
    if isinstance(domain, ChoiceDomain) or isinstance(value, str | bool):
        return None
    near = min(max(value, domain.low), domain.high)
    return round(near) if isinstance(domain, IntDomain) else float(near)


def portfolio(
    studies: Sequence[PastStudy],
    weights: Sequence[float],
    space: SearchSpace,
    size: int,
) -> list[Chosen]:
    """Return configurations for a space of one family, the most useful first.

    Parameters
    ----------
    studies : sequence of PastStudy
    weights : sequence of float
        What each counts.
    space : SearchSpace
        Where its start configurations are, none like them is added.
    size : int
        How many, at most.
    """
    coordinates = Coordinates(space)
    known = [_Known(study, space, coordinates) for study in studies]
    pool = [candidate for one in known for candidate in one.best()]
    if not pool:
        return []
    places = coordinates.of([c.params for c in pool])
    gains = -np.stack([one.expected(places) for one in known])  # (studies, candidates)
    shares = np.array(weights) / np.sum(weights)
    starts = -np.stack([one.expected(coordinates.of(space.start)) for one in known])
    reached = starts.max(axis=1, initial=-np.inf)
    chosen: list[Chosen] = []
    for _ in pool:
        better = np.maximum(gains, reached[:, None])
        best = int((shares @ np.maximum(better, WORST)).argmax())
        if len(chosen) == size or not (better[:, best] > reached).any():
            break
        if pool[best].params not in [*space.start, *(c.params for c in chosen)]:
            chosen.append(pool[best])
        reached = better[:, best]
        gains[:, best] = -np.inf
    return chosen


class Coordinates:
    """Places configurations of a space of one family between 0 and 1.

    Parameters
    ----------
    space : SearchSpace
    """

    def __init__(self, space: SearchSpace) -> None:
        self._domains = space.domains

    def of(self, configurations: Sequence[Params]) -> NDArray[np.float64]:
        """Return a row for each, of shape (configurations, columns).

        A choice of texts has a column for each; two that differ are 1 apart.
        """
        rows = [
            [x for n, d in self._domains.items() for x in _coordinates(p[n], d)]
            for p in configurations
        ]
        width = sum(len(_coordinates(d.corners()[0], d)) for d in self._domains.values())
        return np.array(rows, dtype=float).reshape(len(rows), width)

    def distances(
        self, some: NDArray[np.float64], others: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return mean distances over the parameters, of shape (some, others) (Gower 1971)."""
        apart = cdist(some, others, "cityblock")
        result: NDArray[np.float64] = apart / max(len(self._domains), 1)
        return result


def _coordinates(value: Scalar, domain: Domain) -> list[float]:
    if isinstance(domain, ChoiceDomain):
        if all(type(choice) in (int, float) for choice in domain.choices):
            ordered = sorted(domain.choices)
            return [ordered.index(value) / max(len(ordered) - 1, 1)]
        return [0.5 * (value == choice) for choice in domain.choices]
    low, high, number = float(domain.low), float(domain.high), float(value)
    if isinstance(domain, IntDomain | FloatDomain) and domain.log:
        low, high, number = np.log([low, high, number])
    return [(number - low) / (high - low) if high > low else 0.5]


class _Known:
    """What one study knows of a space of one family."""

    def __init__(self, study: PastStudy, space: SearchSpace, coordinates: Coordinates) -> None:
        self._study, self._coordinates = study, coordinates
        found: list[tuple[PastTrial, Params, float]] = []
        for trial, standing in zip(study.trials, study.standings(), strict=True):
            params = fitting(trial.params, space)
            if params is not None and trial.params.get("family") == space.fixed.get("family"):
                found.append((trial, params, standing))
        self._found = found
        self._places = coordinates.of([params for _, params, _ in found])
        self._standings = np.array([standing for *_, standing in found])

    def best(self) -> list[Chosen]:
        """Return its best trials."""
        ahead = sorted(self._found, key=lambda one: one[2])[:BEST_OF_EACH]
        return [Chosen(self._study.name, trial.number, params) for trial, params, _ in ahead]

    def expected(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the standing that configurations would have had, lower is better."""
        if not len(places) or not self._found:
            return np.zeros(len(places))
        apart = self._coordinates.distances(places, self._places)
        near = np.exp(-0.5 * (apart / WIDTH) ** 2)
        result: NDArray[np.float64] = (near @ self._standings) / (near.sum(axis=1) + DOUBT)
        return result
