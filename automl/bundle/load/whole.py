"""`Whole`: a model as one module of torch, from raw rows to probabilities or numbers."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from automl.bundle.load.preprocessing import preprocessing_module
from automl.bundle.load.rebuild import Parts
from automl.training.losses import predictions, probabilities


class Whole(nn.Module):
    """Networks with what happens before and after them; of several, the weighted average.

    Attributes
    ----------
    networks : torch.nn.ModuleList
        The plain networks: preprocessed rows in, logits or scaled numbers out.
    shares : list of float
        Weight of each in the average.
    """

    def __init__(self, parts: Parts) -> None:
        super().__init__()
        prepared = list(dict.fromkeys(network.prepared for network in parts.networks))
        small = parts.inputs.is_small
        self.before = nn.ModuleList(preprocessing_module(p.preprocessing, small) for p in prepared)
        self.networks = nn.ModuleList(network.module for network in parts.networks)
        self.shares = [network.share for network in parts.networks]
        self._places = [prepared.index(network.prepared) for network in parts.networks]
        self._targets = [network.prepared.target for network in parts.networks]
        self._task, self._temperature = parts.task, parts.temperature
        are_short = parts.task.is_classification or all(t.fits_float32 for t in self._targets)
        self._dtype = torch.float32 if are_short else torch.float64

    def forward(self, rows: Tensor) -> Tensor:
        """Raw rows ``(batch, *raw_shape)`` to probabilities or numbers; see `predictions`."""
        prepared = [before(rows) for before in self.before]
        outputs = [
            self._read(i, network(prepared[place]))
            for i, (network, place) in enumerate(zip(self.networks, self._places, strict=True))
        ]
        if len(outputs) == 1 and self._temperature == 1.0:
            return outputs[0]
        # In double precision and in this order, as `automl.bundle.members.average` does.
        total = outputs[0].double() * self.shares[0]
        for output, share in zip(outputs[1:], self.shares[1:], strict=True):
            total = total + output.double() * share
        if self._temperature != 1.0:
            raised = (total / total.amax(1, keepdim=True)) ** (1.0 / self._temperature)
            total = raised / raised.sum(1, keepdim=True)
        return total.to(self._dtype)

    def _read(self, member: int, output: Tensor) -> Tensor:
        if self._task.is_classification:
            return probabilities(self._task, output)
        return predictions(self._task, self._targets[member], output)
