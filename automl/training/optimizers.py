"""Optimizers: a table from name to torch's fused kernel and its arguments.

Called by the worker, which makes one with `automl.training.stepping`. The table itself does
without torch, so that a space can be checked before torch is loaded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from automl.settings import option
from automl.training.schedules import SCHEDULES


@dataclass(frozen=True, slots=True)
class Rule:
    """One optimizer.

    Attributes
    ----------
    kernel : str
        The function of `torch` that updates all weights at once.
    arguments : callable
        Function from `OptimizerSettings` to the kernel's arguments.
    moments : int
        Tensors of the weights' shape that the kernel keeps: 1 for a momentum, 2 for Adam's.
    first_step : float
        Where the count of steps begins that Adam's bias correction reads.
    """

    kernel: str
    arguments: Callable[[OptimizerSettings], dict[str, Any]]
    moments: int
    first_step: float = 0.0


def _adam(beta1: float, beta2: float) -> Callable[[OptimizerSettings], dict[str, Any]]:
    return lambda s: {"beta1": beta1, "beta2": beta2, "eps": 1e-8, "amsgrad": False}


LBFGS = "lbfgs"
"""The one optimizer that is not a rule for a step: it asks for the loss as often as it likes."""

OPTIMIZERS: dict[str, Rule | None] = {
    # Sutskever et al. 2013, in torch's form: the momentum buffer is not scaled by the rate.
    "sgd": Rule(
        "_fused_sgd_",
        lambda s: {"momentum": s.momentum, "dampening": 0.0, "nesterov": s.momentum > 0},
        moments=1,
    ),
    # Adam's update (Kingma and Ba 2015, algorithm 1) without a first moment and without bias
    # correction is RMSprop's with alpha = beta2. The correction fades with the number of steps,
    # so a count that starts far along has none. torch has no fused kernel for RMSprop.
    "rmsprop": Rule("_fused_adam_", _adam(0.0, 0.99), moments=2, first_step=1e6),
    "adam": Rule("_fused_adam_", _adam(0.9, 0.999), moments=2),
    "adamw": Rule("_fused_adamw_", _adam(0.9, 0.999), moments=2),
    LBFGS: None,
}


@dataclass(frozen=True, slots=True)
class OptimizerSettings:
    """What the ``optimizer`` section of a space may name.

    Attributes
    ----------
    name : str
    learning_rate : float
        The peak, where the schedule has one.
    momentum : float
        Nesterov's, for ``sgd`` only.
    schedule : str
        Ignored by ``lbfgs``, whose line search finds its own steps.
    """

    name: str = option("adam", choices=tuple(OPTIMIZERS))
    learning_rate: float = option(0.001, low=1e-12, high=1e3)
    momentum: float = option(0.9, low=0.0, below=1.0)
    schedule: str = option("constant", choices=tuple(SCHEDULES))
