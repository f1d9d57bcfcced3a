"""A chain of layers with its derivative written out, for networks that are one `nn.Sequential`.

Autograd records every operation, and walks the record back through its engine: on a network of
two small layers that is two thirds of a step. A chain needs no record. It calls the kernels that
autograd would call, and writes each gradient where the optimizer reads it. Tests hold it to
autograd, layer by layer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from automl.models._convolution import Pointwise2d, Residual
from automl.models._dropout import Dropout
from automl.training.direct_activation import ACTIVATIONS, Activation
from automl.training.direct_convolution import Convolution, Flatten, Mean, Pointwise
from automl.training.products import multiply

_aten: Any = torch.ops.aten


class Step(Protocol):
    """One layer: keeps what its derivative needs between the two calls."""

    def forward(self, x: Tensor) -> Tensor:
        """Compute the layer's output, in training mode."""
        ...

    def backward(self, grad: Tensor) -> Tensor:
        """From the loss's gradient with respect to the output, to that of the input.

        The gradients of the layer's own weights are written to their ``grad``.
        """
        ...


class Chain:
    """A network as a list of steps.

    Parameters
    ----------
    network : torch.nn.Sequential
        Every weight has a ``grad`` of its own shape already; backward overwrites it.
    bfloat16 : bool
        Whether products are computed in bfloat16, from float32 weights.

    Attributes
    ----------
    convolves : bool
        Whether there is more than layers of flat rows.
    """

    def __init__(self, network: nn.Sequential, *, bfloat16: bool) -> None:
        self._steps = _steps(network)
        self.bfloat16 = bfloat16
        self.convolves = _convolves(network)
        # The gradient stops at the first product: nobody needs that of the data.
        self._first = next(i for i, s in enumerate(self._steps) if isinstance(s, _PRODUCTS))
        _stop_at(self._steps[self._first])
        for step in self._steps:
            if isinstance(step, _Linear) and bfloat16:
                step.use_bfloat16()

    @staticmethod
    def fits(network: nn.Module, *, bfloat16: bool = False) -> bool:
        """Return whether every layer has a rule here, and none stands before the first product.

        In bfloat16 there are rules for layers of flat rows alone.
        """
        if not isinstance(network, nn.Sequential) or not _has_rules(network):
            return False
        first = next((layer for layer in network if type(layer) is not nn.Flatten), None)
        if not isinstance(first, nn.Linear | nn.Conv2d | Residual):
            return False
        return not (bfloat16 and _convolves(network))

    def forward(self, x: Tensor) -> Tensor:
        """Float32 outputs ``(rows, n_outputs)``."""
        if self.bfloat16:
            x = x.bfloat16()
        for step in self._steps:
            x = step.forward(x)
        return x.float()

    def backward(self, grad: Tensor) -> None:
        """Write every weight's gradient, given that of the outputs."""
        if self.bfloat16:
            grad = grad.bfloat16()
        for step in reversed(self._steps[self._first :]):
            grad = step.backward(grad)


def _steps(layers: nn.Sequential) -> list[Step]:
    return [_RULES[type(layer)](layer) for layer in layers]


def _has_rules(layers: nn.Sequential) -> bool:
    for layer in layers:
        if isinstance(layer, Residual):
            if not all(_is_way(part) for part in (layer.branch, layer.shortcut)):
                return False
        elif isinstance(layer, nn.AdaptiveAvgPool2d):
            if not Mean.fits(layer):
                return False
        elif type(layer) not in _RULES:
            return False
    return True


def _is_way(layers: nn.Sequential) -> bool:
    """Return whether layers may stand beside others in a block.

    An activation at an end would change in place what the other way reads.
    """
    if not len(layers):
        return True
    begins = isinstance(layers[0], nn.Linear | nn.Conv2d | Residual)
    return begins and type(layers[-1]) not in ACTIVATIONS and _has_rules(layers)


def _convolves(layers: nn.Sequential) -> bool:
    return any(isinstance(layer, nn.Conv2d | Residual) for layer in layers)


