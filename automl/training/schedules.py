"""Learning rate schedules: a table from name to the factor on the learning rate.

Called by the loop before every step with the share of the planned steps that are done.
"""

from __future__ import annotations

import math
from collections.abc import Callable


def _constant(progress: float) -> float:
    return 1.0


def _cosine(progress: float) -> float:
    """Loshchilov and Hutter 2017 (SGDR), eq. 5, one cycle down to 0."""
    return 0.5 * (1.0 + math.cos(math.pi * progress))


def _one_cycle(progress: float) -> float:
    """Smith and Topin 2019, with cosine ramps as in fast.ai: up for 30 %, then down to 0.

    The start at 1/25 of the peak is theirs as well.
    """
    start, up = 1 / 25, 0.3
    if progress < up:
        return start + (1.0 - start) * 0.5 * (1.0 - math.cos(math.pi * progress / up))
    return 0.5 * (1.0 + math.cos(math.pi * (progress - up) / (1.0 - up)))


SCHEDULES: dict[str, Callable[[float], float]] = {
    "constant": _constant,
    "cosine": _cosine,
    "one_cycle": _one_cycle,
}
