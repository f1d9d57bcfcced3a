"""How a family that reads step by step sees a row, whatever the row is.

A sequence is read step by step; an image row by row; a vector number by number. Importing it
costs nothing: torch is imported by whoever builds.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from automl.models._layers import embedded_width
from automl.task import Inputs

if TYPE_CHECKING:
    from torch import nn


def steps_and_features(inputs: Inputs) -> tuple[int, int]:
    """Return how a row is read: how many steps, and how many numbers a step has.

    The rows of an image are its steps, with the columns of all channels side by side. The mask
    of a sequence is none of its features.
    """
    if inputs.kind == "image":
        channels, height, width = inputs.shape
        return height, channels * width
    if len(inputs.shape) > 1:
        return inputs.shape[0], math.prod(inputs.shape[1:]) - inputs.masked
    return embedded_width(inputs), 1


def as_steps(inputs: Inputs) -> Iterator[nn.Module]:
    """Layers that turn rows into ``(rows, steps, features)``; see `steps_and_features`.

    A mask stays where it is: `automl.models._steps.Masked` takes it off.
    """
    from torch import nn

    from automl.models._embedding import Embedded
    from automl.models._steps import ImageRows

    if inputs.kind == "image":
        yield ImageRows()
    elif len(inputs.shape) == 1:
        if inputs.categories:
            yield Embedded(inputs)
        yield nn.Unflatten(1, (embedded_width(inputs), 1))
