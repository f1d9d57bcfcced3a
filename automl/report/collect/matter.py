"""Which parameters mattered, and how the best networks look."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from automl.errors import ConfigError
from automl.metrics import Metric
from automl.models import FAMILIES
from automl.objective import Objective
from automl.report.collect.thinning import MAX_LINES, thin
from automl.report.facts import score_of, scored
from automl.settings import check
from automl.space.domains import ChoiceDomain, Domain
from automl.trial import TrialRecord

TOP_SHARE = 0.1
"""Share of the trials that parallel coordinates show in colour."""

GRID = 28
"""Points a side of the contour's grid."""

SPREAD = 0.29
"""Standard deviation of values that are spread evenly from 0 to 1."""


class Parallel(NamedTuple):
    """Trials as lines across their parameters."""

    names: list[str]
    top: list[list[float]]
    rest: list[list[float]]
    total: int
    """Trials with a score, drawn or not."""


class Surface(NamedTuple):
    """The smoothed score over two parameters; positions run from 0 to 1."""

    x: list[float]
    y: list[float]
    z: list[list[float | None]]
    """None where no trial is near."""


class Architecture(NamedTuple):
    """The shape of a network."""

    trial: int
    score: float
    n_weights: int
    widths: list[int]
    family: str


def position(domain: Domain, value: Any) -> float:
    """Return where a value lies in its domain, from 0 to 1, on the scale of its sampling."""
    if isinstance(domain, ChoiceDomain):
        last = max(1, len(domain.choices) - 1)
        return domain.choices.index(value) / last if value in domain.choices else 0.0
    low, high, here = float(domain.low), float(domain.high), float(value)
    if domain.log:
        low, high, here = math.log(low), math.log(high), math.log(max(here, 1e-300))
    return min(1.0, max(0.0, (here - low) / (high - low))) if high > low else 0.5


def parallel(
    records: Sequence[TrialRecord],
    metric: Metric,
    domains: Mapping[str, Domain],
    names: Sequence[str],
    most: int = MAX_LINES,
) -> Parallel:
    """Positions of every trial's parameters; the best tenth apart from the others."""
    usable = [r for r in records if scored(r) and all(n in r.params for n in names)]
    objective = Objective(metric)
    ranked = sorted(usable, key=lambda r: objective.place(r.valid_score, r))
    count = math.ceil(TOP_SHARE * len(ranked))
    top, rest = thin(ranked[:count], most // 3), thin(ranked[count:], most - most // 3)

    def places(chosen: list[TrialRecord]) -> list[list[float]]:
        return [[position(domains[n], r.params[n]) for n in names] for r in chosen]

    return Parallel(list(names), places(top), places(rest), len(usable))


def surface(
    records: Sequence[TrialRecord],
    metric: Metric,
    domains: Mapping[str, Domain],
    pair: tuple[str, str],
) -> Surface:
    """Average the scores around every point of a grid (Nadaraya and Watson 1964).

    The fewer trials there are, the wider it looks around: Scott's rule (1992) in two dimensions.

    Scores are first replaced by their rank, from 0 for the worst to 1 for the best: a few
    diverged trials would otherwise colour the whole surface.
    """
    usable = [r for r in records if scored(r) and all(n in r.params for n in pair)]
    grid = np.linspace(0.0, 1.0, GRID)
    if not usable:
        return Surface([], [], [])
    x = np.array([position(domains[pair[0]], r.params[pair[0]]) for r in usable])
    y = np.array([position(domains[pair[1]], r.params[pair[1]]) for r in usable])
    keys = np.array([Objective(metric).cost(r.valid_score) for r in usable])
    ranks = np.searchsorted(np.sort(-keys), -keys, side="right") / len(keys)
    bandwidth = SPREAD * len(usable) ** (-1 / 6)
    near_x = np.exp(-0.5 * ((grid[:, None] - x) / bandwidth) ** 2)
    near_y = np.exp(-0.5 * ((grid[:, None] - y) / bandwidth) ** 2)
    weight = near_y @ near_x.T
    total = (near_y * ranks) @ near_x.T
    # Less than the weight that one trial has at a distance of two bandwidths: nothing is known.
    known = weight > math.exp(-2.0)
    z = np.where(known, total / np.maximum(weight, 1e-12), np.nan)
    rows = [[None if math.isnan(v) else float(v) for v in row] for row in z]
    return Surface(grid.tolist(), grid.tolist(), rows)


def architectures(ranked: Sequence[TrialRecord], count: int = 10) -> list[Architecture]:
    """Return the best trials' layers; a family that has no widths of layers is left out."""
    found = []
    for record in ranked:
        widths = layer_widths(record.params)
        if widths is not None:
            family = str(record.params["family"])
            found.append(
                Architecture(record.number, score_of(record), record.n_weights, widths, family)
            )
        if len(found) == count:
            break
    return found


def layer_widths(params: Mapping[str, Any]) -> list[int] | None:
    """Units of each hidden layer, or None for a family that has none to tell."""
    model = {n.removeprefix("model."): v for n, v in params.items() if n.startswith("model.")}
    try:
        settings: Any = check(FAMILIES.get(str(params.get("family"))).Settings, model, "model")
    except ConfigError:
        return None
    widths = getattr(settings, "widths", None)
    return list(widths) if widths is not None else None
