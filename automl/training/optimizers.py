"""Optimizers: a table from name to a class of `torch.optim` and its arguments.

Called by the worker. torch is imported when one is made, so that the table can be read without.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from automl.settings import option
from automl.training.schedules import SCHEDULES

if TYPE_CHECKING:
    import torch
    from torch import nn

OPTIMIZERS: dict[str, tuple[str, Callable[[OptimizerSettings], dict[str, Any]]]] = {
    "sgd": ("SGD", lambda s: {"momentum": s.momentum, "nesterov": s.momentum > 0, "fused": True}),
    # RMSprop has no fused kernel on the CPU.
    "rmsprop": ("RMSprop", lambda s: {"foreach": True}),
    "adam": ("Adam", lambda s: {"fused": True}),
    "adamw": ("AdamW", lambda s: {"fused": True}),
    # A line search that satisfies the strong Wolfe conditions makes full steps safe
    # (Nocedal and Wright 2006, section 7.2).
    "lbfgs": ("LBFGS", lambda s: {"max_iter": 10, "line_search_fn": "strong_wolfe"}),
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


def make_optimizer(
    network: nn.Module, settings: OptimizerSettings, weight_decay: float
) -> torch.optim.Optimizer:
    """The optimizer for a network.

    Weight decay applies to matrices only: decaying biases and normalisation gains helps nothing
    (Goyal et al. 2017, section 5.1). It is L2 regularisation for every optimizer but ``adamw``,
    which decays the weights apart from the gradient (Loshchilov and Hutter 2019). ``lbfgs`` has
    no such argument; its closure adds the penalty.
    """
    import torch

    class_name, arguments = OPTIMIZERS[settings.name]
    make = getattr(torch.optim, class_name)
    if settings.name == "lbfgs":
        return make(network.parameters(), lr=settings.learning_rate, **arguments(settings))  # type: ignore[no-any-return]
    matrices = [p for p in network.parameters() if p.ndim > 1]
    others = [p for p in network.parameters() if p.ndim <= 1]
    groups = [
        {"params": matrices, "weight_decay": weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    return make(groups, lr=settings.learning_rate, **arguments(settings))  # type: ignore[no-any-return]
