"""Parts of a transformer's encoder."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from automl.models._dropout import Dropout
from automl.models._layers import activation, initialise
from automl.models._steps import StepLayer


class Attention(StepLayer):
    """Multi-head attention of all steps to all steps (Vaswani et al. 2017, section 3.2.2).

    There is no dropout of its weights: with it, torch leaves the kernel that never holds all of
    them. Queries, keys and values have no biases: that of the keys changes nothing, since each
    query adds the same to all of its scores.

    Parameters
    ----------
    width : int
        A multiple of `heads`.
    heads : int
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.project = nn.Linear(width, 3 * width, bias=False)
        self.join = nn.Linear(width, width)
        for part in self.project.weight.chunk(3):
            nn.init.xavier_uniform_(part)
        nn.init.xavier_uniform_(self.join.weight)
        nn.init.zeros_(self.join.bias)

    def forward(self, x: Tensor, present: Tensor | None = None) -> Tensor:
        """From ``(rows, steps, width)`` to the same shape."""
        parts = self.project(x).unflatten(2, (3, self.heads, -1))
        query, key, value = parts.permute(2, 0, 3, 1, 4).unbind(0)
        # Nothing is looked up behind the end of a row.
        mask = None if present is None else present.transpose(1, 2)[:, None]
        out = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        joined: Tensor = self.join(out.transpose(1, 2).flatten(2))
        return joined

    def extra_repr(self) -> str:
        """Return what ``print`` shows in the brackets."""
        return f"heads={self.heads}"


class Block(StepLayer):
    """Attention and a feed-forward layer, each beside a shortcut and with a norm before it.

    With the norm before (Xiong et al. 2020, figure 1b) gradients are even from the first step
    on, and training needs no warm-up. What each part adds is dropped as in Vaswani et al. 2017,
    section 5.4.

    Parameters
    ----------
    width, heads, hidden : int
        `hidden` units between the two products of the feed-forward layer.
    activation_name : str
    dropout : float
    scale : float
        Factor on the first weights of what is added to the shortcut: a deep sum would grow with its
        parts otherwise (Radford et al. 2019, section 2.3).
    """

    def __init__(
        self,
        width: int,
        heads: int,
        hidden: int,
        activation_name: str,
        dropout: float,
        scale: float,
    ) -> None:
        super().__init__()
        first, second = nn.Linear(width, hidden), nn.Linear(hidden, width)
        initialise(first, activation_name)
        nn.init.xavier_uniform_(second.weight)
        nn.init.zeros_(second.bias)
        self.attention_norm = nn.LayerNorm(width)
        self.attention = Attention(width, heads)
        self.forward_norm = nn.LayerNorm(width)
        self.forward_layers = nn.Sequential(first, activation(activation_name), second)
        self.dropout = Dropout(dropout) if dropout > 0 else nn.Identity()
        for last in (self.attention.join, second):
            last.weight.data.mul_(scale)

    def forward(self, x: Tensor, present: Tensor | None = None) -> Tensor:
        """From ``(rows, steps, width)`` to the same shape."""
        x = x + self.dropout(self.attention(self.attention_norm(x), present))
        out: Tensor = x + self.dropout(self.forward_layers(self.forward_norm(x)))
        return out


class Positions(nn.Module):
    """Adds to each step where it stands.

    Parameters
    ----------
    steps, width : int
    learned : bool
        Whether it is learned, or made of sines and cosines of wavelengths from 2 pi to
        10,000 * 2 pi (Vaswani et al. 2017, section 3.5). Learned ones begin as large as those
        are: with a mean square of 1/2.
    """

    def __init__(self, steps: int, width: int, *, learned: bool) -> None:
        super().__init__()
        self.learned = learned
        if learned:
            self.table = nn.Parameter(torch.empty(steps, width))
            nn.init.uniform_(self.table, -math.sqrt(1.5), math.sqrt(1.5))
        else:
            self.register_buffer("table", _waves(steps, width), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """From ``(rows, steps, width)`` to the same shape."""
        return x + self.table[: x.shape[1]]

    def extra_repr(self) -> str:
        """Shape and kind."""
        steps, width = self.table.shape
        return f"{steps}, {width}, learned={self.learned}"


def _waves(steps: int, width: int) -> Tensor:
    """Sines in even columns, cosines in odd ones."""
    places = torch.arange(width)
    rates = 10_000.0 ** (-2.0 * (places // 2) / width)
    angles = torch.arange(steps)[:, None] * rates
    return torch.where(places % 2 == 0, torch.sin(angles), torch.cos(angles))
