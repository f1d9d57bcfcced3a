"""A recipe's network, built in a worker or when a saved model is loaded."""

from __future__ import annotations

from dataclasses import replace

from torch import nn

from automl.models._window import Relative
from automl.task import Inputs
from automl.training.recipe import Recipe, family_of


def build_network(recipe: Recipe, inputs: Inputs, n_outputs: int) -> nn.Module:
    """Build the recipe's network, with freshly drawn weights.

    Parameters
    ----------
    recipe : Recipe
    inputs : Inputs
        What a preprocessed row looks like.
    n_outputs : int
        Numbers that the network gives for a row; see `automl.task.Task.n_outputs`.
    """
    family = family_of(recipe)
    if inputs.window is None:
        return family.build(recipe.model, inputs, n_outputs)
    inner = replace(inputs, shape=(inputs.window.steps, inputs.shape[1]), window=None)
    network = family.build(recipe.model, inner, n_outputs)
    _silence(network)
    return Relative(network, inputs.window, n_outputs)


def _silence(network: nn.Module) -> None:
    """Let the output begin at 0, so that a forecast begins as the naive one that it is relative to.

    What stops early is then near to that, and not to what was drawn.
    """
    *_, output = (layer for layer in network.modules() if isinstance(layer, nn.Linear))
    nn.init.zeros_(output.weight)
    nn.init.zeros_(output.bias)
