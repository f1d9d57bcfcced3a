"""What families share: activations, first weights, and the count of what a layer costs.

Importing it costs nothing: torch is imported by whoever builds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from automl.models import Cost
from automl.task import Inputs

if TYPE_CHECKING:
    from torch import nn

ACTIVATIONS = {
    "relu": "ReLU",
    "leaky_relu": "LeakyReLU",
    "tanh": "Tanh",
    "sigmoid": "Sigmoid",
    "gelu": "GELU",
    "silu": "SiLU",
}
"""Name in a space -> class in `torch.nn`."""

SATURATING = ("tanh", "sigmoid")
"""Activations for which Glorot and Bengio's initialisation (2010, eq. 16) keeps the variance;
the others take He et al.'s (2015, eq. 10)."""


def activation(name: str) -> nn.Module:
    """Return the activation of that name."""
    from torch import nn

    layer: nn.Module = getattr(nn, ACTIVATIONS[name])()
    return layer


def initialise(layer: nn.Linear | nn.Conv1d | nn.Conv2d, activation: str) -> None:
    """Draw a layer's first weights for the activation that follows it; its bias begins at 0."""
    from torch import nn

    if activation in SATURATING:
        nn.init.xavier_uniform_(layer.weight)
    else:
        nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu")
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)


def linear_cost(size: int, width: int, *, bias: bool = True, times: int = 1) -> Cost:
    """Return the cost of a product with a matrix, done `times` times for a row."""
    return Cost(size * width + (width if bias else 0), 2 * size * width * times)


def embedding_width(codes: int) -> int:
    """Numbers that a code becomes: half as many as there are codes, at most 50.

    The rule of thumb of Howard and Gugger's fast.ai (2018), whose tables it was found on.
    """
    return min(50, (codes + 1) // 2)


def embedded_width(inputs: Inputs) -> int:
    """Numbers of a flat row once its codes have become vectors."""
    numbers = inputs.n_features - len(inputs.categories)
    return numbers + sum(map(embedding_width, inputs.categories))


def embedding_cost(inputs: Inputs) -> Cost:
    """Return the cost of the tables of all codes; looking a vector up is no arithmetic."""
    return Cost(sum(codes * embedding_width(codes) for codes in inputs.categories), 0)
