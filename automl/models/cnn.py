"""The convolutional network: stages that each halve the sides and widen the channels.

An image is convolved in two dimensions. A sequence is convolved along its steps, and a vector
along its columns, in one. Sequences that differ in length are taken at the length of the longest,
with their mask as one more channel: means and norms are over zeros behind an end, too.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from automl.models import Cost, Family
from automl.models._layers import (
    ACTIVATIONS,
    activation,
    embedded_width,
    embedding_cost,
    initialise,
    linear_cost,
)
from automl.settings import option
from automl.task import Inputs

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True, slots=True)
class CnnSettings:
    """What the ``model`` section of a ``cnn`` space may name.

    Attributes
    ----------
    stages : int
        Each halves the sides of its input, until they are 1.
    blocks : int
        Blocks of a stage.
    block : {"plain", "residual"}
        One convolution; or two beside a shortcut (He et al. 2016, figure 2).
    channels : int
        Channels of the first stage.
    growth : float
        Each stage has `growth` times as many channels as the one before, rounded, at least 1.
    kernel : int
        Side of a convolution's window.
    resolution : int
        A row with a longer side goes through one more convolution first, which steps so that at
        most as many positions are left of it: large images then cost what small ones do.
    downsampling : {"stride", "max", "average"}
        How a stage halves the sides: its first convolution steps by 2, or its last block is
        pooled two by two.
    normalisation : {"none", "batch", "layer"}
        After each convolution; ``layer`` is over all channels and positions of a row, and left
        out where that is a single number, of which nothing would remain.
    activation : str
    readout : {"mean", "flatten"}
        What of the last stage goes on: each channel's mean, or every position.
    head : int
        Units of a hidden layer before the output; 0 for none.
    dropout : float
        Share of the units that are dropped before the output.
    """

    stages: int = option(2, low=1, high=8)
    blocks: int = option(1, low=1, high=16)
    block: str = option("plain", choices=("plain", "residual"))
    channels: int = option(32, low=1, high=4096)
    growth: float = option(2.0, low=0.25, high=4.0)
    kernel: int = option(3, low=1, high=31)
    resolution: int = option(65_536, low=1, high=65_536)
    downsampling: str = option("stride", choices=("stride", "max", "average"))
    normalisation: str = option("batch", choices=("none", "batch", "layer"))
    activation: str = option("relu", choices=tuple(ACTIVATIONS))
    readout: str = option("mean", choices=("mean", "flatten"))
    head: int = option(0, low=0, high=65_536)
    dropout: float = option(0.0, low=0.0, below=1.0)

    @property
    def widths(self) -> list[int]:
        """Channels of each stage, first to last."""
        return [max(1, round(self.channels * self.growth**i)) for i in range(self.stages)]

    def stem(self, sides: tuple[int, ...]) -> int:
        """Return by how much the convolution before the stages steps; 1 where there is none."""
        return math.ceil(max(sides) / self.resolution)


@dataclass(frozen=True, slots=True)
class _Shape:
    """What lies between two layers: channels, and the sides of each."""

    channels: int
    sides: tuple[int, ...]

    @classmethod
    def of(cls, inputs: Inputs) -> _Shape:
        if inputs.kind == "image":
            return cls(inputs.shape[0], inputs.shape[1:])
        if len(inputs.shape) > 1:
            return cls(math.prod(inputs.shape[1:]), inputs.shape[:1])
        return cls(1, (embedded_width(inputs),))

    @property
    def n_features(self) -> int:
        return self.channels * math.prod(self.sides)


@dataclass(frozen=True, slots=True)
class _Conv:
    """One convolution, with the shapes before and after it."""

    before: _Shape
    after: _Shape
    kernel: int
    stride: int

    def is_normalised(self, kind: str) -> bool:
        return kind == "batch" or (kind == "layer" and self.after.n_features > 1)

    def cost(self, settings: CnnSettings) -> Cost:
        size = self.before.channels * self.kernel ** len(self.before.sides)
        positions = math.prod(self.after.sides)
        bias = settings.normalisation != "batch"
        cost = linear_cost(size, self.after.channels, bias=bias, times=positions)
        gains = 2 * self.after.channels if self.is_normalised(settings.normalisation) else 0
        return cost + Cost(gains, 0)


@dataclass(frozen=True, slots=True)
class _Block:
    """The convolutions of one block, and its shortcut where it must be one too."""

    convs: tuple[_Conv, ...]
    shortcut: _Conv | None
    after: _Shape
    pooled: bool
    residual: bool


def _conv(before: _Shape, channels: int, kernel: int, stride: int = 1) -> _Conv:
    sides = tuple(math.ceil(side / stride) for side in before.sides)
    return _Conv(before, _Shape(channels, sides), kernel, stride)


def _plan(settings: CnnSettings, inputs: Inputs) -> list[_Block]:
    """Plan every block with its shapes; `build` and `cost` both read it."""
    plan, shape = [], _Shape.of(inputs)
    if (step := settings.stem(shape.sides)) > 1:
        # Its windows overlap, as those of He et al. 2016 do.
        stem = _conv(shape, settings.widths[0], 2 * step - 1, step)
        shape = stem.after
        plan.append(_Block((stem,), None, shape, pooled=False, residual=False))
    residual = settings.block == "residual"
    for width in settings.widths:
        for i in range(settings.blocks):
            strides = settings.downsampling == "stride" and i == 0
            pooled = settings.downsampling != "stride" and i == settings.blocks - 1
            convs = [_conv(shape, width, settings.kernel, 2 if strides else 1)]
            shortcut = None
            if residual:
                convs.append(_conv(convs[0].after, width, settings.kernel))
                if strides or width != shape.channels:
                    shortcut = _conv(shape, width, 1, convs[0].stride)
            after = convs[-1].after
            if pooled:
                after = _Shape(width, tuple(max(1, side // 2) for side in after.sides))
            plan.append(_Block(tuple(convs), shortcut, after, pooled, residual))
            shape = after
    return plan


class Cnn(Family):
    """Convolutions, a readout, and a head."""

    Settings = CnnSettings

    def build(self, settings: CnnSettings, inputs: Inputs, n_outputs: int) -> nn.Module:
        from torch import nn

        from automl.models._dropout import Dropout

        plan = _plan(settings, inputs)
        layers: list[nn.Module] = [*_first(inputs)]
        scale = len(plan) ** -0.5 if settings.normalisation == "none" else 1.0
        for block in plan:
            layers += _layers(block, settings, scale)
        size, flat = _features(settings, plan[-1].after), nn.Flatten()
        if settings.readout == "mean":
            one = nn.AdaptiveAvgPool2d if len(plan[-1].after.sides) == 2 else nn.AdaptiveAvgPool1d
            layers.append(one(1))
        layers.append(flat)
        if settings.head:
            head = nn.Linear(size, settings.head)
            initialise(head, settings.activation)
            layers += [head, activation(settings.activation)]
        if settings.dropout > 0:
            layers.append(Dropout(settings.dropout))
        return nn.Sequential(*layers, nn.Linear(settings.head or size, n_outputs))

    def cost(self, settings: CnnSettings, inputs: Inputs, n_outputs: int) -> Cost:
        plan = _plan(settings, inputs)
        size = _features(settings, plan[-1].after)
        cost = embedding_cost(inputs) + linear_cost(settings.head or size, n_outputs)
        if settings.head:
            cost += linear_cost(size, settings.head)
        for block in plan:
            for conv in (*block.convs, *([block.shortcut] if block.shortcut else [])):
                cost += conv.cost(settings)
        return cost

    def canonical(self, settings: CnnSettings) -> CnnSettings:
        if len(set(settings.widths)) == 1:
            return replace(settings, growth=1.0)
        return settings


def _features(settings: CnnSettings, last: _Shape) -> int:
    """Numbers that the readout hands on."""
    return last.channels if settings.readout == "mean" else last.n_features


def _first(inputs: Inputs) -> Iterator[nn.Module]:
    """Rows as channels of positions."""
    from torch import nn

    from automl.models._convolution import Transposed
    from automl.models._embedding import Embedded

    if inputs.kind == "image":
        return
    if len(inputs.shape) > 1:
        yield Transposed()
        return
    if inputs.categories:
        yield Embedded(inputs)
    yield nn.Unflatten(1, (1, embedded_width(inputs)))


def _layers(block: _Block, settings: CnnSettings, scale: float) -> Iterator[nn.Module]:
    """Make a block's layers.

    Parameters
    ----------
    scale : float
        Factor on the first weights of a residual branch's last convolution: without normalisation,
        branches would add up otherwise (Radford et al. 2019, section 2.3).
    """
    from torch import nn

    from automl.models._convolution import Residual

    branch: list[nn.Module] = []
    for conv in block.convs:
        branch += [*_conv_layers(conv, settings), activation(settings.activation)]
    if block.residual:
        last = branch.pop()
        (*_, convolution) = (m for m in branch if isinstance(m, nn.Conv1d | nn.Conv2d))
        convolution.weight.data.mul_(scale)
        shortcut = _conv_layers(block.shortcut, settings) if block.shortcut else []
        branch = [Residual(nn.Sequential(*branch), nn.Sequential(*shortcut)), last]
    yield from branch
    if block.pooled:
        yield _pooling(block.convs[-1].after.sides, settings.downsampling)


def _conv_layers(conv: _Conv, settings: CnnSettings) -> list[nn.Module]:
    """Make a convolution that keeps the sides, or halves them, and its normalisation."""
    from torch import nn

    from automl.models._convolution import Pointwise2d

    flat = len(conv.before.sides) == 1
    kinds = (nn.Conv1d, nn.BatchNorm1d) if flat else (nn.Conv2d, nn.BatchNorm2d)
    layers: list[nn.Module] = []
    if conv.kernel % 2 == 0:
        # Such a window has no middle: one more zero behind than in front.
        before, behind = conv.kernel // 2 - 1, conv.kernel // 2
        flat_pad, pad = (before, behind), (before, behind, before, behind)
        layers.append(nn.ZeroPad1d(flat_pad) if flat else nn.ZeroPad2d(pad))
    steps_over_points = conv.kernel == 1 and conv.stride > 1 and not flat
    convolution = (Pointwise2d if steps_over_points else kinds[0])(
        conv.before.channels,
        conv.after.channels,
        conv.kernel,
        conv.stride,
        padding=conv.kernel // 2 if conv.kernel % 2 else 0,
        # A bias right before a normalisation would be subtracted again.
        bias=settings.normalisation != "batch",
    )
    initialise(convolution, settings.activation)
    layers.append(convolution)
    if settings.normalisation == "batch":
        layers.append(kinds[1](conv.after.channels))
    elif conv.is_normalised(settings.normalisation):
        layers.append(nn.GroupNorm(1, conv.after.channels))
    return layers


def _pooling(sides: tuple[int, ...], kind: str) -> nn.Module:
    """Make a pooling of windows of two by two, but of one along a side of 1."""
    from torch import nn

    # A window may not be larger than the side that it slides along.
    if len(sides) == 1:
        length = min(2, sides[0])
        return nn.MaxPool1d(length) if kind == "max" else nn.AvgPool1d(length)
    window = (min(2, sides[0]), min(2, sides[1]))
    return nn.MaxPool2d(window) if kind == "max" else nn.AvgPool2d(window)


FAMILY = Cnn()
