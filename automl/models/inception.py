"""The inception network for series (Ismail Fawaz et al. 2020, "InceptionTime").

Modules look at a series through windows of three lengths at once; their mean over all steps says
how much of each pattern a series has, wherever in it. A row is read as `automl.models._reading`
says: images row by row, vectors number by number.

The original has 6 modules of 32 filters, and windows of 10, 20 and 40 steps, whatever the series'
length. Here they are shares of the length, and a long series is shortened after the first module,
so that a training takes seconds on one core.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from automl.models import Cost, Family
from automl.models._layers import ACTIVATIONS, embedding_cost, linear_cost
from automl.models._reading import as_steps, steps_and_features
from automl.settings import option
from automl.task import Inputs

if TYPE_CHECKING:
    from torch import nn

GROUP = 3
"""Modules beside one shortcut, as in the original."""

LEAST = (9, 5, 3)
"""Fewest steps of the three windows: a share of a series of 24 steps would be hardly any."""


@dataclass(frozen=True, slots=True)
class InceptionSettings:
    """What the ``model`` section of an ``inception`` space may name.

    Attributes
    ----------
    depth : int
        Modules, of which each three are beside a shortcut; so is a rest of two.
    filters : int
        Channels of each of a module's four branches.
    kernel : float
        The longest window of a module, as a share of the steps that it reads; the others have a
        half and a quarter. Windows have an odd number of steps, at least 9, 5 and 3.
    resolution : int
        A row of more steps is shortened after the first module, by the maximum of windows, to at
        most so many.
    activation : str
    dropout : float
        Share of the units that are dropped before the output.
    """

    depth: int = option(3, low=1, high=24)
    filters: int = option(16, low=1, high=1024)
    kernel: float = option(0.2, low=0.001, high=1.0)
    resolution: int = option(256, low=2, high=65_536)
    activation: str = option("relu", choices=tuple(ACTIVATIONS))
    dropout: float = option(0.0, low=0.0, below=1.0)

    @property
    def widths(self) -> list[int]:
        """Channels of each module."""
        return [4 * self.filters] * self.depth

    def window(self, steps: int) -> int:
        """Return how many steps of a series become one after the first module."""
        return math.ceil(steps / self.resolution)

    def lengths(self, steps: int) -> list[int]:
        """Return the steps of each window of a module, the longest first."""
        longest = self.kernel * math.ceil(steps / self.window(steps))
        shares = zip((1, 2, 4), LEAST, strict=True)
        return [max(least, round(longest / share) // 2 * 2 + 1) for share, least in shares]

    def groups(self, steps: int) -> list[int]:
        """Return the modules of each group, which is beside a shortcut if it has several.

        Where a series is shortened after the first module, that one is a group of its own.
        """
        alone = [1] if self.window(steps) > 1 else []
        whole, rest = divmod(self.depth - len(alone), GROUP)
        return alone + [GROUP] * whole + ([rest] if rest else [])


class InceptionTime(Family):
    """Modules of several windows, the mean over the steps, and one linear output."""

    Settings = InceptionSettings

    def build(self, settings: InceptionSettings, inputs: Inputs, n_outputs: int) -> nn.Module:
        from torch import nn

        from automl.models._dropout import Dropout
        from automl.models._inception import Group, Inception, Module, Shorter
        from automl.models._steps import in_order

        steps, size = steps_and_features(inputs)
        width, window = 4 * settings.filters, settings.window(steps)
        parts: list[nn.Module] = []
        for i, count in enumerate(settings.groups(steps)):
            modules = []
            for j in range(count):
                before = size if i + j == 0 else width
                modules.append(
                    Module(before, settings.filters, settings.lengths(steps), settings.activation)
                )
            parts += modules
            if count > 1:
                before = size if i == 0 else width
                parts[-count:] = [Group(modules, before, width, settings.activation)]
            if i == 0 and window > 1:
                parts.append(Shorter(window))
        layers: list[nn.Module] = [*as_steps(inputs), Inception(parts)]
        if settings.dropout > 0:
            layers.append(Dropout(settings.dropout))
        return in_order([*layers, nn.Linear(width, n_outputs)], masked=inputs.masked)

    def cost(self, settings: InceptionSettings, inputs: Inputs, n_outputs: int) -> Cost:
        steps, size = steps_and_features(inputs)
        filters, width = settings.filters, 4 * settings.filters
        cost = embedding_cost(inputs) + linear_cost(width, n_outputs)
        for i, count in enumerate(settings.groups(steps)):
            before = size if i == 0 else width
            if count > 1:  # the shortcut, with a gain and a shift of each channel
                cost += _convolution(before, width, 1, steps) + Cost(2 * width, 0)
            for _ in range(count):
                inner = min(before, filters)
                if before > filters:
                    cost += _convolution(before, filters, 1, steps)
                for length in settings.lengths(steps_and_features(inputs)[0]):
                    cost += _convolution(inner, filters, length, steps)
                cost += _convolution(before, filters, 1, steps) + Cost(2 * width, 0)
                before = width
            if i == 0:
                steps = math.ceil(steps / settings.window(steps))
        return cost


def _convolution(size: int, width: int, length: int, steps: int) -> Cost:
    return linear_cost(size * length, width, bias=False, times=steps)


FAMILY = InceptionTime()
