"""Pruners by name."""

from __future__ import annotations

import math
from collections.abc import Callable

from optuna.pruners import BasePruner, HyperbandPruner, MedianPruner, NopPruner

from automl.sampling.quota_halving import QuotaHalvingPruner

REDUCTION = 3
"""Of the trials that reach a rung, the best third go on: Li et al. 2018 (Hyperband), section 2.6,
recommend 3 or 4."""

RUNGS = 4
"""Rungs below the full budget, as far as it has room: with 12 epochs they lie at 1 and 3, with 20
at 1, 3 and 9, with 80 at 1, 3, 9 and 27."""

PRUNERS: dict[str, Callable[[int], BasePruner]] = {
    "halving": lambda epochs: QuotaHalvingPruner(first_rung(epochs), REDUCTION, epochs),
    "hyperband": lambda epochs: HyperbandPruner(
        min_resource=first_rung(epochs), max_resource=epochs, reduction_factor=REDUCTION
    ),
    "median": lambda epochs: MedianPruner(
        n_startup_trials=5, n_warmup_steps=first_rung(epochs) - 1
    ),
    "none": lambda epochs: NopPruner(),
}


def first_rung(max_epochs: int) -> int:
    """Return the epochs after which a candidate is judged for the first time."""
    return max(1, round(max_epochs / math.pow(REDUCTION, RUNGS)))
