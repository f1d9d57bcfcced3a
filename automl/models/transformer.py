"""The transformer's encoder (Vaswani et al. 2017), with the norm before each part (Xiong et al.
2020, "On layer normalization in the transformer architecture").

It reads a row as `automl.models._reading` says: images row by row, vectors number by number.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from automl.models import Cost, Family
from automl.models._layers import ACTIVATIONS, embedding_cost, linear_cost
from automl.models._reading import as_steps, steps_and_features
from automl.settings import option
from automl.task import Inputs

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True, slots=True)
class TransformerSettings:
    """What the ``model`` section of a ``transformer`` space may name.

    Any values go together: `width` is rounded up to a multiple of `heads`.

    Attributes
    ----------
    layers : int
        Each has attention and a feed-forward layer.
    width : int
        Units of a step, shared among the heads; see `units`.
    heads : int
        How many places a step can look at, at a time.
    feedforward : float
        Hidden units of the feed-forward layer, as a multiple of `units`, rounded.
    activation : str
        Activation in the feed-forward layer.
    positions : {"learned", "sinusoidal"}
        What tells the steps apart.
    readout : {"mean", "max", "first", "last"}
        What goes on to the output: each unit's mean or maximum over the steps, or one step.
    dropout : float
        Share of the units that are dropped from the steps as they come in, and from what each
        part adds.
    """

    layers: int = option(2, low=1, high=24)
    width: int = option(64, low=1, high=4096)
    heads: int = option(4, low=1, high=64)
    feedforward: float = option(2.0, low=0.25, high=8.0)
    activation: str = option("gelu", choices=tuple(ACTIVATIONS))
    positions: str = option("learned", choices=("learned", "sinusoidal"))
    readout: str = option("mean", choices=("mean", "max", "first", "last"))
    dropout: float = option(0.1, low=0.0, below=1.0)

    @property
    def units(self) -> int:
        """`width` as it is built: a multiple of `heads`."""
        return math.ceil(self.width / self.heads) * self.heads

    @property
    def widths(self) -> list[int]:
        """Units of a step in each layer."""
        return [self.units] * self.layers

    @property
    def hidden(self) -> int:
        """Hidden units of a feed-forward layer."""
        return max(1, round(self.units * self.feedforward))


class Transformer(Family):
    """Steps with their positions, blocks of attention, a readout, and one linear output."""

    Settings = TransformerSettings
    # Attention's kernels have no fast path in bfloat16 there: steps took 1.5 to 2.7 times as long.
    gains_by_bfloat16 = False

    def build(self, settings: TransformerSettings, inputs: Inputs, n_outputs: int) -> nn.Module:
        from torch import nn

        from automl.models._attention import Positions
        from automl.models._dropout import Dropout
        from automl.models._steps import Read, in_order

        steps, size = steps_and_features(inputs)
        units = settings.units
        first = nn.Linear(size, units)
        nn.init.xavier_uniform_(first.weight)
        nn.init.zeros_(first.bias)
        learned = settings.positions == "learned"
        layers = [*as_steps(inputs), first, Positions(steps, units, learned=learned)]
        if settings.dropout > 0:
            layers.append(Dropout(settings.dropout))
        layers += [_block(settings) for _ in range(settings.layers)]
        layers += [nn.LayerNorm(units), Read(settings.readout), nn.Linear(units, n_outputs)]
        return in_order(layers, masked=inputs.masked)

    def cost(self, settings: TransformerSettings, inputs: Inputs, n_outputs: int) -> Cost:
        steps, size = steps_and_features(inputs)
        units, hidden = settings.units, settings.hidden
        cost = embedding_cost(inputs) + linear_cost(size, units, times=steps)
        if settings.positions == "learned":
            cost += Cost(steps * units, 0)
        for _ in range(settings.layers):
            cost += linear_cost(units, 3 * units, bias=False, times=steps)
            cost += Cost(0, 2 * 2 * steps * steps * units)  # scores, and sums of values
            cost += linear_cost(units, units, times=steps)
            cost += linear_cost(units, hidden, times=steps)
            cost += linear_cost(hidden, units, times=steps)
            cost += Cost(2 * 2 * units, 0)  # gains and shifts of two norms
        return cost + Cost(2 * units, 0) + linear_cost(units, n_outputs)

    def canonical(self, settings: TransformerSettings) -> TransformerSettings:
        return replace(settings, width=settings.units)


def _block(settings: TransformerSettings) -> nn.Module:
    from automl.models._attention import Block

    return Block(
        settings.units,
        settings.heads,
        settings.hidden,
        settings.activation,
        settings.dropout,
        scale=(2 * settings.layers) ** -0.5,
    )


FAMILY = Transformer()
