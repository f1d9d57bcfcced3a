"""`TrainJob` and `PredictJob`: what the parent sends to a worker, without importing torch."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from automl.data.preprocess.prepared import PreparedData
from automl.data.preprocess.variants import DEFAULT, Variant
from automl.training.recipe import Recipe
from automl.trial import Candidate, EpochResult, Glimpse, Stop, TrialResult


def variant_of(params: Mapping[str, Any]) -> Variant:
    """How data is prepared for a candidate with these parameters."""
    return Variant(Recipe.parse(params).preprocessing)


@dataclass(frozen=True, slots=True)
class TrainJob:
    """Train one candidate.

    Attributes
    ----------
    candidate : Candidate
    metric : str
        Judges the epochs, on the validation split.
    patience : int
        Epochs without progress before training stops early.
    weights : str or None
        Where the best epoch's weights go, as safetensors.
    device : {"auto", "cpu", "cuda", "mps"}
    min_delta : float
        Progress smaller than this share does not count.
    precision : {"auto", "float32", "bfloat16"}
        Of the products in training; see `automl.training.precision`.
    rows : int or None
        Train on as many rows only, drawn with the candidate's seed.
    fold : int
        Which split into training and validation rows, counted from 0.
    folds : int
        Train on as many splits, from `fold` on, one after the other; see
        `automl.training.cross_validate.cross_validate`.
    epochs : int or None
        Train for as many and keep the last one's weights, instead of stopping early. The learning
        rate is scheduled for `Candidate.max_epochs` all the same.
    glimpse : bool
        Whether the first epoch is interrupted for a `automl.trial.Glimpse`.
    """

    candidate: Candidate
    metric: str
    patience: int
    weights: str | None = None
    device: str = "cpu"
    min_delta: float = 1e-4
    precision: str = "auto"
    rows: int | None = None
    fold: int = 0
    folds: int = 1
    epochs: int | None = None
    glimpse: bool = False

    @property
    def variant(self) -> Variant:
        """Which data the executor hands to `run`."""
        return replace(variant_of(self.candidate.params), fold=self.fold, folds=self.folds)

    def run(
        self, data: PreparedData, should_stop: Callable[[], Stop | None]
    ) -> Generator[EpochResult | Glimpse, None, TrialResult]:
        """Called by an executor, in a worker; see `automl.training.train.train`."""
        if self.folds > 1:
            from automl.training.cross_validate import cross_validate

            return cross_validate(self, data, should_stop)
        from automl.training.train import train

        return train(self, data, should_stop)


@dataclass(frozen=True, slots=True)
class PredictJob:
    """Predict validation and test rows with trained weights.

    Attributes
    ----------
    params : mapping of str to scalar
        Of the trial that the weights belong to.
    weights : str
        Path of the safetensors file.
    predictions : str
        Where the predictions go, as NPZ: ``valid`` and ``test``, class probabilities of shape
        ``(rows, classes)`` or numbers of shape ``(rows,)`` in the target's own units.
    device : {"auto", "cpu", "cuda", "mps"}
    fold : int
        Of the data that the weights were trained on.
    """

    params: Mapping[str, Any]
    weights: str
    predictions: str
    device: str = "cpu"
    fold: int = 0

    @property
    def variant(self) -> Variant:
        """Which data the executor hands to `run`."""
        return replace(variant_of(self.params), fold=self.fold)

    def run(
        self, data: PreparedData, should_stop: Callable[[], Stop | None]
    ) -> Generator[None, None, float]:
        """Returns the seconds that predicting a thousand rows takes."""
        from automl.training.predict import predict_splits

        return predict_splits(self, data)


@dataclass(frozen=True, slots=True)
class DeviceJob:
    """Look whether a device is there. It needs no data.

    Attributes
    ----------
    device : str
    """

    device: str

    @property
    def variant(self) -> Variant:
        """The plain one."""
        return DEFAULT

    def run(
        self, data: object, should_stop: Callable[[], Stop | None]
    ) -> Generator[None, None, None]:
        """Raises `ConfigError` when it is not."""
        from automl.training.device import pick_device

        yield from ()
        pick_device(self.device)
