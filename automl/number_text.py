"""Numbers as text, with enough digits to be told apart."""

from __future__ import annotations

import math
from collections.abc import Iterable

MOST_DIGITS = 17
"""Significant digits that give every float64 back."""


def format_apart(values: Iterable[float], digits: int) -> list[str]:
    """Format numbers of one scale.

    Parameters
    ----------
    values : iterable of float
    digits : int
        Significant digits of each; or of how they differ, where they are large beside that, as
        times in seconds since 1970 are.
    """
    numbers = list(map(float, values))
    finite = [number for number in numbers if math.isfinite(number)]
    largest = max(map(abs, finite), default=0.0)
    spread = max(finite, default=0.0) - min(finite, default=0.0)
    more = math.floor(math.log10(largest / spread)) if 0 < spread < largest else 0
    return [f"{number:.{min(digits + more, MOST_DIGITS)}g}" for number in numbers]
