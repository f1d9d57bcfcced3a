"""Parts of convolutional networks that torch has no layer for."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional


class Residual(nn.Module):
    """A branch beside a shortcut (He et al. 2016, equation 1).

    Parameters
    ----------
    branch, shortcut : torch.nn.Sequential
        Layers that map one input to one shape; an empty `shortcut` hands it on as it is.
    """

    def __init__(self, branch: nn.Sequential, shortcut: nn.Sequential) -> None:
        super().__init__()
        self.branch = branch
        self.shortcut = shortcut

    def forward(self, x: Tensor) -> Tensor:
        """Any shape that both take."""
        out: Tensor = self.branch(x) + self.shortcut(x)
        return out


class Pointwise2d(nn.Conv2d):
    """A convolution of single positions that steps: it takes the positions first.

    torch 2.13 on a CPU writes past the end of its memory in the gradient of such a step over two
    to fifteen channels that lie side by side: with pictures of 64 pixels in colour, a process
    crashed within its first steps.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return what a convolution with this stride gives."""
        down, across = self.stride
        return functional.conv2d(x[:, :, ::down, ::across], self.weight, self.bias)


class Transposed(nn.Module):
    """Steps of features, as features of steps."""

    def forward(self, x: Tensor) -> Tensor:
        """From ``(rows, steps, features)`` to ``(rows, features, steps)``."""
        return x.transpose(1, 2)
