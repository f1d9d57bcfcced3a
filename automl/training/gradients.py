"""A batch's loss and gradients: by autograd, or by `Chain` where the network is one."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor, nn

from automl.task import Task
from automl.training.direct import Chain
from automl.training.losses import (
    PLAIN,
    Loss,
    LossOptions,
    OutputGradient,
    make_loss,
    output_gradient,
)


class Gradients(Protocol):
    """Called by the loop, once a step, and by L-BFGS as often as its line search likes."""

    def __call__(self, X: Tensor, y: Tensor) -> Tensor:
        """Compute the mean loss, and leave every weight's gradient in its ``grad``."""
        ...


class Autograd:
    """For any network."""

    def __init__(self, network: nn.Module, loss: Loss, *, bfloat16: bool) -> None:
        self._network = network
        self._loss = loss
        self._bfloat16 = bfloat16

    def __call__(self, X: Tensor, y: Tensor) -> Tensor:
        self._network.zero_grad(set_to_none=False)
        with torch.enable_grad():
            if self._bfloat16:
                with torch.autocast(X.device.type, torch.bfloat16):
                    out = self._network(X)
                loss = self._loss(out.float(), y)
            else:
                loss = self._loss(self._network(X), y)
            loss.backward()  # type: ignore[no-untyped-call]
        return loss.detach()


class Direct:
    """For a network that is a chain of known layers."""

    def __init__(self, chain: Chain, gradient: OutputGradient) -> None:
        self.bfloat16, self.convolves = chain.bfloat16, chain.convolves
        self._chain = chain
        self._gradient = gradient

    @torch.no_grad()
    def __call__(self, X: Tensor, y: Tensor) -> Tensor:
        loss, gradient = self._gradient(self._chain.forward(X), y)
        self._chain.backward(gradient)
        return loss


def make_gradients(
    network: nn.Module,
    task: Task,
    label_smoothing: float,
    *,
    bfloat16: bool,
    options: LossOptions = PLAIN,
) -> Gradients:
    """Make what computes the gradients of this network.

    Written out, they cost a third of autograd's on a network of two small layers. On a GPU
    autograd stays: there the operations of a step are queued, and its cost hides behind them.
    """
    on_cpu = all(p.device.type == "cpu" for p in network.parameters())
    if on_cpu and isinstance(network, nn.Sequential) and Chain.fits(network, bfloat16=bfloat16):
        chain = Chain(network, bfloat16=bfloat16)
        return Direct(chain, output_gradient(task, label_smoothing, **options))
    return Autograd(network, make_loss(task, label_smoothing, **options), bfloat16=bfloat16)
