"""Augmentation: every batch of images moved, turned, scaled, mirrored, covered or coloured.

Called by the loop between taking a batch and the gradients, and nowhere else: validation,
prediction and the final score see images as they are. A whole batch is one sampling with one
matrix an image, and one mask: 0.5 ms for 128 images of 28 x 28 on one thread. To take the nearest
pixel instead of interpolating would save 0.1 ms of it, and move by whole pixels only.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from automl.errors import ConfigError
from automl.task import Inputs
from automl.training.picture_batches import PictureBatches
from automl.training.recipe import AugmentationSettings

BORDER_ROWS = 1_000
"""Images whose borders say what the background is."""

STORED_BORDERS = 200
"""The same for pictures of a file, which are large: 61 MB of those of 160 pixels in colour."""

_DRAWS = 7
"""Random numbers an image, whatever is switched on."""


class Augmentation:
    """Draws and applies what is done to each image of a batch.

    Parameters
    ----------
    settings : AugmentationSettings
    X : float32 tensor of shape (rows, channels, height, width)
        Training images, as the network sees them.
    seed : int
        Seed of the candidate; the draws have a generator of their own, so that batches are the same
        with and without augmentation.
    """

    def __init__(self, settings: AugmentationSettings, X: Tensor, seed: int) -> None:
        self._settings = settings
        height, width = X.shape[-2:]
        self._background = background(X)
        own = np.random.SeedSequence((seed, 1)).generate_state(1, np.uint64).item()
        self._generator = torch.Generator().manual_seed(own >> 1)
        self._x, self._y = (_centres(side, X.device) for side in (width, height))
        self._ratio = height / width

    def __call__(self, X: Tensor) -> Tensor:
        """Change images ``(rows, channels, height, width)``, in a tensor of their own."""
        s = self._settings
        draws = torch.rand(_DRAWS, len(X), generator=self._generator).to(X.device) * 2 - 1
        if s.colour:
            # Drawn by itself: without it, the numbers are those of before there was a choice.
            X = self._coloured(X, torch.rand(3, len(X), generator=self._generator).to(X.device))
        # Outside of an image the sampling finds zeros, so background is 0 meanwhile.
        X = X - self._background
        if s.shift or s.rotation or s.scaling or s.flip != "none":
            X = functional.grid_sample(X, self._grid(draws[:5]), align_corners=False)
        if s.cutout:
            X *= self._kept(draws[5:])
        return X.add_(self._background)

    def _coloured(self, X: Tensor, draws: Tensor) -> Tensor:
        """Change each image's brightness, contrast and saturation."""
        shift, contrast, saturation = (draws * 2 - 1)[:, :, None, None, None]
        strength = math.log1p(self._settings.colour)
        mean, saturated = X.mean((1, 2, 3), keepdim=True), torch.exp(saturation * strength)
        contrasted = torch.exp(contrast * strength)
        # All of it is linear in the pixel and in its grey: one pass over the picture, not six.
        out = X * (contrasted * saturated if X.shape[1] > 1 else contrasted)
        out += mean * (1 - contrasted) + shift * self._settings.colour
        if X.shape[1] > 1:
            out += X.mean(1, keepdim=True) * (contrasted * (1 - saturated))
        return out

    def _grid(self, draws: Tensor) -> Tensor:
        """Return where in its image each pixel comes from: ``(rows, height, width, 2)`` in [-1, 1].

        ``x' = (x cos - y sin) / scale + shift`` around the centre, in pixels; written out, because
        `affine_grid` takes longer than the sampling.
        """
        s = self._settings
        angle = draws[2] * math.radians(s.rotation)
        scale = torch.exp(draws[3] * math.log1p(s.scaling))
        cos, sin = torch.cos(angle) / scale, torch.sin(angle) / scale
        mirror = torch.where(draws[4] < 0, -1.0, 1.0) if s.flip == "horizontal" else 1.0
        across = torch.stack([mirror * cos, sin / self._ratio], 1)
        down = torch.stack([-mirror * sin * self._ratio, cos], 1)
        shift = 2 * s.shift * draws[:2].T  # an image is 2 wide
        columns = across[:, :, None] * self._x
        rows = down[:, :, None] * self._y + shift[:, :, None]
        # Added in planes: with the coordinates innermost the sum takes three times as long.
        return (columns[:, :, None] + rows[:, :, :, None]).permute(0, 2, 3, 1)

    def _kept(self, draws: Tensor) -> Tensor:
        """0 in a square around a random pixel, 1 elsewhere: ``(rows, 1, height, width)``.

        The square may lie partly outside (DeVries and Taylor 2017, arXiv 1708.04552).
        """
        half = self._settings.cutout  # of the shorter side, in halves of each
        height, width = min(1.0, 1 / self._ratio) * half, min(1.0, self._ratio) * half
        covered = [
            ((centres - centre[:, None]).abs() < part).to(centres.dtype)
            for centres, centre, part in (
                (self._y, draws[0], height),
                (self._x, draws[1], width),
            )
        ]
        return (1 - covered[0][:, :, None] * covered[1][:, None, :])[:, None]


def make_augmentation(
    settings: AugmentationSettings, inputs: Inputs, X: Tensor | PictureBatches, seed: int
) -> Augmentation | None:
    """Make what augments the training rows `X`, or None when nothing is switched on.

    Raises
    ------
    ConfigError
        When something is, and the rows are no images.
    """
    if settings == AugmentationSettings():
        return None
    if inputs.kind != "image":
        raise ConfigError(f"augmentation: must be off for {inputs.kind} rows; it is for images")
    some = X.sample(STORED_BORDERS) if isinstance(X, PictureBatches) else X
    return Augmentation(settings, some, seed)


def background(X: Tensor) -> Tensor:
    """Return the median of each channel along the images' borders: ``(channels, 1, 1)``."""
    some = X[:BORDER_ROWS]
    edges = [some[:, :, 0], some[:, :, -1], some[:, :, :, 0], some[:, :, :, -1]]
    border = torch.cat(edges, 2).transpose(0, 1).flatten(1)
    return border.median(1).values[:, None, None]


def _centres(side: int, device: torch.device) -> Tensor:
    """Return the centres of the pixels of a side, from -1 to 1."""
    return (2 * torch.arange(side, device=device) + 1) / side - 1
