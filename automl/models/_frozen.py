"""Networks whose first part is not trained: it is fitted once, and computed once a training."""

from __future__ import annotations

from abc import abstractmethod

from torch import Tensor, nn


class Frozen(nn.Module):
    """A first part without weights to train, from rows to features.

    All that it knows is in its buffers, so that it is saved and loaded with the weights. It works
    before `fit` as well, if less well.
    """

    @abstractmethod
    def fit(self, X: Tensor) -> Tensor | None:
        """Take what it needs from training rows; chance comes from torch's global generator.

        Returns
        -------
        Tensor or None
            Features of these rows, where they had to be computed for it.
        """

    @abstractmethod
    def forward(self, X: Tensor) -> Tensor:
        """From rows to ``(rows, features)``."""


class OnFrozen(nn.Module):
    """A head that is trained, on features that are not.

    Who trains may compute the features of all rows beforehand, and train the head alone.

    Parameters
    ----------
    features : Frozen
    head : torch.nn.Module
    """

    def __init__(self, features: Frozen, head: nn.Module) -> None:
        super().__init__()
        self.features = features
        self.head = head

    def forward(self, X: Tensor) -> Tensor:
        """From rows to outputs."""
        out: Tensor = self.head(self.features(X))
        return out
