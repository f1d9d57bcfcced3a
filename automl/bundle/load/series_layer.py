"""Features of series, as `automl.baselines._series_features` computes them, in torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from automl.bundle.load.plain_layer import PlainLayer
from automl.errors import BundleError

AT_ONCE = 1 << 22
"""Numbers of a convolved map that are in memory at once."""


class Convolutions(PlainLayer):
    """The numbers of a row, and the share of steps at which convolutions of it are above biases.

    ``weights`` has a row a kernel, with what it takes of all features of a step for each of its
    taps; ``biases`` has the shape (dilations, kernels, biases). The features have ``shift`` taken
    off, and are multiplied by ``factor``; so is the row by ``row``.
    """

    floats = ("weights", "biases", "shift", "factor", "row")

    def read(self, options: Mapping[str, Any]) -> None:
        """Read the dilations, and the steps and features of a row."""
        self.dilations, shape = list(options["dilations"]), [options["steps"], options["size"]]
        numbers = [*self.dilations, *shape]
        if not all(type(n) is int and 0 < n < 1 << 24 for n in numbers):
            raise BundleError(f"layers: dilations and steps must be positive, but got {numbers}")
        self.steps, self.size = shape
        if len(self.dilations) != self.at("biases").shape[0]:
            raise BundleError("layers: there must be biases for each dilation")
        self.taps = self.at("weights").shape[1] // self.size

    def forward(self, x: Tensor) -> Tensor:
        # In single precision, as the biases were found.
        series = x.to(torch.float32).reshape(-1, self.steps, self.size).transpose(1, 2)
        rows = max(1, AT_ONCE // (self.at("weights").shape[0] * self.steps))
        parts = [series] if torch.compiler.is_exporting() else torch.split(series, rows)
        found = torch.cat([self._features(part) for part in parts]).to(torch.float64)
        found = (found - self.at("shift")) * self.at("factor")
        return torch.cat([x * self.at("row"), found], dim=1)

    def _features(self, series: Tensor) -> Tensor:
        weights, biases = (self.at(name).to(torch.float32) for name in ("weights", "biases"))
        found = []
        for dilation, of in zip(self.dilations, biases, strict=True):
            reach = self.taps // 2 * dilation
            padded = functional.pad(series, (reach, reach))
            starts = [i * dilation for i in range(self.taps)]
            taps = torch.cat([padded[:, :, i : i + self.steps] for i in starts], dim=1)
            out = torch.matmul(weights, taps)
            found += [(out > of[:, i, None]).to(out.dtype).mean(2) for i in range(of.shape[1])]
        return torch.cat(found, dim=1)
