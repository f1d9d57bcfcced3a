"""The jobs of training, as plain data: the parent makes them without importing torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from automl.data.preprocess.variants import DEFAULT, Variant
from automl.job import Job
from automl.training.recipe import Recipe
from automl.trial import (
    Candidate,
    EpochResult,
    FoldResult,
    Glimpse,
    TrialResult,
    TrialStatus,
)


def variant_of(params: Mapping[str, Any]) -> Variant:
    """Return how data is prepared for a candidate with these parameters."""
    return Variant(Recipe.parse(params).preprocessing)


@dataclass(frozen=True, slots=True)
class TrainJob(Job):
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
    device : str
        One of `automl.option_types.DEVICES`, or another GPU.
    min_delta : float
        Progress smaller than this share does not count.
    precision : {"auto", "float32", "bfloat16"}
        Precision of the products in training; see `automl.training.hardware.use_bfloat16`.
    rows : int or None
        Train on as many rows only, drawn with the candidate's seed.
    fold : int
        Which split into training and validation rows, counted from 0.
    folds : int
        Train on as many splits, from `fold` on; see
        `automl.training.cross_validate.cross_validate`.
    together : tuple of int
        How many folds may train as a group, which is quicker: first so many, then so many. When it
        is empty, all may. A fold after which the candidate may be dropped ends a group.
    epochs : int or None
        Train for as many and keep the last one's weights, instead of stopping early. The learning
        rate is scheduled for `Candidate.max_epochs` all the same.
    glimpse : bool
        Whether the first epoch is interrupted for a `automl.trial.Glimpse`.
    stop_after : int or None
        Stop by itself after as many epochs, folds or glimpses: a pruned trial that is trained
        again was stopped from outside, at a moment that no seed decides.
    fold_weights : tuple of str
        Where the weights of every fold go; when it is empty, `weights` gets those of the first.
    max_size : int or None
        Bytes that the weights of the network may take; one that needs more fails untrained.
    memory : int or None
        Bytes of a GPU's memory that the training may take.
    """

    runs: ClassVar[str] = "automl.training.entry:train"
    outputs: ClassVar[tuple[str, ...]] = ("weights", "fold_weights")
    says: ClassVar[tuple[type, ...]] = (
        *(EpochResult, FoldResult, Glimpse),
        *(TrialResult, TrialStatus),
    )

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
    together: tuple[int, ...] = ()
    epochs: int | None = None
    glimpse: bool = False
    stop_after: int | None = None
    fold_weights: tuple[str, ...] = ()
    max_size: int | None = None
    memory: int | None = None

    @property
    def variant(self) -> Variant:
        """Return which form of the data the candidate asks for."""
        return replace(variant_of(self.candidate.params), fold=self.fold, folds=self.folds)


@dataclass(frozen=True, slots=True)
class PredictJob(Job):
    """Predict validation and test rows with trained weights.

    Attributes
    ----------
    params : mapping of str to scalar
        Parameters of the trial that the weights belong to.
    weights : str
        Path of the safetensors file.
    predictions : str
        Where the predictions go, as NPZ: ``valid`` and ``test``, class probabilities of shape
        ``(rows, classes)`` or numbers of shape ``(rows,)`` in the target's own units.
    device : {"auto", "cpu", "cuda", "mps"}
    fold : int
        Fold of the data that the weights were trained on.
    """

    runs: ClassVar[str] = "automl.training.entry:predict"
    inputs: ClassVar[tuple[str, ...]] = ("weights",)
    outputs: ClassVar[tuple[str, ...]] = ("predictions",)

    params: Mapping[str, Any]
    weights: str
    predictions: str
    device: str = "cpu"
    fold: int = 0

    @property
    def variant(self) -> Variant:
        """Return which form of the data the candidate asks for."""
        return replace(variant_of(self.params), fold=self.fold)


@dataclass(frozen=True, slots=True)
class DeviceJob(Job):
    """Look whether a device is there. It needs no data.

    Attributes
    ----------
    device : str
    """

    runs: ClassVar[str] = "automl.training.entry:check_device"

    device: str

    @property
    def variant(self) -> Variant:
        """Return the plain one."""
        return DEFAULT
