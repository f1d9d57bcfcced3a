"""Options that nobody gave, from the size of the data."""

from __future__ import annotations

import math

SMALL_ROWS = 5_000
"""Training rows up to which full batches are cheap, so that L-BFGS has its chance."""


def default_space(rows: int) -> str:
    """The name of the space for that many training rows."""
    return "mlp-small" if rows <= SMALL_ROWS else "mlp"


def default_max_epochs(rows: int) -> int:
    """The full budget of a trial: 12 epochs of MNIST's 50,000 rows, more on fewer rows.

    Small data needs more passes but not as many rows in all: the budget grows with the root of
    the shrinking, up to 120. Early stopping ends most trainings before.
    """
    return max(12, min(120, round(12 * math.sqrt(50_000 / rows))))


def default_patience(max_epochs: int) -> int:
    """Epochs without progress that a trial is allowed: an eighth of its budget, at least 4."""
    return max(4, max_epochs // 8)
