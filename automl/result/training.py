"""`TrainResult`: what a single training gives."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from automl.locations import best_bundle
from automl.result.parts import Scalar, Score
from automl.trial import EpochResult


@dataclass(frozen=True, slots=True)
class TrainResult:
    """What became of one configuration that was trained without a search.

    Attributes
    ----------
    study, folder : str
        Where the model is: ``automl.load_model(result.study)``.
    status : {"finished", "interrupted"}
    configuration, dataset, metric : str
    params : dict of str to scalar
    rows : dict of str to int
        Rows of ``train``, ``valid`` (0 when those were trained on too) and ``test``.
    max_epochs : int
    history : tuple of EpochResult
        Without validation rows, `valid_loss` and `valid_score` are those of rows it has seen.
    kept_epoch : int
        Epoch whose weights the model has, counted from 1.
    valid_score : float or None
        Score of that epoch; None without validation rows.
    test : Score
    n_weights : int
    seconds : float
        Duration of the training.
    """

    study: str
    folder: str
    status: Literal["finished", "interrupted"]
    configuration: str
    dataset: str
    metric: str
    params: dict[str, Scalar]
    rows: dict[str, int]
    max_epochs: int
    history: tuple[EpochResult, ...]
    kept_epoch: int
    valid_score: float | None
    test: Score
    n_weights: int
    seconds: float

    @property
    def model(self) -> str:
        """Path of the saved model."""
        return str(best_bundle(Path(self.folder)))
