"""TPE's slowest function, taken from scipy.

Nearly all of an ask goes into the logarithm of the normal distribution function, which Optuna
computes in pure Python, a number at a time. `scipy.special.log_ndtr` is the same function,
vectorised. A test holds the two together; where Optuna has moved the name, nothing is replaced.
"""

from __future__ import annotations

import importlib

NAME = "_log_ndtr"


def speed_up() -> bool:
    """Replace the function; false when Optuna has no such name any more."""
    try:
        module = importlib.import_module("optuna.samplers._tpe._truncnorm")
    except ImportError:
        return False
    if not hasattr(module, NAME):
        return False
    from scipy.special import log_ndtr

    setattr(module, NAME, log_ndtr)
    return True
