"""An average over the weights of late steps, which is judged and kept in place of the last ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class WeightAverage:
    """Follows a network's weights, and lends their average to it.

    The average is exponential and grows with the training: after `t` steps it spans about
    ``span * t`` of them, as the power function averages of Karras et al. 2024 (arXiv 2312.02696,
    section 3.1) do. So it forgets the beginning, and needs no length of its own. What batch
    normalisation knows of the data is averaged too.

    Parameters
    ----------
    network : torch.nn.Module
    weights : sequence of Tensor
        Everything that the optimizer changes.
    span : float
        Share of the steps so far, above 0.
    """

    def __init__(self, network: nn.Module, weights: Sequence[Tensor], span: float) -> None:
        buffers = (b for b in network.buffers() if b.is_floating_point())
        self._followed = [w.detach() for w in (*weights, *buffers)]
        self._averages = [w.clone() for w in self._followed]
        self._exponent = 1.0 / span
        self._steps = 0

    @torch.no_grad()
    def update(self) -> None:
        """Take in the weights after a step."""
        self._steps += 1
        kept = (1.0 - 1.0 / self._steps) ** self._exponent
        torch._foreach_lerp_(self._averages, self._followed, 1.0 - kept)

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Put the average into the network, and its own weights back at the end."""
        with torch.no_grad():
            own = [w.clone() for w in self._followed]
            torch._foreach_copy_(self._followed, self._averages)
            try:
                yield
            finally:
                torch._foreach_copy_(self._followed, own)
