"""Random convolution features with a linear head, for series: MiniRocket, and near MultiRocket.

The convolutions are not trained, so their features are computed once, and a training takes a
second or two where that of a convolutional network takes a minute. A row is read as
`automl.models._reading` says: images row by row, vectors number by number.

Sources: Dempster et al. 2021, "MiniRocket" (arXiv 2012.08791); Tan et al. 2022, "MultiRocket"
(arXiv 2102.00457).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from automl.models import Cost, Family
from automl.models._layers import linear_cost
from automl.models._reading import as_steps, steps_and_features
from automl.settings import option
from automl.task import Inputs

if TYPE_CHECKING:
    from torch import nn

KERNELS = 84
LENGTH = 9

AN_OCTAVE = 2
"""Dilations between one and its double. MiniRocket has up to 32 in all, which makes the exported
network twice as large."""


@dataclass(frozen=True, slots=True)
class RocketSettings:
    """What the ``model`` section of a ``rocket`` space may name.

    Attributes
    ----------
    biases : int
        Biases of each of the 84 kernels, over all dilations: 119 are the 9,996 of MiniRocket.
    pooling : {"share", "three"}
        What is pooled of a convolved series for a bias: the share of the steps above it; or also
        where these lie, and how far above.
    differences : {"no", "yes"}
        Whether the series' differences from step to step are convolved as well.
    dropout : float
        Share of the features that are dropped before the output.
    """

    biases: int = option(30, low=1, high=2_000)
    pooling: str = option("share", choices=("share", "three"))
    differences: str = option("no", choices=("no", "yes"))
    dropout: float = option(0.0, low=0.0, below=1.0)

    def dilations(self, steps: int) -> dict[int, int]:
        """Return the dilations for a series of so many steps, and the biases at each."""
        longest = max(1.0, (steps - 1) / (LENGTH - 1))
        grid = [2 ** (i / AN_OCTAVE) for i in range(int(AN_OCTAVE * math.log2(longest)) + 1)]
        dilations = sorted({int(dilation) for dilation in grid})
        dilations = dilations[:: math.ceil(len(dilations) / self.biases)]
        per, rest = divmod(self.biases, len(dilations))
        return {dilation: per + (i < rest) for i, dilation in enumerate(dilations)}

    @property
    def widths(self) -> list[int]:
        """Number of features."""
        pooled = 3 if self.pooling == "three" else 1
        return [KERNELS * self.biases * pooled * (2 if self.differences == "yes" else 1)]


class Rocket(Family):
    """Random convolutions of a series, pooled, and one linear layer that is trained."""

    Settings = RocketSettings
    gains_by_bfloat16 = False
    trains_output_alone = True

    def build(self, settings: RocketSettings, inputs: Inputs, n_outputs: int) -> nn.Module:
        from torch import nn

        from automl.models._dropout import Dropout
        from automl.models._frozen import OnFrozen
        from automl.models._layers import initialise
        from automl.models._rocket import RandomConvolutions

        steps, size = _steps_and_features(inputs)
        features = RandomConvolutions(
            nn.Sequential(*as_steps(replace(inputs, categories=()))),
            steps,
            size,
            settings.dilations(steps),
            pooling=settings.pooling,
            differences=settings.differences == "yes",
            masked=inputs.masked,
            width=settings.widths[0],
        )
        output = nn.Linear(settings.widths[0], n_outputs)
        initialise(output, "relu")
        drop = [Dropout(settings.dropout)] if settings.dropout > 0 else []
        return OnFrozen(features, nn.Sequential(*drop, output))

    def cost(self, settings: RocketSettings, inputs: Inputs, n_outputs: int) -> Cost:
        steps, size = _steps_and_features(inputs)
        cost = linear_cost(settings.widths[0], n_outputs)
        pooled = KERNELS * (2 if settings.pooling == "three" else 1)
        times = steps * (2 if settings.differences == "yes" else 1)
        for biases in settings.dilations(steps).values():
            cost += Cost(0, 2 * times * (KERNELS * LENGTH * size + biases * pooled))
        return cost


def _steps_and_features(inputs: Inputs) -> tuple[int, int]:
    """Return how a row is read; codes of categories are numbers, for nothing is learned of them."""
    return steps_and_features(replace(inputs, categories=()))


FAMILY = Rocket()
