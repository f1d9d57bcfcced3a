"""Activations with their derivatives written out; see `automl.training.direct`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

_aten: Any = torch.ops.aten


class Activation:
    """An activation whose derivative is a function of its output, or else of its input.

    It takes rows of any dimensions.
    """

    def __init__(self, layer: nn.Module) -> None:
        self._forward, self._backward, self._of_output = ACTIVATIONS[type(layer)]

    def forward(self, x: Tensor) -> Tensor:
        out = self._forward(x)
        self._kept = out if self._of_output else x
        return out

    def backward(self, grad: Tensor) -> Tensor:
        return self._backward(grad, self._kept)


_Kernel = Callable[..., Tensor]


def _relu_backward(grad: Tensor, out: Tensor) -> Tensor:
    """Change the gradient in place, as the way forward does: no other step keeps it."""
    return _aten.threshold_backward.grad_input(grad, out, 0, grad_input=grad)  # type: ignore[no-any-return]


_SLOPE = nn.LeakyReLU().negative_slope

ACTIVATIONS: dict[type, tuple[_Kernel, _Kernel, bool]] = {
    nn.ReLU: (torch.relu_, _relu_backward, True),
    nn.LeakyReLU: (
        lambda x: torch.nn.functional.leaky_relu(x, _SLOPE),
        lambda grad, x: _aten.leaky_relu_backward(grad, x, _SLOPE, False),
        False,
    ),
    nn.Tanh: (torch.tanh, _aten.tanh_backward, True),
    nn.Sigmoid: (torch.sigmoid, _aten.sigmoid_backward, True),
    nn.GELU: (torch.nn.functional.gelu, _aten.gelu_backward, False),
    nn.SiLU: (torch.nn.functional.silu, _aten.silu_backward, False),
}
