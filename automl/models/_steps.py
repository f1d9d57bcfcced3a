"""Parts of networks that read a row step by step, to its end where rows differ in length."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class StepLayer(nn.Module):
    """A layer whose output depends on where a row ends.

    Its ``forward`` takes ``present`` as well: a mask of shape ``(rows, steps, 1)``, which is true
    up to the end of each row, or None where all rows go on to the last step. What its output
    holds behind the end is undefined, and finite.
    """


class Masked(nn.Module):
    """Layers that read rows of ``Inputs.masked``, each of them to its own end.

    Parameters
    ----------
    layers : sequence of torch.nn.Module
        Layers, of which each `StepLayer` is told where rows end.
    """

    def __init__(self, layers: Sequence[nn.Module]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)

    def forward(self, rows: Tensor) -> Tensor:
        """From ``(rows, steps, features + 1)``, the mask last, to outputs."""
        present = rows[:, :, -1:] > 0.5
        x = rows[:, :, :-1]
        for layer in self.layers:
            x = layer(x, present) if isinstance(layer, StepLayer) else layer(x)
        return x


def in_order(layers: Sequence[nn.Module], *, masked: bool) -> nn.Module:
    """Make a network of these layers, one after the other."""
    return Masked(layers) if masked else nn.Sequential(*layers)


class ImageRows(nn.Module):
    """The rows of an image as steps, the columns of all its channels side by side."""

    def forward(self, x: Tensor) -> Tensor:
        """Turn ``(rows, channels, height, width)`` into ``(rows, height, channels * width)``."""
        return x.transpose(1, 2).flatten(2)


class Reading(StepLayer):
    """A recurrent layer without what torch returns beside its outputs.

    Parameters
    ----------
    cell : torch.nn.RNNBase
        A layer with ``batch_first``.
    only_last : bool
        Whether to return only the state after the whole row has been read. A layer that reads
        backwards reaches it at the first step.
    """

    def __init__(self, cell: nn.RNNBase, only_last: bool) -> None:
        super().__init__()
        self.cell = cell
        self.only_last = only_last

    def forward(self, x: Tensor, present: Tensor | None = None) -> Tensor:
        """Turn ``(rows, steps, features)`` into outputs of each step, or ``(rows, units)``."""
        outputs, state = self.cell(x)
        if not self.only_last:
            out: Tensor = outputs
            return out
        if present is not None:
            return _last(outputs, present)
        hidden: Tensor = state[0] if isinstance(state, tuple) else state
        return hidden.transpose(0, 1).flatten(1)


class ReadingBothWays(StepLayer):
    """Two recurrent layers, of which one reads each row from its own end to the beginning.

    torch's bidirectional layer would begin with what is behind the end, or need packed sequences,
    which ONNX does not have.

    Parameters
    ----------
    forth, back : torch.nn.RNNBase
        Recurrent layers of torch with ``batch_first`` and one direction.
    only_last : bool
        As in `Reading`.
    """

    def __init__(self, forth: nn.RNNBase, back: nn.RNNBase, only_last: bool) -> None:
        super().__init__()
        self.forth = forth
        self.back = back
        self.only_last = only_last

    def forward(self, x: Tensor, present: Tensor) -> Tensor:
        """Turn ``(rows, steps, features)`` into outputs of each step, or ``(rows, units)``."""
        forth, back = self.forth(x)[0], self.back(_reversed(x, present))[0]
        if self.only_last:
            return torch.cat([_last(forth, present), _last(back, present)], dim=1)
        return torch.cat([forth, _reversed(back, present)], dim=2)


def _last(x: Tensor, present: Tensor) -> Tensor:
    """Return the units at the end of each row: ``(rows, steps, units)`` to ``(rows, units)``."""
    place = present.sum(dim=1, keepdim=True) - 1
    return x.gather(1, place.expand(-1, -1, x.shape[2])).squeeze(1)


def _reversed(x: Tensor, present: Tensor) -> Tensor:
    """Reverse the steps of each row up to its end; those behind the end stay."""
    places = torch.arange(x.shape[1], device=x.device)[None, :, None]
    back = torch.where(present, present.sum(dim=1, keepdim=True) - 1 - places, places)
    return x.gather(1, back.expand(-1, -1, x.shape[2]))


class Read(StepLayer):
    """Of all steps, the units of one; or each unit's mean or maximum over them.

    Parameters
    ----------
    readout : {"mean", "max", "first", "last"}
    """

    def __init__(self, readout: str) -> None:
        super().__init__()
        self.readout = readout

    def forward(self, x: Tensor, present: Tensor | None = None) -> Tensor:
        """From ``(rows, steps, units)`` to ``(rows, units)``."""
        if self.readout == "first":
            return x[:, 0]
        if self.readout == "last":
            return x[:, -1] if present is None else _last(x, present)
        if present is None:
            return x.mean(1) if self.readout == "mean" else x.amax(1)
        if self.readout == "max":
            return x.masked_fill(~present, -torch.inf).amax(1)
        return x.masked_fill(~present, 0.0).sum(1) / present.sum(1)

    def extra_repr(self) -> str:
        """Return what ``print`` shows in the brackets."""
        return self.readout
