"""Parts of an inception network, which read each row to its own end.

Steps run along the last of four dimensions, ``(rows, channels, 1, steps)``, with the channels of a
step side by side in memory: a convolution of 39 steps, 16 to 16 channels, on 16 rows of 251 steps
took 1.5 ms so, forward and backward, and 10.4 ms as one of a single dimension.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from automl.models._layers import activation as make_activation
from automl.models._layers import initialise
from automl.models._steps import StepLayer


class Normalisation(nn.BatchNorm2d):
    """Batch normalisation (Ioffe and Szegedy 2015) over the steps that are there."""

    def forward(self, x: Tensor, present: Tensor | None = None) -> Tensor:
        """Normalise each channel of ``(rows, channels, 1, steps)``; behind an end stands 0."""
        if present is None:
            out: Tensor = super().forward(x)
            return out
        if not self.training:
            return super().forward(x).masked_fill(~present, 0.0)
        place = present[:, 0, 0]
        steps = x[:, :, 0].transpose(1, 2)
        found = steps[place][:, :, None, None]  # as rows of one step
        out = torch.zeros_like(steps)
        out[place] = super().forward(found)[:, :, 0, 0].to(out.dtype)
        return out.transpose(1, 2)[:, :, None]


class Module(nn.Module):
    """One module: convolutions of several lengths beside a maximum over three steps.

    Parameters
    ----------
    size : int
        Channels that come in.
    filters : int
        Channels of each branch, and of the bottleneck before the convolutions.
    lengths : sequence of int
        Steps of each convolution, odd.
    activation : str
        Activation of the output, of ``filters * (len(lengths) + 1)`` channels.
    """

    def __init__(self, size: int, filters: int, lengths: Sequence[int], activation: str) -> None:
        super().__init__()
        inner = filters if size > filters else size
        self.bottleneck = _convolution(size, filters, 1) if size > filters else nn.Identity()
        self.convolutions = nn.ModuleList(_convolution(inner, filters, k) for k in lengths)
        self.pooled = _convolution(size, filters, 1)
        self.normalisation = Normalisation(filters * (len(lengths) + 1))
        self.activation = make_activation(activation)

    def forward(self, x: Tensor, present: Tensor | None) -> Tensor:
        """From ``(rows, size, 1, steps)``, of 0 behind an end, to as many steps."""
        narrow = self.bottleneck(x)
        branches = [convolution(narrow) for convolution in self.convolutions]
        branches.append(self.pooled(_maximum(x, present, 3, stride=1)))
        out: Tensor = self.activation(self.normalisation(torch.cat(branches, dim=1), present))
        return out if present is None else out.masked_fill(~present, 0.0)


class Group(nn.Module):
    """Modules in a row, beside a shortcut (He et al. 2016).

    Parameters
    ----------
    modules : sequence of Module
    size, width : int
        Channels that come in, and that go on.
    activation : str
        Activation of the sum.
    """

    def __init__(self, modules: Sequence[Module], size: int, width: int, activation: str) -> None:
        super().__init__()
        self.branch = nn.ModuleList(modules)
        self.shortcut = _convolution(size, width, 1)
        self.normalisation = Normalisation(width)
        self.activation = make_activation(activation)

    def forward(self, x: Tensor, present: Tensor | None) -> Tensor:
        """From ``(rows, size, 1, steps)`` to ``(rows, width, 1, steps)``."""
        short = self.normalisation(self.shortcut(x), present)
        for module in self.branch:
            x = module(x, present)
        out: Tensor = self.activation(x + short)
        return out if present is None else out.masked_fill(~present, 0.0)


class Shorter(nn.Module):
    """The maximum of each window of steps, side by side; the last window may be a part of one."""

    def __init__(self, window: int) -> None:
        super().__init__()
        self.window = window

    def forward(self, x: Tensor, present: Tensor | None) -> Tensor:
        """From ``(rows, channels, 1, steps)`` to an n-th of the steps."""
        out = _maximum(x, present, self.window, stride=self.window)
        if present is None:
            return out
        return out.masked_fill(~shorter(present, self.window), 0.0)

    def extra_repr(self) -> str:
        """Return what ``print`` shows in the brackets."""
        return str(self.window)


class Inception(StepLayer):
    """Groups of modules one after the other, from steps of features to steps of units.

    Parameters
    ----------
    parts : sequence of Module, Group or Shorter
    """

    def __init__(self, parts: Sequence[nn.Module]) -> None:
        super().__init__()
        self.parts = nn.ModuleList(parts)

    def forward(self, x: Tensor, present: Tensor | None = None) -> Tensor:
        """From ``(rows, steps, features)`` to each unit's mean over the steps.

        ``(rows, units)``.
        """
        x = x.transpose(1, 2)[:, :, None]
        if present is not None:
            present = present.transpose(1, 2)[:, :, None]
            x = x.masked_fill(~present, 0.0)
        for part in self.parts:
            x = part(x, present)
            if present is not None and isinstance(part, Shorter):
                present = shorter(present, part.window)
        if present is None:
            return x.mean(dim=(2, 3))
        return x.sum(dim=(2, 3)) / present.sum(dim=(2, 3))


def shorter(present: Tensor, window: int) -> Tensor:
    """Return which windows hold a step that is there; a row's first step always is."""
    return present[..., ::window]


def _maximum(x: Tensor, present: Tensor | None, window: int, stride: int) -> Tensor:
    """Take the maximum of windows: around each step, or side by side."""
    if present is not None:
        x = x.masked_fill(~present, torch.finfo(x.dtype).min)
    if stride == 1:
        out = functional.max_pool2d(x, (1, window), stride=1, padding=(0, window // 2))
    else:
        out = functional.max_pool2d(x, (1, window), ceil_mode=True)
    # A window without any step would go on with the smallest number there is.
    return out if present is None or stride > 1 else out.masked_fill(~present, 0.0)


def _convolution(size: int, width: int, length: int) -> nn.Conv2d:
    """Make a convolution that keeps the steps; without a bias, for a normalisation follows."""
    layer = nn.Conv2d(size, width, (1, length), padding=(0, length // 2), bias=False)
    initialise(layer, "relu")
    return layer
