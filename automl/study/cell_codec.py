"""How the cells of Optuna's tables hold numbers, attributes and times."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any


def number_columns(column: str, value: float) -> dict[str, Any]:
    """Write a number and its type in two columns: NaN and infinities are types without a value."""
    if math.isfinite(value):
        return {column: value, f"{column}_type": "FINITE"}
    kind = "NAN" if math.isnan(value) else "INF_POS" if value > 0 else "INF_NEG"
    return {column: None, f"{column}_type": kind}


def read_number(value: float | None, kind: str) -> float:
    """Read what `number_columns` wrote."""
    if kind == "FINITE":
        return math.nan if value is None else value
    return {"INF_POS": math.inf, "INF_NEG": -math.inf}.get(kind, math.nan)


def attribute_rows(attrs: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return attributes as JSON, a row each."""
    return [{"key": key, "value_json": json.dumps(value)} for key, value in attrs.items()]


def utc_now() -> datetime:
    """Return the time as Optuna keeps it: naive, and in UTC."""
    return datetime.now(UTC).replace(tzinfo=None)
