"""What a better score costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from automl.metrics import Metric
from automl.objective import Objective
from automl.report.facts import score_of
from automl.trial import TrialRecord

By = Literal["seconds", "n_weights"]


class Cost(NamedTuple):
    """A complete trial with what it took."""

    trial: int
    cost: float
    score: float


def costs(complete: Sequence[TrialRecord], by: By) -> list[Cost]:
    """Return every complete trial that was trained, without copies of equal trials."""
    found = [Cost(r.number, float(getattr(r, by)), score_of(r)) for r in complete if r.seconds > 0]
    return [c for c in found if c.cost > 0]


def pareto(found: Sequence[Cost], metric: Metric) -> list[Cost]:
    """Return those that no other beats in score without costing more, the cheapest first."""
    front: list[Cost] = []
    for c in sorted(found, key=lambda c: (c.cost, Objective(metric).cost(c.score))):
        if not front or metric.better(c.score, front[-1].score):
            front.append(c)
    return front


class Growth(NamedTuple):
    """How the time to fit a model grows with the rows it is fitted on."""

    model: str
    rows: list[int]
    seconds: list[float]
    scores: list[float]
    exponent: float | None
    """Exponent of the power law ``seconds = c * rows ** exponent``."""


def growth(scaling: Mapping[str, Any]) -> list[Growth]:
    """Return one entry for each model of ``scaling.json``, its points by number of rows."""
    points = sorted(scaling["points"], key=lambda p: (p["model"], p["rows"]))
    return [
        Growth(
            model,
            [p["rows"] for p in points if p["model"] == model],
            [p["seconds"] for p in points if p["model"] == model],
            [p["valid_score"] for p in points if p["model"] == model],
            scaling["exponents"].get(model),
        )
        for model in dict.fromkeys(p["model"] for p in points)
    ]
