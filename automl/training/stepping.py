"""Optimizer steps: torch's fused kernels, called without `torch.optim`.

`torch.optim` imports torch's compiler at its first step, 1.1 s and 100 MB in every worker, and
takes longer to prepare a step of a small network than the kernel takes to do it. A test holds
these steps to those of `torch.optim`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from automl.training.optimizers import LBFGS, OPTIMIZERS, OptimizerSettings

ALIGNMENT = 64
"""Bytes, a cache line. cuDNN refuses gains and biases of a normalisation that do not begin at a
multiple of 16 bytes ("misaligned address"), and its vectorised kernels like more."""


@dataclass(slots=True)
class _Group:
    """Weights that share a weight decay, in one tensor, with what the kernel keeps."""

    weights: Tensor
    weight_decay: float
    moments: list[list[Tensor]]
    steps: Tensor


class FusedStepper:
    """An optimizer of the table, but for L-BFGS.

    Parameters
    ----------
    network : torch.nn.Module
    settings : OptimizerSettings
    weight_decay : float
        Factor of the penalty on matrices, and on nothing else: decaying biases and normalisation
        gains helps nothing (Goyal et al. 2017, section 5.1). It is an L2 penalty for every
        optimizer but ``adamw``, which decays the weights apart from the gradient (Loshchilov and
        Hutter 2019).
    """

    def __init__(
        self, network: nn.Module, settings: OptimizerSettings, weight_decay: float
    ) -> None:
        rule = OPTIMIZERS[settings.name]
        assert rule is not None
        # As `torch.optim` calls it: through `torch.ops.aten` a call takes 5 microseconds, not 2.
        self._kernel: Any = getattr(torch, rule.kernel)
        self._arguments = rule.arguments(settings)
        self._has_steps = rule.moments > 1
        self._first = True
        # Without momentum the kernel insists on having no buffers for it.
        keeps = self._arguments.get("momentum") != 0.0
        matrices = [p for p in network.parameters() if p.ndim > 1]
        others = [p for p in network.parameters() if p.ndim <= 1]
        self._groups = [
            _Group(
                flat,
                decay,
                [[torch.zeros_like(flat)] if keeps else [] for _ in range(rule.moments)],
                torch.tensor(rule.first_step, device=flat.device),
            )
            for weights, decay in ((matrices, weight_decay), (others, 0.0))
            for flat in [flatten(weights)]
            if weights
        ]

    @property
    def weights(self) -> list[Tensor]:
        """All that a step changes."""
        return [group.weights for group in self._groups]

    @torch.no_grad()
    def step(self, learning_rate: float) -> None:
        """Update every weight from its gradient."""
        for group in self._groups:
            if self._has_steps:
                group.steps += 1.0
                state = [*group.moments, [], [group.steps]]
                extra = {}
            else:
                state = group.moments
                extra = {"is_first_step": self._first}
            self._kernel(
                [group.weights],
                [group.weights.grad],
                *state,
                lr=learning_rate,
                weight_decay=group.weight_decay,
                maximize=False,
                **self._arguments,
                **extra,
            )
        self._first = False


def flatten(weights: list[nn.Parameter]) -> Tensor:
    """Move weights and their gradients into one tensor each, one after the other.

    A kernel is then called once and not once a weight. The weights become views of the tensor,
    and so do their gradients of its ``grad``, in the memory format that they had. Each begins at a
    multiple of `ALIGNMENT` bytes; the gaps are zeros with a gradient of zero, and every optimizer
    of the table leaves those as they are.
    """
    if not weights:
        return torch.empty(0)
    step = ALIGNMENT // weights[0].element_size()
    starts = [0]
    for p in weights:
        starts.append(starts[-1] + math.ceil(p.numel() / step) * step)
    flat = weights[0].new_zeros(starts.pop(), requires_grad=False)
    flat.grad = torch.zeros_like(flat)
    for p, start in zip(weights, starts, strict=True):
        strides = p.stride()
        flat[start : start + p.numel()] = p.detach().as_strided((p.numel(),), (1,))
        p.data = flat.as_strided(p.shape, strides, start)
        p.grad = flat.grad.as_strided(p.shape, strides, start)
    return flat


LBFGS_ITERATIONS = 5
LBFGS_HISTORY = 20
"""Iterations a step, and curvature pairs that are kept; Nocedal and Wright recommend 3 to 20 of
those. An iteration looks at all rows twice or so, and each epoch of L-BFGS took as long as ten to
twenty of Adam's. With 10 and torch's 100, twelve networks on each of four small data sets took 1.3
to 1.9 times as long as with these, and the best of them was no better; with 3 and 20, many came to
nothing in their epochs. ``benchmarks/lbfgs.py`` has more."""


class _Lbfgs(torch.optim.LBFGS):
    """torch's, without the decorator that imports torch's compiler when one is made: 1.1 s."""

    add_param_group = torch.optim.Optimizer.add_param_group.__wrapped__  # type: ignore[attr-defined]


class LbfgsStepper:
    """Nocedal and Wright 2006, algorithm 7.5, with torch's line search.

    A line search that satisfies the strong Wolfe conditions makes full steps safe (section 7.2).
    """

    def __init__(self, network: nn.Module, settings: OptimizerSettings) -> None:
        weights = list(network.parameters())
        for p in weights:
            p.data = p.data.contiguous()  # torch's L-BFGS takes no other memory format
        flatten(weights)
        self.optimizer = _Lbfgs(
            weights,
            lr=settings.learning_rate,
            max_iter=LBFGS_ITERATIONS,
            history_size=LBFGS_HISTORY,
            line_search_fn="strong_wolfe",
        )


def make_stepper(
    network: nn.Module, settings: OptimizerSettings, weight_decay: float
) -> FusedStepper | LbfgsStepper:
    """Make the optimizer of a network; for L-BFGS the closure adds the weight decay."""
    if settings.name == LBFGS:
        return LbfgsStepper(network, settings)
    return FusedStepper(network, settings, weight_decay)
