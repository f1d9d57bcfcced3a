"""Random convolution features of a series.

A series is convolved with the 84 kernels of MiniRocket (Dempster et al. 2021, arXiv 2012.08791):
nine weights, three of them 2 and six -1, at many dilations. A feature is how much of a series lies
above a bias, and the biases are quantiles of convolved training rows. Further numbers of each bias,
and the series' differences, follow MultiRocket (Tan et al. 2022, arXiv 2102.00457).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from automl.models._frozen import Frozen

LENGTH = 9
"""Weights of a kernel."""

KERNELS = 84
"""Ways to choose three weights of nine."""

GOLDEN = (math.sqrt(5) + 1) / 2
"""Its multiples, taken modulo 1, are spread evenly however many there are."""

FIT_ROWS = 32
"""Rows whose quantiles are biases."""

PLACES = 128
"""Steps of a convolved row whose quantiles are biases; to sort all of a long row takes longer than
to convolve it."""

SCALE_ROWS = 1_000
"""Rows whose features give the mean and the deviation of each."""

AT_ONCE = 1 << 20
"""Numbers of a map, biases times steps times rows, which shall stay in the cache of a core: maps
of some millions took twice to eight times as long."""


class Convolved(nn.Module):
    """Series convolved at one dilation, and what is pooled of them for each bias.

    Parameters
    ----------
    steps : int
        Most steps of a row.
    size : int
        Features of a step. Each kernel reads the sum of a random few of them.
    dilation, biases : int
    pooling : {"share", "three"}
    """

    biases: Tensor
    weights: Tensor

    def __init__(self, steps: int, size: int, dilation: int, biases: int, pooling: str) -> None:
        super().__init__()
        self.steps = steps
        self.dilation = dilation
        self.pooling = pooling
        # Convolved noise of deviation 1 has a deviation of 18 ** 0.5.
        self.register_buffer("biases", torch.rand(KERNELS, biases) * 8 - 4)
        self.register_buffer("weights", _chosen(size) * _kernels()[:, None])

    def convolve(self, x: Tensor) -> Tensor:
        """From ``(rows, size, steps)`` to ``(rows, 84, steps)``, as if 0 stood beyond the ends."""
        steps, reach = x.shape[2], LENGTH // 2 * self.dilation
        if torch.compiler.is_exporting():  # a tenth of the nodes, which take long to export
            return functional.conv1d(x, self.weights, padding=reach, dilation=self.dilation)
        # As one product of matrices: for a single channel torch's convolution takes four times as
        # long.
        padded = functional.pad(x, (reach, reach))
        starts = range(0, 2 * reach + 1, self.dilation)
        shifted = torch.stack([padded[:, :, i : i + steps] for i in starts], dim=2)
        return torch.matmul(self.weights.flatten(1), shifted.flatten(1, 2))

    @torch.no_grad()
    def fit(self, x: Tensor, present: Tensor | None, levels: Tensor) -> None:
        """Take as biases these quantiles, ``(84, biases)``, each kernel's of one row's steps."""
        out = self.convolve(x)
        ends = x.new_full((len(x),), x.shape[2]) if present is None else present.sum((1, 2))
        rows = torch.randint(len(x), (KERNELS, 1)).to(x.device)
        places = (torch.rand(KERNELS, PLACES).to(x) * ends[rows]).long()
        found = out[rows, torch.arange(KERNELS, device=x.device)[:, None], places].sort(1).values
        lower = (levels.to(x) * (PLACES - 1)).long()
        middle = (found.gather(1, lower) + found.gather(1, lower + 1)) / 2
        # Between two values, and a little above where they are one, as in a flat stretch: whether
        # a step lies above must not depend on how its last digit was rounded.
        self.biases.copy_(middle + 1e-4 * found.std(1, keepdim=True) + 1e-5)

    def forward(self, x: Tensor, present: Tensor | None) -> Tensor:
        """From ``(rows, size, steps)`` to ``(rows, features)``."""
        out, steps = self.convolve(x), x.shape[2]
        ends = steps if present is None else present.sum(2)
        reading = x.new_ones(steps, 1)
        if self.pooling == "three":
            place = torch.arange(steps, device=x.device) * (2 / self.steps) - 1
            reading = torch.cat([reading, place[:, None].to(x)], dim=1)
        above = out[:, :, None] - self.biases[:, :, None]
        if present is not None:
            above = above * present[:, :, None]
        # To count what is positive, a comparison takes four times as long.
        pooled = torch.matmul(torch.sign(above), reading)
        if self.pooling == "three":
            pooled = torch.cat([pooled, torch.relu(above).sum(3, keepdim=True)], dim=3)
        return pooled.flatten(1) / ends


class RandomConvolutions(Frozen):
    """Features of series: convolutions at several dilations, pooled and standardised.

    Parameters
    ----------
    layers : torch.nn.Module
        What turns rows into ``(rows, steps, features)``, but for a mask.
    steps, size : int
        Most steps of a row, and features of a step.
    dilations : mapping of int to int
        Biases of each kernel at each dilation.
    pooling : {"share", "three"}
    differences : bool
        Whether the differences between steps are convolved as well.
    masked : bool
        As in `Inputs`.
    width : int
        Number of features.
    """

    mean: Tensor
    scale: Tensor

    def __init__(
        self,
        layers: nn.Module,
        steps: int,
        size: int,
        dilations: dict[int, int],
        *,
        pooling: str,
        differences: bool,
        masked: bool,
        width: int,
    ) -> None:
        super().__init__()
        self.layers = layers
        self.masked = masked
        self.parts = nn.ModuleList(
            Convolved(steps, size, d, n, pooling)
            for _ in range(1 + differences)
            for d, n in dilations.items()
        )
        self.differences = differences
        self._largest = KERNELS * max(dilations.values())
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("scale", torch.full((width,), width**-0.5))

    @torch.no_grad()
    def fit(self, X: Tensor) -> Tensor | None:
        """Take biases, means and deviations from training rows."""
        some = X[torch.randperm(len(X))[:FIT_ROWS].to(X.device)]
        seen = 0
        for part, (x, present) in self._with_series(some):
            count = part.biases.numel()
            levels = torch.arange(seen + 1, seen + count + 1, dtype=torch.float64) * GOLDEN % 1
            part.fit(x, present, levels.view_as(part.biases).float())
            seen += count
        few = len(X) <= SCALE_ROWS
        found = self.compute(X if few else X[torch.randperm(len(X))[:SCALE_ROWS].to(X.device)])
        deviation = found.std(0, correction=0)
        self.mean.copy_(found.mean(0))
        # Scaled so that a row's squares sum up to 1 on average, whatever the number of features.
        useful = deviation > 1e-6
        self.scale.copy_(torch.where(useful, len(deviation) ** -0.5 / deviation, 0.0))
        return (found - self.mean) * self.scale if few else None

    def compute(self, X: Tensor) -> Tensor:
        """Compute features that are not standardised, a few rows at a time."""
        rows = max(1, AT_ONCE // (self._largest * X.shape[1]))
        return torch.cat([self._features(part) for part in torch.split(X, rows)])

    def forward(self, X: Tensor) -> Tensor:
        """From rows to ``(rows, features)``."""
        found = self._features(X) if torch.compiler.is_exporting() else self.compute(X)
        return (found - self.mean) * self.scale

    def _features(self, X: Tensor) -> Tensor:
        return torch.cat([part(x, p) for part, (x, p) in self._with_series(X)], dim=1)

    def _with_series(self, X: Tensor) -> Iterator[tuple[Any, tuple[Tensor, Tensor | None]]]:
        """Yield each part, with what it reads: ``(rows, size, steps)``, and which steps exist."""
        present = None
        if self.masked:
            present, X = X[:, None, :, -1], X[:, :, :-1]
        x = self.layers(X).transpose(1, 2)
        if present is not None:
            x = x * present
        series = [x]
        if self.differences:
            change = functional.pad(x[:, :, 1:] - x[:, :, :-1], (1, 0))
            series.append(change if present is None else change * present)
        each = len(self.parts) // len(series)
        for i, part in enumerate(self.parts):
            yield part, (series[i // each], present)


def _kernels() -> Tensor:
    """Return the kernels, ``(84, 9)``, each of sum 0."""
    weights = torch.full((KERNELS, LENGTH), -1.0)
    for kernel, three in zip(weights, combinations(range(LENGTH), 3), strict=True):
        kernel[list(three)] = 2.0
    return weights


def _chosen(size: int) -> Tensor:
    """Draw which features of a step each kernel reads: ``(84, 1, size)`` of 1 and 0.

    As many as 2 ** u with u uniform, at most 9, as in MiniRocket.
    """
    most = min(size, LENGTH)
    counts = torch.exp2(torch.rand(KERNELS, 1) * math.log2(most + 1)).long().clamp(max=size)
    places = torch.rand(KERNELS, size).argsort(1).argsort(1)
    return (places < counts).float()[:, :, None]
