"""Parts of convolutional networks that torch has no layer for."""

from __future__ import annotations

from torch import Tensor, nn


class Residual(nn.Module):
    """A branch beside a shortcut (He et al. 2016, equation 1).

    Parameters
    ----------
    branch, shortcut : torch.nn.Module
        Modules that map one input to one shape; an empty `shortcut` hands it on as it is.
    """

    def __init__(self, branch: nn.Module, shortcut: nn.Module) -> None:
        super().__init__()
        self.branch = branch
        self.shortcut = shortcut

    def forward(self, x: Tensor) -> Tensor:
        """Any shape that both take."""
        out: Tensor = self.branch(x) + self.shortcut(x)
        return out


class Transposed(nn.Module):
    """Steps of features, as features of steps."""

    def forward(self, x: Tensor) -> Tensor:
        """From ``(rows, steps, features)`` to ``(rows, features, steps)``."""
        return x.transpose(1, 2)
