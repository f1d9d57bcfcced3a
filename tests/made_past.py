"""Earlier studies with known outcomes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from automl.history.past import PastStudy, PastTrial
from automl.space.domains import ChoiceDomain, FloatDomain, IntDomain, Params
from automl.space.space import SearchSpace

SPACE = SearchSpace(
    "made",
    {
        "model.width": IntDomain(1, 9),
        "optimizer.learning_rate": FloatDomain(1e-4, 1e-1, log=True),
        "optimizer.name": ChoiceDomain(("adam", "sgd")),
    },
    {"family": "mlp"},
)


def params(width: int, rate: float = 1e-3, name: str = "adam") -> Params:
    """All parameters of a trial."""
    return {
        "family": "mlp",
        "model.width": width,
        "optimizer.learning_rate": rate,
        "optimizer.name": name,
    }


def facts(rows: int = 100, **changes: Any) -> dict[str, Any]:
    """Facts about a table for two classes."""
    plain = {
        "kind": "vector",
        "task": "binary",
        "rows": {"train": rows - 40, "valid": 20, "test": 20},
        "shape": [4],
        "columns": {},
        "missing": 0.0,
        "targets": 1,
        "classes": [rows // 2, rows // 2],
    }
    return plain | changes


def past_study(
    name: str = "a",
    cost: Callable[[int], float] = float,
    rows: int = 100,
    trials: Mapping[int, Params] | None = None,
    **changes: Any,
) -> PastStudy:
    """A study of widths 1 to 9, four trials each, whose costs depend on the width alone."""
    tried = trials or {i: params(1 + i % 9, rate=10 ** -(1 + i // 9)) for i in range(36)}
    return PastStudy(
        name,
        name,
        f"sha of {name}",
        facts(rows, **changes),
        "accuracy",
        "epoch",
        tuple(PastTrial(i, p, (0.5,), cost(int(p["model.width"])), 1.0) for i, p in tried.items()),
    )
