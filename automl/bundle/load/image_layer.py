"""Layers that read images: what baselines compute of them, in torch."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from automl.bundle.load.plain_layer import PlainLayer
from automl.errors import BundleError


class Shrink(PlainLayer):
    """An image by means of squares of pixels, as `automl.baselines._rows` reads it."""

    def read(self, options: Mapping[str, Any]) -> None:
        """Read the shape of the image, and the side of a square."""
        numbers = [*options["shape"], options["factor"]]
        whole = all(type(n) is int and 0 < n < 100_000 for n in numbers)
        if len(numbers) != 4 or not whole or numbers[3] > min(numbers[1:3]):
            raise BundleError(f"layers: an image must be larger than its squares: {numbers!r:.80}")
        *self.shape, self.factor = numbers

    def forward(self, x: Tensor) -> Tensor:
        channels, height, width = self.shape
        f = self.factor
        images = x.reshape(-1, channels, height, width)
        images = images[:, :, : height // f * f, : width // f * f]
        parts = images.reshape(-1, channels, height // f, f, width // f, f)
        return parts.mean((3, 5)).flatten(1)


class Gradients(PlainLayer):
    """Means of an image's cells, and beside them histograms of gradients in blocks of cells.

    As `automl.baselines._gradients` computes them.

    ``rows`` and ``columns`` say which pixels are in which cells, as 1 and 0; ``factors`` has a
    number by which either part is multiplied.
    """

    floats = ("rows", "columns", "factors")

    def read(self, options: Mapping[str, Any]) -> None:
        """Read the number of directions, and of channels."""
        numbers = [options["directions"], options["channels"]]
        if not all(type(n) is int and 0 < n < 1000 for n in numbers):
            raise BundleError(f"layers: directions and channels must be positive: {numbers}")
        self.directions, self.channels = numbers
        self.height, self.width = self.at("rows").shape[1], self.at("columns").shape[1]

    def forward(self, x: Tensor) -> Tensor:
        # In single precision, as the norms were measured.
        images = x.to(torch.float32).reshape(-1, self.channels, self.height, self.width)
        means = self._sums(images) / self._sums(torch.ones_like(images[:1]))
        down, across = _slope(images, 2), _slope(images, 3)
        strength = torch.sqrt(down * down + across * across)
        strongest = strength.argmax(1, keepdim=True)
        down, across, strength = (
            part.gather(1, strongest)[:, 0] for part in (down, across, strength)
        )
        turned = torch.atan2(down, across) / math.pi
        place = (turned - torch.floor(turned)) * self.directions
        lower = torch.floor(place)
        upper, part = lower + 1, place - lower
        maps = [
            strength
            * ((lower % self.directions == i) * (1 - part) + (upper % self.directions == i) * part)
            for i in range(self.directions)
        ]
        blocks = _in_blocks(self._sums(torch.stack(maps, dim=1)))
        first, second = self.at("factors")
        return torch.cat([means.flatten(1) * first, blocks.flatten(1) * second], dim=1).to(x.dtype)

    def _sums(self, maps: Tensor) -> Tensor:
        """Sum maps ``(batch, channels, height, width)`` over cells."""
        rows, columns = (self.at(name).to(torch.float32) for name in ("rows", "columns"))
        return rows @ maps @ columns.T


def _slope(images: Tensor, dim: int) -> Tensor:
    """Differences between the two neighbours of each pixel, halved; at the edges, to the next."""
    size = images.shape[dim]
    first = images.narrow(dim, 1, 1) - images.narrow(dim, 0, 1)
    last = images.narrow(dim, size - 1, 1) - images.narrow(dim, size - 2, 1)
    inner = (images.narrow(dim, 2, size - 2) - images.narrow(dim, 0, size - 2)) / 2
    return torch.cat([first, inner, last], dim=dim)


def _in_blocks(cells: Tensor) -> Tensor:
    """Normalise the histograms of each 2 by 2 cells together, clipped as in the original."""
    height, width = cells.shape[2:]
    if min(height, width) < 2:
        return cells
    corners = [
        cells[:, :, i : height - 1 + i, j : width - 1 + j] for i in range(2) for j in range(2)
    ]
    blocks = torch.cat(corners, dim=1)
    for most in (0.2, 1.0):
        norm = torch.sqrt((blocks * blocks).sum(1, keepdim=True)) + 1e-6
        blocks = (blocks / norm).clamp(max=most)
    return blocks
