"""Several networks of one architecture as one: every product is a batch of products.

A step of a small network is mostly calls, and one call for all costs hardly more than one for each.
The layers are those of `automl.training.direct`, with a dimension of members before that of the
rows, and call kernels that give each member the numbers that it has alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from automl.models._dropout import Dropout
from automl.training.direct_activation import Activation
from automl.training.group_weights import GroupWeights

_aten: Any = torch.ops.aten


class Step(Protocol):
    """One layer of all members: keeps what its derivative needs between the two calls.

    Members are those of a part of the group that lie side by side.
    """

    def forward(self, x: Tensor, members: slice) -> Tensor:
        """Compute outputs ``(members, rows, width)`` in training."""
        ...

    def backward(self, grad: Tensor, members: slice) -> Tensor:
        """From the loss's gradient with respect to the output, to that of the input.

        The gradients of the layer's own weights are written where the optimizer reads them.
        """
        ...

    def evaluate(self, x: Tensor) -> Tensor:
        """Compute the outputs of all members in evaluation."""
        ...


class GroupChain:
    """Networks as a list of steps.

    Parameters
    ----------
    networks : sequence of torch.nn.Sequential
        `automl.training.direct.Chain.fits` each, and all have the same layers.
    weights : GroupWeights
        Weights of these networks.
    generators : sequence of torch.Generator
        What draws each member's dropout.
    """

    def __init__(
        self,
        networks: Sequence[nn.Sequential],
        weights: GroupWeights,
        generators: Sequence[torch.Generator],
    ) -> None:
        self._steps: list[Step] = []
        for layers in zip(*networks, strict=True):
            kind = type(layers[0])
            if kind is nn.Linear:
                self._steps.append(_Linear(layers[0], weights, is_first=not self._steps))
            elif kind is nn.BatchNorm1d:
                self._steps.append(_BatchNorm(layers, weights))
            elif kind is nn.LayerNorm:
                self._steps.append(_LayerNorm(layers[0], weights))
            elif kind is Dropout:
                self._steps.append(_Dropout(layers[0], generators))
            elif kind is not nn.Flatten:  # rows are flat already
                self._steps.append(_Activation(layers[0]))

    def forward(self, x: Tensor, members: slice) -> Tensor:
        """Compute outputs ``(members, rows, n_outputs)`` from ``(members, rows, features)``."""
        for step in self._steps:
            x = step.forward(x, members)
        return x

    def backward(self, grad: Tensor, members: slice) -> None:
        """Write the gradients of these members' weights, given that of the outputs."""
        for step in reversed(self._steps):
            grad = step.backward(grad, members)

    @torch.no_grad()
    def evaluate(self, x: Tensor) -> Tensor:
        """Compute the outputs of all members, in evaluation."""
        for step in self._steps:
            x = step.evaluate(x)
        return x


class _Linear:
    def __init__(self, layer: nn.Linear, weights: GroupWeights, *, is_first: bool) -> None:
        self._weight, self._weight_grad = weights.of(layer.weight)
        self._bias, self._bias_grad = (None, None) if layer.bias is None else weights.of(layer.bias)
        self._is_first = is_first

    def forward(self, x: Tensor, members: slice) -> Tensor:
        self._x = x
        return self._product(x, members)

    def _product(self, x: Tensor, members: slice) -> Tensor:
        weight = self._weight[members].transpose(1, 2)
        if self._bias is None:
            return torch.bmm(x, weight)
        return torch.baddbmm(self._bias[members].unsqueeze(1), x, weight)

    def backward(self, grad: Tensor, members: slice) -> Tensor:
        torch.bmm(grad.transpose(1, 2), self._x, out=self._weight_grad[members])
        if self._bias_grad is not None:
            torch.sum(grad, 1, out=self._bias_grad[members])
        return grad if self._is_first else torch.bmm(grad, self._weight[members])

    def evaluate(self, x: Tensor) -> Tensor:
        return self._product(x, slice(None))


