"""What is not trained is fitted once, and computed once: not in every epoch."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from automl.models._frozen import OnFrozen
from automl.training.loop import EVAL_ROWS
from automl.training.picture_batches import PictureBatches, in_memory

KEPT = 1 << 27
"""Most numbers of features that are kept, half a gigabyte; of more, each batch is computed when it
is its turn."""


def fit_frozen(
    network: nn.Module,
    X: Tensor | PictureBatches,
    valid_X: Tensor | PictureBatches,
    *,
    changing: bool,
) -> tuple[nn.Module, Tensor | PictureBatches, Tensor | PictureBatches]:
    """Fit a network's frozen part, and return what is to be trained, on which rows.

    Parameters
    ----------
    network : torch.nn.Module
    X, valid_X : Tensor or PictureBatches
        Training and validation rows.
    changing : bool
        Whether training rows change from epoch to epoch.

    Returns
    -------
    trained : torch.nn.Module
        The network, or its head alone.
    X, valid_X : Tensor or PictureBatches
        The rows, or their features.
    """
    if not isinstance(network, OnFrozen):
        return network, X, valid_X
    X, valid_X = in_memory(X), in_memory(valid_X)
    features = network.features
    with torch.no_grad():
        found = features.fit(X)
        width = features(X[:1]).shape[1]
        if changing or width * (len(X) + len(valid_X)) > KEPT:
            return network, X, valid_X
        if found is None:
            found = _compute(features, X)
        return network.head, found, _compute(features, valid_X)


def _compute(features: nn.Module, X: Tensor) -> Tensor:
    return torch.cat([features(part) for part in torch.split(X, EVAL_ROWS)])