class _Linear:
    def __init__(self, layer: nn.Linear) -> None:
        self._weight, self._bias = layer.weight, layer.bias
        self._product: Tensor = layer.weight
        self._bfloat16 = False
        self.is_first = False

    def use_bfloat16(self) -> None:
        self._bfloat16 = True
        self._product = torch.empty_like(self._weight, dtype=torch.bfloat16)

    def forward(self, x: Tensor) -> Tensor:
        self._x = x
        if self._bfloat16:
            self._product.copy_(self._weight)
        bias = None if self._bias is None else self._bias.to(x.dtype)
        return multiply(x, self._product, bias)

    def backward(self, grad: Tensor) -> Tensor:
        assert self._weight.grad is not None
        if self._bfloat16:
            self._weight.grad.copy_(torch.mm(grad.t(), self._x))
        else:
            multiply(grad.t(), self._x.t(), out=self._weight.grad)
        if self._bias is not None:
            torch.sum(grad, 0, dtype=torch.float32, out=self._bias.grad)
        return grad if self.is_first else multiply(grad, self._product.t())


class _BatchNorm:
    def __init__(self, layer: nn.BatchNorm1d | nn.BatchNorm2d) -> None:
        self._layer = layer

    def forward(self, x: Tensor) -> Tensor:
        layer = self._layer
        self._x = x
        layer.num_batches_tracked.add_(1)  # type: ignore[union-attr]
        out, self._mean, self._scale = torch.native_batch_norm(
            x,
            layer.weight,
            layer.bias,
            layer.running_mean,
            layer.running_var,
            True,
            layer.momentum,  # type: ignore[arg-type]
            layer.eps,
        )
        return out

    def backward(self, grad: Tensor) -> Tensor:
        layer = self._layer
        grad, gain, bias = _aten.native_batch_norm_backward(
            grad,
            self._x,
            layer.weight,
            layer.running_mean,
            layer.running_var,
            self._mean,
            self._scale,
            True,
            layer.eps,
            [True, True, True],
        )
        _write(layer, gain, bias)
        return grad


class _LayerNorm:
    def __init__(self, layer: nn.LayerNorm) -> None:
        self._layer = layer

    def forward(self, x: Tensor) -> Tensor:
        layer = self._layer
        self._x = x
        out, self._mean, self._scale = torch.native_layer_norm(
            x, layer.normalized_shape, layer.weight, layer.bias, layer.eps
        )
        return out

    def backward(self, grad: Tensor) -> Tensor:
        layer = self._layer
        grad, gain, bias = _aten.native_layer_norm_backward(
            grad,
            self._x,
            layer.normalized_shape,
            self._mean,
            self._scale,
            layer.weight,
            layer.bias,
            [True, True, True],
        )
        _write(layer, gain, bias)
        return grad


def _write(
    layer: nn.BatchNorm1d | nn.BatchNorm2d | nn.LayerNorm, gain: Tensor, bias: Tensor
) -> None:
    assert layer.weight.grad is not None
    assert layer.bias.grad is not None
    layer.weight.grad.copy_(gain)
    layer.bias.grad.copy_(bias)


class _Dropout:
    def __init__(self, layer: Dropout) -> None:
        self._layer = layer

    def forward(self, x: Tensor) -> Tensor:
        self._mask = self._layer.mask(x)
        return x * self._mask

    def backward(self, grad: Tensor) -> Tensor:
        return grad * self._mask


class _Residual:
    def __init__(self, layer: Residual) -> None:
        self.branch, self.shortcut = _steps(layer.branch), _steps(layer.shortcut)
        self.is_first = False

    def forward(self, x: Tensor) -> Tensor:
        out = x
        for step in self.branch:
            out = step.forward(out)
        for step in self.shortcut:
            x = step.forward(x)
        return out + x

    def backward(self, grad: Tensor) -> Tensor:
        before = grad
        for step in reversed(self.branch):
            before = step.backward(before)
        for step in reversed(self.shortcut):
            grad = step.backward(grad)
        return grad if self.is_first else before + grad


_PRODUCTS = (_Linear, Convolution, _Residual)


def _stop_at(first: Step) -> None:
    """Let a product, or those of both ways of a block, know that it is the first."""
    assert isinstance(first, _PRODUCTS)
    first.is_first = True
    if isinstance(first, _Residual):
        for way in (first.branch, first.shortcut):
            if way:
                _stop_at(way[0])


_RULES: dict[type, Callable[[Any], Step]] = {
    nn.Flatten: Flatten,
    nn.Linear: _Linear,
    nn.Conv2d: Convolution,
    Pointwise2d: Pointwise,
    Residual: _Residual,
    nn.AdaptiveAvgPool2d: Mean,
    nn.BatchNorm1d: _BatchNorm,
    nn.BatchNorm2d: _BatchNorm,
    nn.LayerNorm: _LayerNorm,
    Dropout: _Dropout,
    **dict.fromkeys(ACTIVATIONS, Activation),
}
