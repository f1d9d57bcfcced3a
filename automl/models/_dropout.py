"""Dropout whose mask costs a fifth of torch's on the CPU."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

STEPS = 1 << 16
"""A mask bit is drawn from 16 random bits, so `p` is rounded to a multiple of 1/65,536."""


class Dropout(nn.Module):
    """Srivastava et al. 2014, scaled in training so that evaluation changes nothing.

    torch draws a Bernoulli number for every unit, which takes as long as a third of the
    arithmetic of a layer of 512; here a 64-bit number makes four of them.

    Parameters
    ----------
    p : float
        Share of the units that are dropped, ``0 <= p < 1``.
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p
        self._dropped = min(round(p * STEPS), STEPS - 1)

    def forward(self, x: Tensor) -> Tensor:
        """Any shape; the mask comes from torch's global generator."""
        if not self.training or self._dropped == 0:
            return x
        if x.device.type != "cpu":
            return functional.dropout(x, self.p)
        return x * self.mask(x)

    def mask(self, x: Tensor) -> Tensor:
        """Draw a factor for every unit of `x`, on the CPU: 0, or what makes up for the zeros."""
        words = torch.empty(_words(x.numel()), dtype=torch.int64).random_(-(2**63), None)
        return self._factors(words, x.numel(), x.dtype).view(x.shape)

    def masks(self, x: Tensor, generators: Sequence[torch.Generator]) -> Tensor:
        """Draw the `mask` of each of several networks, whose units are ``x[i]``.

        Parameters
        ----------
        x : Tensor of shape (networks, ...)
        generators : sequence of torch.Generator
            One a network, in place of torch's global one.
        """
        size = x[0].numel()
        words = torch.empty((len(x), _words(size)), dtype=torch.int64)
        for own, generator in zip(words, generators, strict=True):
            own.random_(-(2**63), None, generator=generator)
        return self._factors(words, size, x.dtype).view(x.shape)

    def _factors(self, words: Tensor, size: int, dtype: torch.dtype) -> Tensor:
        draws = words.view(torch.int16)[..., :size]
        mask = (draws >= self._dropped - STEPS // 2).to(dtype)
        return mask.mul_(STEPS / (STEPS - self._dropped))

    def extra_repr(self) -> str:
        """Return what ``print`` shows in the brackets."""
        return f"p={self.p}"


def _words(size: int) -> int:
    """Return how many 64-bit numbers hold 16 bits for each unit."""
    return (size + 3) // 4
