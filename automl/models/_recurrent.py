"""What the recurrent families ``rnn``, ``gru`` and ``lstm`` have in common.

They read a row as `automl.models._reading` says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from automl.models import Cost, Family
from automl.models._layers import embedding_cost, linear_cost
from automl.models._reading import as_steps, steps_and_features
from automl.settings import option
from automl.task import Inputs

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True, slots=True)
class RecurrentSettings:
    """What the ``model`` section of an ``rnn``, ``gru`` or ``lstm`` space may name.

    Attributes
    ----------
    layers : int
        Each reads what the one before said at every step.
    width : int
        Units of a layer, in one direction.
    directions : {"one", "both"}
        Whether another net of as many units reads from the end to the beginning.
    readout : {"last", "mean", "max"}
        What goes on to the output: the state when all is read, or each unit's mean or maximum
        over the steps.
    dropout : float
        Share of the units that are dropped after each layer.
    """

    layers: int = option(1, low=1, high=16)
    width: int = option(64, low=1, high=16_384)
    directions: str = option("one", choices=("one", "both"))
    readout: str = option("last", choices=("last", "mean", "max"))
    dropout: float = option(0.0, low=0.0, below=1.0)

    @property
    def widths(self) -> list[int]:
        """Units of each layer, of both directions together."""
        return [self.width * self.n_directions] * self.layers

    @property
    def n_directions(self) -> int:
        """1 or 2."""
        return 2 if self.directions == "both" else 1


class Recurrent(Family):
    """Recurrent layers and one linear output.

    Parameters
    ----------
    cell : {"RNN", "GRU", "LSTM"}
        A class of `torch.nn`.
    gates : int
        Matrices of a cell, as a multiple of those of a plain one.
    """

    Settings = RecurrentSettings

    def __init__(self, cell: str, gates: int) -> None:
        self.cell = cell
        self.gates = gates

    def build(self, settings: RecurrentSettings, inputs: Inputs, n_outputs: int) -> nn.Module:
        from torch import nn

        from automl.models._dropout import Dropout
        from automl.models._steps import Read, in_order

        size = steps_and_features(inputs)[1]
        width = settings.width * settings.n_directions
        layers: list[nn.Module] = [*as_steps(inputs)]
        for i in range(settings.layers):
            is_last = i == settings.layers - 1
            only_last = settings.readout == "last" and is_last
            layers.append(self._reading(settings, size if i == 0 else width, only_last, inputs))
            if settings.readout != "last" and is_last:
                layers.append(Read(settings.readout))
            if settings.dropout > 0:
                layers.append(Dropout(settings.dropout))
        layers.append(nn.Linear(width, n_outputs))
        return in_order(layers, masked=inputs.masked)

    def _reading(
        self, settings: RecurrentSettings, size: int, only_last: bool, inputs: Inputs
    ) -> nn.Module:
        """Make one layer of cells, from `size` features of a step."""
        from torch import nn

        from automl.models._steps import Reading, ReadingBothWays

        apart = inputs.masked and settings.n_directions == 2
        both = settings.n_directions == 2 and not apart
        cells: list[nn.RNNBase] = []
        for _ in range(2 if apart else 1):
            kind = getattr(nn, self.cell)
            cells.append(kind(size, settings.width, batch_first=True, bidirectional=both))
            self._initialise(cells[-1])
        if apart:
            return ReadingBothWays(cells[0], cells[1], only_last)
        return Reading(cells[0], only_last)

    def _initialise(self, cell: nn.RNNBase) -> None:
        """Recurrent matrices begin orthogonal, so that a state neither fades nor explodes
        (Saxe et al. 2014), and an LSTM begins with its memory kept (Jozefowicz et al. 2015).
        """
        from torch import nn

        for name, weight in cell.named_parameters():
            if name.startswith("weight_hh"):
                for gate in weight.chunk(self.gates):
                    nn.init.orthogonal_(gate)
            elif name.startswith("weight_ih"):
                for gate in weight.chunk(self.gates):
                    nn.init.xavier_uniform_(gate)
            else:
                nn.init.zeros_(weight)
                if self.cell == "LSTM" and name.startswith("bias_ih"):
                    nn.init.ones_(weight.chunk(4)[1])  # torch's order: input, forget, cell, output

    def cost(self, settings: RecurrentSettings, inputs: Inputs, n_outputs: int) -> Cost:
        steps, size = steps_and_features(inputs)
        width = settings.width * settings.n_directions
        cost = embedding_cost(inputs) + linear_cost(width, n_outputs)
        gates = self.gates * settings.width
        for i in range(settings.layers):
            for _ in range(settings.n_directions):
                cost += linear_cost(size if i == 0 else width, gates, times=steps)
                cost += linear_cost(settings.width, gates, times=steps)
        return cost
