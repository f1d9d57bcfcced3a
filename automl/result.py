"""`SearchResult`: what a search found; ``studies/<name>/result.json`` is its JSON.

``docs/result.md`` documents the fields. Reading the file back checks every one of them.
`TrainResult` is what a single training gives; it has no file of its own, because the bundle says it
all.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from automl.errors import StudyError
from automl.files import write_text
from automl.locations import best_bundle
from automl.trial import EpochResult

FORMAT = 1
"""Raised when a field changes its meaning or goes away; a new field does not raise it."""

Scalar = str | int | float | bool


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, ser_json_inf_nan="strings")


class Score(_Part):
    """A score on the test split with its 95 % interval."""

    score: float
    low: float
    high: float


class Seconds(_Part):
    """What a model cost, in seconds; `tune` is the search, `fit` the final training."""

    tune: float
    fit: float
    predict_1000: float


class TrialCounts(_Part):
    """How the trials ended."""

    complete: int
    pruned: int
    failed: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.complete + self.pruned + self.failed


class Calibration(_Part):
    """The temperature that a model's probabilities were softened with.

    The log losses are on validation rows that had no part in choosing a temperature.
    """

    temperature: float
    log_loss_before: float
    log_loss_after: float


class Best(_Part):
    """The winner.

    `valid_score` is the mean over its finalist runs, or the trial's own score where it had none.
    `trial_score` is what the trial reached in the search, which selection makes look better.
    `test` is the score of this one network, also where an ensemble was handed over.
    """

    number: int
    params: dict[str, Scalar]
    valid_score: float
    trial_score: float
    n_weights: int
    epochs: int
    test: Score | None = None
    seconds: Seconds | None = None
    size_bytes: int | None = None
    calibration: Calibration | None = None


class Folds(_Part):
    """How every trial was cross-validated: `count` folds, drawn `repeats` times."""

    count: int
    repeats: int


class Finalist(_Part):
    """A top trial that was trained again with fresh seeds."""

    number: int
    valid_scores: list[float]
    mean: float


class Comparison(_Part):
    """The winner against another model on the same test rows.

    `difference` is positive when the winner is better.
    """

    difference: float
    low: float
    high: float
    p_value: float
    method: str
    a_only: int | None = None
    b_only: int | None = None


class Baseline(_Part):
    """A model that is not searched by the network worker."""

    description: str
    test: Score | None = None
    valid_score: float | None = None
    seconds: Seconds | None = None
    size_bytes: int | None = None
    params: dict[str, Scalar] = {}
    comparison: Comparison | None = None
    error: str | None = None


class Ensemble(_Part):
    """Several of the networks together; `members` maps a run to its weight.

    In cross-validation a member is every fold's network of a run, so `networks` is their number.
    `judged_scores` are those of the ensemble and of one network on validation rows that had no
    part in choosing them; they decide what is handed over, and `why` says so. `helps` is whether
    the difference is significant. `comparison` is that of the two on the test split; its
    `difference` is positive when what was handed over is better.
    """

    members: dict[str, float]
    networks: int = 0
    valid_score: float
    single_valid_score: float
    judged_scores: tuple[float, float] | None = None
    helps: bool
    handed_over: bool = False
    why: str = ""
    test: Score | None = None
    seconds: Seconds | None = None
    size_bytes: int | None = None
    comparison: Comparison | None = None
    calibration: Calibration | None = None

    @property
    def fair_score(self) -> float:
        """Its validation score on rows that did not choose it, where there are such."""
        return self.valid_score if self.judged_scores is None else self.judged_scores[0]


class ClassScore(_Part):
    """One class on the test split."""

    label: str
    precision: float
    recall: float
    f1: float
    rows: int


class SearchResult(_Part):
    """What a search found."""

    format: int = FORMAT
    study: str
    folder: str
    status: Literal["finished", "interrupted"]
    dataset: str
    fingerprint: str
    described: list[str] = []
    task: Literal["binary", "multiclass", "regression"]
    metric: str
    direction: Literal["maximize", "minimize"]
    seed: int
    rows: dict[str, int]
    notes: list[str] = []
    folds: Folds | None = None
    max_epochs: int
    seconds: float
    phases: dict[str, float] = {}
    trials: TrialCounts
    best: Best | None
    finalists: list[Finalist] = []
    test: Score | None = None
    test_reads: int = 0
    gap: float | None = None
    classes: list[ClassScore] = []
    confusion: list[list[int]] = []
    ensemble: Ensemble | None = None
    skipped: dict[str, str] = {}
    baselines: dict[str, Baseline] = {}
    verdict: str | None = None
    versions: dict[str, str]
    cores: int

    @model_validator(mode="before")
    @classmethod
    def _without_command(cls, values: Any) -> Any:
        # Written by earlier versions, and always null.
        if isinstance(values, dict) and values.get("command", ...) is None:
            return {name: value for name, value in values.items() if name != "command"}
        return values

    @property
    def handed_over(self) -> Literal["network", "ensemble"]:
        """What the saved model is, and `test` is the score of."""
        together = self.ensemble is not None and self.ensemble.handed_over
        return "ensemble" if together else "network"

    @property
    def calibration(self) -> Calibration | None:
        """That of what was handed over."""
        model = self.ensemble if self.handed_over == "ensemble" else self.best
        return None if model is None else model.calibration

    def write(self, path: Path) -> None:
        """Write the JSON atomically."""
        write_text(path, self.model_dump_json(indent=2) + "\n")

    @classmethod
    def read(cls, path: Path) -> SearchResult:
        """Read and check the JSON.

        Raises
        ------
        StudyError
            When the file is missing, altered, or of a newer format.
        """
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise StudyError(f"{path}: cannot be read: {error}") from None
        try:
            _Format.model_validate_json(text)
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise StudyError(f"{path}: is not a result of this version: {_first(error)}") from None

    def to_json(self) -> dict[str, Any]:
        """Plain types."""
        return self.model_dump(mode="json")


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


class _Format(BaseModel):
    """Looked at first: a newer format may have other fields."""

    format: Annotated[int, Field(ge=1, le=FORMAT)] = FORMAT


def _first(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    return f"{'.'.join(map(str, first['loc'])) or 'file'}: {first['msg']}"
