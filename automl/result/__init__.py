"""`SearchResult`: what a search found; ``studies/<name>/result.json`` is its JSON.

``docs/result.md`` documents the fields. Reading the file back checks every one of them.
`TrainResult` is what a single training gives; it has no file of its own, because the bundle says it
all.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, ValidationError, model_validator

from automl.errors import StudyError
from automl.files import write_text
from automl.result.parts import (
    CONFIG,
    Added,
    Band,
    Baseline,
    Best,
    Calibration,
    ClassScore,
    Comparison,
    Ensemble,
    Finalist,
    Folds,
    Forecast,
    FromHistory,
    FromModel,
    FromStart,
    Quantiles,
    Rung,
    Scalar,
    Score,
    Seconds,
    TrialCounts,
)
from automl.result.training import TrainResult

__all__ = [
    "FORMAT",
    "Added",
    "Band",
    "Baseline",
    "Best",
    "Calibration",
    "ClassScore",
    "Comparison",
    "Ensemble",
    "Finalist",
    "Folds",
    "Forecast",
    "FromHistory",
    "FromModel",
    "FromStart",
    "Quantiles",
    "Rung",
    "Scalar",
    "Score",
    "SearchResult",
    "Seconds",
    "TrainResult",
    "TrialCounts",
]

FORMAT = 1
"""Raised when a field changes its meaning or goes away; a new field does not raise it."""


class SearchResult(BaseModel):
    """What a search found."""

    model_config = CONFIG

    format: int = FORMAT
    study: str
    folder: str
    status: Literal["finished", "interrupted"]
    dataset: str
    fingerprint: str
    described: list[str] = []
    task: Literal["binary", "multiclass", "regression", "forecast"]
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
    added: Added | None = None
    skipped: dict[str, str] = {}
    baselines: dict[str, Baseline] = {}
    headline: str | None = None
    forecast: Forecast | None = None
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


class _Format(BaseModel):
    """Looked at first: a newer format may have other fields."""

    format: Annotated[int, Field(ge=1, le=FORMAT)] = FORMAT


def _first(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    return f"{'.'.join(map(str, first['loc'])) or 'file'}: {first['msg']}"
