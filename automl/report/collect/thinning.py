"""Fewer points than there are, so that a page of ten thousand trials still opens at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

MAX_POINTS = 2_000
"""Dots a scatter plot draws: SVG stays fluent on a phone, and more would lie on each other."""

MAX_LINES = 300
"""Learning curves and lines across parallel coordinates."""


def thin(items: Sequence[T], most: int) -> list[T]:
    """At most `most` items, evenly spread, the first and the last among them."""
    if len(items) <= most:
        return list(items)
    if most < 2:
        return list(items[:most])
    step = (len(items) - 1) / (most - 1)
    return [items[round(i * step)] for i in range(most)]


def left_out(total: int, drawn: int, what: str) -> str:
    """Return the sentence that says what was left out, or nothing."""
    return f"{drawn:,} of {total:,} {what} are drawn, evenly chosen." if drawn < total else ""
