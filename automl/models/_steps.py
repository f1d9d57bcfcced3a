"""Parts of networks that read a row step by step."""

from __future__ import annotations

from torch import Tensor, nn


class ImageRows(nn.Module):
    """The rows of an image as steps, the columns of all its channels side by side."""

    def forward(self, x: Tensor) -> Tensor:
        """From ``(rows, channels, height, width)`` to ``(rows, height, channels * width)``."""
        return x.transpose(1, 2).flatten(2)


class Reading(nn.Module):
    """A recurrent layer without what torch returns beside its outputs.

    Parameters
    ----------
    cell : torch.nn.RNNBase
        Of ``batch_first``.
    only_last : bool
        Whether only the state counts that it has when all is read: for the other direction, that
        is the one at the first step.
    """

    def __init__(self, cell: nn.RNNBase, only_last: bool) -> None:
        super().__init__()
        self.cell = cell
        self.only_last = only_last

    def forward(self, x: Tensor) -> Tensor:
        """From ``(rows, steps, features)`` to outputs of each step, or ``(rows, units)``."""
        outputs, state = self.cell(x)
        if not self.only_last:
            out: Tensor = outputs
            return out
        hidden: Tensor = state[0] if isinstance(state, tuple) else state
        return hidden.transpose(0, 1).flatten(1)


class Read(nn.Module):
    """Of all steps, the units of one; or each unit's mean or maximum over them.

    Parameters
    ----------
    readout : {"mean", "max", "first", "last"}
    """

    def __init__(self, readout: str) -> None:
        super().__init__()
        self.readout = readout

    def forward(self, x: Tensor) -> Tensor:
        """From ``(rows, steps, units)`` to ``(rows, units)``."""
        if self.readout in ("first", "last"):
            return x[:, 0 if self.readout == "first" else -1]
        return x.mean(1) if self.readout == "mean" else x.amax(1)

    def extra_repr(self) -> str:
        """What is read out."""
        return self.readout
