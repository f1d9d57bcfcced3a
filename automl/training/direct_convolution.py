"""Layers of images with their derivatives written out; see `automl.training.direct`.

They call the kernels that autograd would call. Maps keep the channels of a pixel together, and so
do their gradients.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

_aten: Any = torch.ops.aten


class Convolution:
    """A convolution in two dimensions.

    Attributes
    ----------
    is_first : bool
        Whether nobody needs the gradient of its input.
    """

    def __init__(self, layer: nn.Conv2d) -> None:
        self._layer = layer
        self._stride, self._padding = layer.stride, layer.padding
        self._biases = None if layer.bias is None else [len(layer.bias)]
        self.is_first = False

    def forward(self, x: Tensor) -> Tensor:
        """Keep the input."""
        self._x = x
        layer = self._layer
        return torch.conv2d(
            x, layer.weight, layer.bias, self._stride, self._padding, layer.dilation, layer.groups
        )

    def backward(self, grad: Tensor) -> Tensor:
        """Return the gradient of the input, or that of the output where it is the first."""
        layer = self._layer
        wanted = [not self.is_first, True, self._biases is not None]
        before, weight, bias = _aten.convolution_backward.default(
            grad,
            self._x,
            layer.weight,
            self._biases,
            self._stride,
            self._padding,
            layer.dilation,
            False,  # not transposed
            [0, 0],
            layer.groups,
            wanted,
        )
        assert layer.weight.grad is not None
        layer.weight.grad.copy_(weight)
        if layer.bias is not None:
            assert layer.bias.grad is not None
            layer.bias.grad.copy_(bias)
        return grad if self.is_first else before


class Pointwise(Convolution):
    """A convolution of single positions that steps: `automl.models._convolution.Pointwise2d`."""

    def __init__(self, layer: nn.Conv2d) -> None:
        super().__init__(layer)
        self._steps = layer.stride
        self._stride, self._padding = (1, 1), (0, 0)

    def forward(self, x: Tensor) -> Tensor:
        """Take the positions first."""
        self._whole = x
        down, across = self._steps
        return super().forward(x[:, :, ::down, ::across])

    def backward(self, grad: Tensor) -> Tensor:
        """Put the gradients where the positions were taken from, among zeros."""
        taken = super().backward(grad)
        if self.is_first:
            return taken
        down, across = self._steps
        before = torch.zeros_like(self._whole)
        before[:, :, ::down, ::across] = taken
        return before


class Mean:
    """The mean of each channel: ``nn.AdaptiveAvgPool2d(1)``."""

    def __init__(self, layer: nn.AdaptiveAvgPool2d) -> None:
        pass

    @staticmethod
    def fits(layer: nn.AdaptiveAvgPool2d) -> bool:
        """Return whether it is over all positions."""
        return layer.output_size in (1, (1, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Return maps of one position."""
        self._shape = x.shape
        return x.mean((2, 3), keepdim=True)

    def backward(self, grad: Tensor) -> Tensor:
        """Give each position its share."""
        each = grad / (self._shape[2] * self._shape[3])
        return each.expand(self._shape).contiguous(memory_format=torch.channels_last)


class Flatten:
    """Rows of numbers from rows of any shape."""

    def __init__(self, layer: nn.Flatten) -> None:
        pass

    def forward(self, x: Tensor) -> Tensor:
        """Keep the shape."""
        self._shape = x.shape
        return x.flatten(1)

    def backward(self, grad: Tensor) -> Tensor:
        """Give the gradient that shape again."""
        grad = grad.view(self._shape)
        return grad.contiguous(memory_format=torch.channels_last) if grad.ndim == 4 else grad
