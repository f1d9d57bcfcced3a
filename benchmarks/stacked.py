"""Sketches of several networks as one on a GPU, for `gpu.py`: no augmentation, no search, no end.

They say what a device gives, so that what a trial takes can be told from what it could.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from itertools import pairwise

import torch
from torch import Tensor
from torch.nn import functional

WARM = 3
"""Steps before a graph is captured: libraries choose their kernels in them."""


class Stacked:
    """Perceptrons with stacked weights, and Adam.

    Parameters
    ----------
    members : int
    sizes : tuple of int
        Inputs, hidden units and outputs.
    batch : int
    device : str
    """

    def __init__(self, members: int, sizes: tuple[int, ...], batch: int, device: str) -> None:
        self._weights = [
            (torch.randn(members, a, b, device=device) / a**0.5).requires_grad_()
            for a, b in pairwise(sizes)
        ]
        self._biases = [
            torch.zeros(members, 1, b, device=device, requires_grad=True) for b in sizes[1:]
        ]
        self._X = torch.randn(batch, sizes[0], device=device)
        self._y = torch.randint(sizes[-1], (batch,), device=device).repeat(members)
        on_gpu = device != "cpu"
        self._optimizer = torch.optim.Adam(
            [*self._weights, *self._biases], foreach=True, capturable=on_gpu
        )

    def step(self) -> None:
        """Make a step of all members on one batch."""
        self._optimizer.zero_grad(set_to_none=False)
        x = self._X.expand(len(self._weights[0]), *self._X.shape)
        for i, (weight, bias) in enumerate(zip(self._weights, self._biases, strict=True)):
            x = torch.baddbmm(bias, x, weight)
            if i < len(self._weights) - 1:
                x = x.relu()
        # The sum over the members: none changes another's gradient.
        loss = functional.cross_entropy(x.flatten(0, 1), self._y, reduction="sum") / len(self._X)
        loss.backward()  # type: ignore[no-untyped-call]
        self._optimizer.step()


def seconds_a_step(step: Callable[[], None], device: str, steps: int) -> float:
    """Seconds of a step: on a GPU of the graph that it is captured in."""
    if device == "cpu":
        started = time.perf_counter()
        for _ in range(steps):
            step()
        return (time.perf_counter() - started) / steps
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(WARM):
            step()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    graph.replay()
    torch.cuda.synchronize()
    started = time.perf_counter()
    for _ in range(steps):
        graph.replay()
    torch.cuda.synchronize()
    return (time.perf_counter() - started) / steps


def conv_forms(
    members: int, channels: tuple[int, ...], batch: int, device: str
) -> dict[str, Callable[[], None]]:
    """Steps forward and backward of 3 x 3 convolutions of several networks, by their form."""
    X = torch.randn(batch, channels[0], 28, 28, device=device)
    shapes = [(members, b, a, 3, 3) for a, b in pairwise(channels)]
    weights = [torch.randn(shape, device=device).div_(9).requires_grad_() for shape in shapes]
    forms = {"one by one": _branches, "grouped": _grouped, "im2col": _im2col}
    return {name: partial(_step, form, X, weights) for name, form in forms.items()}


def _step(form: Callable[[Tensor, list[Tensor]], Tensor], X: Tensor, weights: list[Tensor]) -> None:
    for weight in weights:
        weight.grad = None
    form(X, weights).square().mean().backward()  # type: ignore[no-untyped-call]


def _branches(X: Tensor, weights: list[Tensor]) -> Tensor:
    outs = []
    for own in zip(*weights, strict=True):
        x = X
        for weight in own:
            x = functional.conv2d(x, weight, padding=1).relu()
        outs.append(x)
    return torch.cat(outs, 1)


def _grouped(X: Tensor, weights: list[Tensor]) -> Tensor:
    x, members = X.repeat(1, len(weights[0]), 1, 1), len(weights[0])
    for weight in weights:
        x = functional.conv2d(x, weight.flatten(0, 1), padding=1, groups=members).relu()
    return x


def _im2col(X: Tensor, weights: list[Tensor]) -> Tensor:
    members, batch = len(weights[0]), len(X)
    x = X.expand(members, *X.shape)
    for weight in weights:
        columns = functional.unfold(x.flatten(0, 1), 3, padding=1)  # (members * batch, in * 9, 784)
        columns = columns.view(members, batch, -1, 28 * 28).transpose(1, 2).flatten(2)
        out = torch.bmm(weight.flatten(2), columns).relu()
        x = out.view(members, -1, batch, 28, 28).transpose(1, 2)
    return x.transpose(0, 1).flatten(1, 2)


def forms_agree() -> bool:
    """Return whether the three forms compute the same."""
    X = torch.randn(2, 1, 28, 28)
    weights = [torch.randn(3, 4, 1, 3, 3), torch.randn(3, 5, 4, 3, 3)]
    first, *others = (form(X, weights) for form in (_branches, _grouped, _im2col))
    return all(torch.allclose(first, other, rtol=1e-4, atol=1e-4) for other in others)
