"""`PlainLayer`: what the layers of a chain share, that of `automl.bundle.load.layers`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from automl.errors import BundleError


class PlainLayer(nn.Module):
    """Has its arrays as parameters that are not trained.

    Attributes
    ----------
    floats, places : tuple of str
        Names of its arrays, of numbers and of places.
    """

    floats: tuple[str, ...] = ()
    places: tuple[str, ...] = ()

    def __init__(self, shapes: Mapping[str, Sequence[int]], options: Mapping[str, Any]) -> None:
        super().__init__()
        if shapes.keys() != {*self.floats, *self.places}:
            raise BundleError(f"layers: {type(self).__name__} has other arrays: {sorted(shapes)}")
        for name in shapes:
            dtype = torch.float64 if name in self.floats else torch.int64
            zeros = torch.zeros(tuple(shapes[name]), dtype=dtype)
            self.register_parameter(name, nn.Parameter(zeros, requires_grad=False))
        self.read(options)

    def read(self, options: Mapping[str, Any]) -> None:
        """Read what else there is; most layers know all from their shapes."""

    def at(self, name: str) -> Tensor:
        """Return an array."""
        return self.get_parameter(name)
