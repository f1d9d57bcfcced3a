"""The multilayer perceptron: depth, width and taper decide the shape."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
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
class MlpSettings:
    """What the ``model`` section of an ``mlp`` space may name.

    Attributes
    ----------
    depth : int
        Hidden layers; with 0 the network is linear.
    width : int
        Units of the first hidden layer.
    taper : float
        Each hidden layer is `taper` times as wide as the one before, rounded, at least 1.
    activation : str
    normalisation : {"none", "batch", "layer"}
        Between a hidden layer's product and its activation.
    dropout : float
        Share of a hidden layer's units that are dropped, after its activation.
    """

    depth: int = option(1, low=0, high=64)
    width: int = option(100, low=1, high=65_536)
    taper: float = option(1.0, low=0.01, high=4.0)
    activation: str = option("relu", choices=tuple(ACTIVATIONS))
    normalisation: str = option("none", choices=("none", "batch", "layer"))
    dropout: float = option(0.0, low=0.0, below=1.0)

    @property
    def widths(self) -> list[int]:
        """Units of each hidden layer, first to last."""
        return [max(1, round(self.width * self.taper**i)) for i in range(self.depth)]


class Mlp(Family):
    """Fully connected layers on a flattened row."""

    Settings = MlpSettings

    def build(self, settings: MlpSettings, inputs: Inputs, n_outputs: int) -> nn.Module:
        from torch import nn

        from automl.models._dropout import Dropout
        from automl.models._embedding import Embedded

        layers: list[nn.Module] = [nn.Flatten()] if len(inputs.shape) > 1 else []
        if inputs.categories:
            layers.append(Embedded(inputs))
        sizes = [embedded_width(inputs), *settings.widths]
        for size, width in pairwise(sizes):
            # A bias right before a normalisation would be subtracted again.
            linear = nn.Linear(size, width, bias=settings.normalisation != "batch")
            initialise(linear, settings.activation)
            layers.append(linear)
            if settings.normalisation == "batch":
                layers.append(nn.BatchNorm1d(width))
            elif settings.normalisation == "layer":
                layers.append(nn.LayerNorm(width))
            layers.append(activation(settings.activation))
            if settings.dropout > 0:
                layers.append(Dropout(settings.dropout))
        layers.append(nn.Linear(sizes[-1], n_outputs))
        return nn.Sequential(*layers)

    def cost(self, settings: MlpSettings, inputs: Inputs, n_outputs: int) -> Cost:
        sizes = [embedded_width(inputs), *settings.widths]
        cost = embedding_cost(inputs) + linear_cost(sizes[-1], n_outputs)
        for size, width in pairwise(sizes):
            cost += linear_cost(size, width, bias=settings.normalisation != "batch")
            if settings.normalisation != "none":
                cost += Cost(2 * width, 0)
        return cost

    def canonical(self, settings: MlpSettings) -> MlpSettings:
        if settings.depth == 0:
            return MlpSettings(depth=0)
        if len(set(settings.widths)) == 1:
            return replace(settings, taper=1.0)
        return settings


FAMILY = Mlp()
