"""Early stopping: when a training is over, and which epoch's weights remain."""

from __future__ import annotations

import math
from typing import Protocol

from automl.metrics import Metric
from automl.objective import Objective


class Stopping(Protocol):
    """Decides when a training is over, and which epoch's weights remain."""

    best_epoch: int | None

    def update(self, epoch: int, score: float, loss: float) -> bool:
        """Take an epoch in; true when its weights are to be kept."""
        ...

    def should_stop(self, epoch: int) -> bool:
        """Return whether the training is over after this epoch."""
        ...


class LastEpoch:
    """A number of epochs that was known beforehand; the last one's weights remain.

    Parameters
    ----------
    epochs : int
    """

    def __init__(self, epochs: int) -> None:
        self.epochs = epochs
        self.best_epoch: int | None = None

    def update(self, epoch: int, score: float, loss: float) -> bool:
        """Take an epoch in; true for the last one."""
        if epoch == self.epochs:
            self.best_epoch = epoch
        return epoch == self.epochs

    def should_stop(self, epoch: int) -> bool:
        """Return whether this was the last epoch."""
        return epoch >= self.epochs


class EarlyStopping:
    """Remembers the best epoch and says when to stop.

    Which epoch is the best is the `Objective`'s to say: that with the best validation score, and
    among equals the lowest validation loss.
    Training stops when for `patience` epochs in a row neither the score nor the loss has beaten
    its best by more than `min_delta`; the loss counts too because it still falls while an
    accuracy on few rows stands still.

    Parameters
    ----------
    metric : Metric
    patience : int
        Epochs.
    min_delta : float
        Share of the best value so far.
    """

    def __init__(self, metric: Metric, patience: int, min_delta: float = 1e-4) -> None:
        self._objective = Objective(metric)
        self.patience = patience
        self.min_delta = min_delta
        self.best_epoch: int | None = None
        self._best = (math.inf, math.inf)
        self._marks = [math.inf, math.inf]
        self._last_progress = 0

    def update(self, epoch: int, score: float, loss: float) -> bool:
        """Take an epoch in; true when it is the best so far."""
        values = self._objective.epoch_place(score, loss)
        for i, value in enumerate(values):
            if value < self._marks[i] - self.min_delta * abs(value):
                self._marks[i] = value
                self._last_progress = epoch
        if values < self._best:
            self._best = values
            self.best_epoch = epoch
            return True
        return False

    def should_stop(self, epoch: int) -> bool:
        """Return whether patience has run out after this epoch."""
        return epoch - self._last_progress >= self.patience
