"""`Chain`: a fitted model that is no network, as layers in a row with their numbers.

So a support vector machine or boosted trees lie in a bundle as networks do: names of layers in
``model.json``, numbers in a safetensors file, and nothing that could run code. The modules that
compute with them are in `automl.bundle.load.layers`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from automl.arrays import Array
from automl.files import replace_file

MAX_CLASSES = 500
"""Classes of which every pair votes; there are 124,750 pairs then."""


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """One step of a model.

    Attributes
    ----------
    kind : str
        Name in `automl.bundle.load.layers.KINDS`.
    arrays : mapping of str to array
        Its numbers: float64, or int64 for places.
    options : mapping
        What else it must know, as plain JSON.
    beside : tuple of Chain
        Chains that all get what comes in, and whose outputs lie side by side.
    """

    kind: str
    arrays: Mapping[str, Array] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    beside: tuple[Chain, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """Layers that are computed one after the other, in double precision.

    Attributes
    ----------
    layers : tuple of Layer
    """

    layers: tuple[Layer, ...]

    def then(self, *layers: Layer) -> Chain:
        """Return the chain with more layers at its end."""
        return Chain((*self.layers, *layers))

    def to_json(self) -> list[dict[str, Any]]:
        """Return the kind, the shapes and the options of every layer."""
        return [
            {
                "kind": layer.kind,
                "shapes": {name: list(array.shape) for name, array in layer.arrays.items()},
                "options": dict(layer.options),
                "beside": [chain.to_json() for chain in layer.beside],
            }
            for layer in self.layers
        ]

    def named_arrays(self, prefix: str = "") -> Iterator[tuple[str, Array]]:
        """Yield every array by the name that it has in the file."""
        for i, layer in enumerate(self.layers):
            for name, array in layer.arrays.items():
                yield f"{prefix}{i}.{name}", array
            for j, chain in enumerate(layer.beside):
                yield from chain.named_arrays(f"{prefix}{i}.beside.{j}.")

    def write(self, path: Path) -> None:
        """Write the arrays as safetensors, whole or not at all."""
        from safetensors.numpy import save_file

        arrays = {f"layers.{n}": np.ascontiguousarray(a) for n, a in self.named_arrays()}
        with replace_file(path) as partial:
            save_file(arrays, partial)