class _BatchNorm:
    """Every unit of every member is a channel of one normalisation."""

    def __init__(self, layers: Sequence[nn.BatchNorm1d], weights: GroupWeights) -> None:
        self._layer = layers[0]
        self._gain, self._gain_grad = weights.of(layers[0].weight)
        self._bias, self._bias_grad = weights.of(layers[0].bias)
        self._mean, self._var = (_stack_buffer(layers, n) for n in ("running_mean", "running_var"))
        self._counts = _stack_buffer(layers, "num_batches_tracked")

    def forward(self, x: Tensor, members: slice) -> Tensor:
        self._x = _side_by_side(x)
        self._counts[members].add_(1)
        out, self._batch_mean, self._batch_scale = self._normalise(self._x, members, training=True)
        return _apart(out, x)

    def _normalise(
        self, x: Tensor, members: slice, *, training: bool
    ) -> tuple[Tensor, Tensor, Tensor]:
        return torch.native_batch_norm(
            x,
            self._gain[members].view(-1),
            self._bias[members].view(-1),
            self._mean[members].view(-1),
            self._var[members].view(-1),
            training,
            self._layer.momentum,  # type: ignore[arg-type]
            self._layer.eps,
        )

    def backward(self, grad: Tensor, members: slice) -> Tensor:
        found, gain, bias = _aten.native_batch_norm_backward(
            _side_by_side(grad),
            self._x,
            self._gain[members].view(-1),
            self._mean[members].view(-1),
            self._var[members].view(-1),
            self._batch_mean,
            self._batch_scale,
            True,
            self._layer.eps,
            [True, True, True],
        )
        self._gain_grad[members].view(-1).copy_(gain)
        self._bias_grad[members].view(-1).copy_(bias)
        return _apart(found, grad)

    def evaluate(self, x: Tensor) -> Tensor:
        return _apart(self._normalise(_side_by_side(x), slice(None), training=False)[0], x)


def _stack_buffer(layers: Sequence[nn.BatchNorm1d], name: str) -> Tensor:
    """Let the members' statistics be views of one tensor, ``(members, ...)``."""
    stacked = torch.stack([getattr(layer, name) for layer in layers])
    for layer, own in zip(layers, stacked, strict=True):
        setattr(layer, name, own)
    return stacked


def _side_by_side(x: Tensor) -> Tensor:
    """From ``(members, rows, width)`` to ``(rows, members * width)``."""
    return x.transpose(0, 1).reshape(x.shape[1], -1)


def _apart(x: Tensor, like: Tensor) -> Tensor:
    """Undo `_side_by_side`, as a view."""
    members, rows, width = like.shape
    return x.view(rows, members, width).transpose(0, 1)


class _LayerNorm:
    def __init__(self, layer: nn.LayerNorm, weights: GroupWeights) -> None:
        self._shape, self._eps = layer.normalized_shape, layer.eps
        self._gain, self._gain_grad = weights.of(layer.weight)
        self._bias, self._bias_grad = weights.of(layer.bias)

    def forward(self, x: Tensor, members: slice) -> Tensor:
        self._x = x
        self._normal, self._mean, self._scale = torch.native_layer_norm(
            x, self._shape, None, None, self._eps
        )
        return self._affine(self._normal, members)

    def _affine(self, normal: Tensor, members: slice) -> Tensor:
        bias, gain = (own[members].unsqueeze(1) for own in (self._bias, self._gain))
        return torch.addcmul(bias, normal, gain)

    def backward(self, grad: Tensor, members: slice) -> Tensor:
        torch.sum(grad * self._normal, 1, out=self._gain_grad[members])
        torch.sum(grad, 1, out=self._bias_grad[members])
        return _aten.native_layer_norm_backward(  # type: ignore[no-any-return]
            grad * self._gain[members].unsqueeze(1),
            self._x,
            self._shape,
            self._mean,
            self._scale,
            None,
            None,
            [True, False, False],
        )[0]

    def evaluate(self, x: Tensor) -> Tensor:
        normal = torch.native_layer_norm(x, self._shape, None, None, self._eps)[0]
        return self._affine(normal, slice(None))


class _Dropout:
    def __init__(self, layer: Dropout, generators: Sequence[torch.Generator]) -> None:
        self._layer, self._generators = layer, generators

    def forward(self, x: Tensor, members: slice) -> Tensor:
        self._mask = self._layer.masks(x, self._generators[members])
        return x * self._mask

    def backward(self, grad: Tensor, members: slice) -> Tensor:
        return grad * self._mask

    def evaluate(self, x: Tensor) -> Tensor:
        return x


class _Activation:
    def __init__(self, layer: nn.Module) -> None:
        self._activation = Activation(layer)

    def forward(self, x: Tensor, members: slice) -> Tensor:
        return self._activation.forward(x)

    def backward(self, grad: Tensor, members: slice) -> Tensor:
        return self._activation.backward(grad)

    def evaluate(self, x: Tensor) -> Tensor:
        return self._activation.forward(x)
