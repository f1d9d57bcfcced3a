"""The plain messages of a search: what is asked of a worker and what comes back.

All are frozen, slotted and picklable, and hold no tensors.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from automl.json_form import to_plain

DrawnBy = Literal["start", "history", "random", "model", ""]


class TrialStatus(enum.Enum):
    """How a trial ended."""

    COMPLETE = "complete"
    PRUNED = "pruned"
    FAILED = "failed"


class Stop(enum.Enum):
    """Why a worker is told to stop."""

    PRUNE = 1
    """The candidate is losing; drop it."""
    FINISH = 2
    """Time is up; keep the best epoch so far."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Sampled parameters, not yet trained.

    Attributes
    ----------
    number : int
        The trial's number in its study.
    seed : int
        Decides every random choice of the training.
    params : mapping of str to scalar
        Flat, with dotted names as in the space: ``{"family": "mlp", "model.depth": 2, ...}``.
    max_epochs : int
        The full budget.
    """

    number: int
    seed: int
    params: Mapping[str, Any]
    max_epochs: int


@dataclass(frozen=True, slots=True)
class FoldResult:
    """What became of one fold of a cross-validation.

    Attributes
    ----------
    score : float
        Score of its best epoch, on its validation rows.
    best_epoch : int
        Counted from 1.
    """

    score: float
    best_epoch: int


@dataclass(frozen=True, slots=True)
class Glimpse:
    """A first look at a candidate, in the middle of its first epoch.

    Attributes
    ----------
    number : int
        The trial's number.
    score : float
        The task's metric on a part of the validation split.
    """

    number: int
    score: float


@dataclass(frozen=True, slots=True)
class EpochResult:
    """One finished epoch; in cross-validation one finished fold.

    A fold's losses and score are those of its best epoch, and means over the folds so far.

    Attributes
    ----------
    number : int
        The trial's number.
    epoch : int
        Counted from 1; the fold in cross-validation.
    train_loss, valid_loss : float
        Mean loss over the rows of the split, without penalties; in training with whatever weights
        and loss the recipe names, in validation without, so that trials can be compared.
    valid_score : float
        The task's metric on the validation split.
    seconds : float
        Training and validation of this epoch.
    samples_per_second : float
        Training rows a second of the training part.
    fold : FoldResult or None
        The fold by itself; None outside of cross-validation.
    """

    number: int
    epoch: int
    train_loss: float
    valid_loss: float
    valid_score: float
    seconds: float
    samples_per_second: float
    fold: FoldResult | None = None

    @property
    def unit(self) -> str:
        """``"epoch"`` or ``"fold"``."""
        return "epoch" if self.fold is None else "fold"


@dataclass(frozen=True, slots=True)
class TrialResult:
    """What became of a candidate.

    Attributes
    ----------
    number : int
        The trial's number.
    status : TrialStatus
        Complete: trained to its end or stopped early. Pruned: told to stop. Failed: see `error`.
    history : tuple of EpochResult
        Every finished epoch, in order.
    seconds : float
        Wall clock in the worker.
    best_epoch : int or None
        The epoch whose weights were kept, counted from 1; in cross-validation the last fold,
        whose score is that over all of them.
    weights : str or None
        Path of the safetensors file with the best epoch's weights.
    n_weights : int
        Number of trainable numbers in the network.
    error : str or None
        The reason of a failure, one line.
    glimpse : float or None
        The score of the `Glimpse` that there was.
    cut : bool
        Whether a training was told to finish before its end, as when time was up.
    device : str
        What it was trained on, such as ``"cpu"`` or ``"cuda:0"``.
    """

    number: int
    status: TrialStatus
    history: tuple[EpochResult, ...]
    seconds: float
    best_epoch: int | None = None
    weights: str | None = None
    n_weights: int = 0
    error: str | None = None
    glimpse: float | None = None
    cut: bool = False
    device: str = ""

    @property
    def valid_score(self) -> float | None:
        """The best epoch's; of a trial that was pruned before one finished, the glimpse's."""
        if self.best_epoch is None:
            return self.glimpse if self.status is TrialStatus.PRUNED else None
        return self.history[self.best_epoch - 1].valid_score


@dataclass(frozen=True, slots=True)
class TrialRecord:
    """A finished trial as the study remembers it.

    Attributes
    ----------
    number : int
    status : TrialStatus
    params : mapping of str to scalar
        Flat, fixed ones included.
    valid_score : float or None
        The best epoch's; when no epoch finished that of the glimpse, or None.
    history : tuple of EpochResult
    best_epoch : int or None
    seconds : float
        Duration in the worker.
    started, finished : float
        Seconds since the search's first trial began, as wall clock of the parent.
    worker : int
    n_weights : int
    error : str or None
        Why it failed.
    note : str or None
        What else is worth knowing, such as ``"same as trial 3"``.
    glimpse : float or None
    host : str
        Name of the machine that trained it; empty when it is not known.
    device : str
        What it was trained on there, such as ``"cpu"`` or ``"cuda:0"``.
    memory : int
        Resident bytes of its worker at the end; 0 when it is not known.
    drawn_by : {"start", "history", "random", "model", ""}
        Where the candidate came from: a start configuration, an earlier study, chance, or a
        sampler's model; empty when it is not known.
    """

    number: int
    status: TrialStatus
    params: Mapping[str, Any]
    valid_score: float | None = None
    history: tuple[EpochResult, ...] = ()
    best_epoch: int | None = None
    seconds: float = 0.0
    started: float = 0.0
    finished: float = 0.0
    worker: int = 0
    n_weights: int = 0
    error: str | None = None
    note: str | None = None
    glimpse: float | None = None
    host: str = ""
    device: str = ""
    memory: int = 0
    drawn_by: DrawnBy = ""

    @property
    def unit(self) -> str:
        """What its history counts: ``"epoch"`` or ``"fold"``."""
        return self.history[0].unit if self.history else "epoch"

    @property
    def only_glimpsed(self) -> bool:
        """Whether it ended between its glimpse and the end of its first epoch."""
        return self.glimpse is not None and not self.history

    @property
    def extent(self) -> str:
        """How far it came, in words."""
        if self.only_glimpsed:
            return "part of an epoch"
        count = len(self.history)
        return f"{count} {self.unit}{'' if count == 1 else 's'}"

    def to_json(self) -> dict[str, Any]:
        """Return the fields as plain types; see `automl.json_form.to_plain`."""
        plain: dict[str, Any] = to_plain(self)
        return plain
