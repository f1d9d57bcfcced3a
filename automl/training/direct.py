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

from automl.models._dropout import Dropout

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
    """

    def __init__(self, network: nn.Sequential, *, bfloat16: bool) -> None:
        self._steps: list[Step] = [_RULES[type(layer)](layer) for layer in network]
        self.bfloat16 = bfloat16
        products = [step for step in self._steps if isinstance(step, _Linear)]
        for product in products:
            product.use(bfloat16=bfloat16, is_first=product is products[0])

    @staticmethod
    def fits(network: nn.Module) -> bool:
        """Return whether every layer has a rule here, and none stands before the first product.

        The gradient stops at the first product: nobody needs that of the data.
        """
        if not isinstance(network, nn.Sequential):
            return False
        kinds = [type(layer) for layer in network if type(layer) is not nn.Flatten]
        return kinds[:1] == [nn.Linear] and all(kind in _RULES for kind in kinds)

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
        for step in reversed(self._steps):
            grad = step.backward(grad)


class _Linear:
    def __init__(self, layer: nn.Linear) -> None:
        self._weight, self._bias = layer.weight, layer.bias
        self._product: Tensor = layer.weight
        self._bfloat16 = self._is_first = False

    def use(self, *, bfloat16: bool, is_first: bool) -> None:
        self._bfloat16, self._is_first = bfloat16, is_first
        if bfloat16:
            self._product = torch.empty_like(self._weight, dtype=torch.bfloat16)

    def forward(self, x: Tensor) -> Tensor:
        self._x = x
        if self._bfloat16:
            self._product.copy_(self._weight)
        if self._bias is None:
            return torch.mm(x, self._product.t())
        return torch.addmm(self._bias.to(x.dtype), x, self._product.t())

    def backward(self, grad: Tensor) -> Tensor:
        assert self._weight.grad is not None
        if self._bfloat16:
            self._weight.grad.copy_(torch.mm(grad.t(), self._x))
        else:
            torch.mm(grad.t(), self._x, out=self._weight.grad)
        if self._bias is not None:
            torch.sum(grad, 0, dtype=torch.float32, out=self._bias.grad)
        return grad if self._is_first else torch.mm(grad, self._product)


class _BatchNorm:
    def __init__(self, layer: nn.BatchNorm1d) -> None:
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


def _write(layer: nn.BatchNorm1d | nn.LayerNorm, gain: Tensor, bias: Tensor) -> None:
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


class _Flatten:
    def __init__(self, layer: nn.Flatten) -> None:
        pass

    def forward(self, x: Tensor) -> Tensor:
        return x.flatten(1)

    def backward(self, grad: Tensor) -> Tensor:
        return grad


class Activation:
    """An activation whose derivative is a function of its output, or else of its input.

    It takes rows of any dimensions.
    """

    def __init__(self, layer: nn.Module) -> None:
        self._forward, self._backward, self._of_output = _ACTIVATIONS[type(layer)]

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

_ACTIVATIONS: dict[type, tuple[_Kernel, _Kernel, bool]] = {
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

_RULES: dict[type, Callable[[Any], Step]] = {
    nn.Flatten: _Flatten,
    nn.Linear: _Linear,
    nn.BatchNorm1d: _BatchNorm,
    nn.LayerNorm: _LayerNorm,
    Dropout: _Dropout,
    **dict.fromkeys(_ACTIVATIONS, Activation),
}
