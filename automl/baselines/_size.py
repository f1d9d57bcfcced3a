"""How large a fitted estimator is."""

from __future__ import annotations

from typing import Any

import numpy as np

_NOT_THE_MODEL = {"_optimizer", "_best_coefs", "_best_intercepts"}
"""scikit-learn's MLP keeps its optimizer's moments and a second copy of its weights; no
prediction needs them."""


def nbytes(fitted: Any) -> int:
    """Bytes of all arrays that a fitted estimator holds, each counted once.

    What a compact file would take. Single numbers beside the arrays are left out, so a dummy is
    reported with the few bytes of its classes.
    """
    found: dict[tuple[int, int], int] = {}
    _collect(fitted, found, set())
    return sum(found.values())


def _collect(value: Any, found: dict[tuple[int, int], int], seen: set[int]) -> None:
    """Note the size of every array by the place where its numbers lie.

    A view counts with what it shows: the array behind it is not needed to rebuild the model.
    """
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, np.ndarray):
        found[value.__array_interface__["data"][0], value.nbytes] = value.nbytes
        if value.dtype == object:
            for item in value.flat:
                _collect(item, found, seen)
    elif isinstance(value, dict):
        for item in value.values():
            _collect(item, found, seen)
    elif isinstance(value, (list, tuple, set)):
        for item in value:
            _collect(item, found, seen)
    elif hasattr(value, "__dict__") and not isinstance(value, type):
        for name, item in vars(value).items():
            if name not in _NOT_THE_MODEL:
                _collect(item, found, seen)
