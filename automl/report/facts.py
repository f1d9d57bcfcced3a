"""What a page is made of: plain data that somebody else has read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from automl.arrays import Array
from automl.data.stored_rows import AnyRows
from automl.metrics import Metric
from automl.objective import Objective
from automl.report.collect.families import FamilyOutcome
from automl.result import SearchResult
from automl.space.domains import Domain
from automl.space.space import FAMILY
from automl.study.machines import Machine
from automl.trial import TrialRecord


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A few forecasts of the test split in the target's own units, for a picture each.

    Attributes
    ----------
    before : array of shape (pictures, steps)
        Windows before the forecasts.
    true, forecast : array of shape (pictures, horizon)
    bands : array of shape (pictures, horizon, 2) or None
        Quantiles 0.1 and 0.9; None where there are none.
    """

    before: Array
    true: Array
    forecast: Array
    bands: Array | None


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """The test labels and the winner's output, kept when the test split was opened.

    Attributes
    ----------
    y : array of shape (rows,) or (rows, targets)
        Class codes, or numbers.
    output : array of shape (rows, classes), or that of `y`
        Probabilities, or predicted numbers.
    rows : array of shape (rows, ...) or None
        What the model was shown, as the source has it; None when the data is not at hand.
    uncalibrated : array of shape (rows, classes) or None
        Probabilities without the temperature; None where there is none.
    drawn : Drawn or None
        Forecasts for a picture; None where nothing is forecast.
    """

    y: Array
    output: Array
    rows: AnyRows | None = None
    uncalibrated: Array | None = None
    drawn: Drawn | None = None

    @property
    def is_classification(self) -> bool:
        """Whether `output` holds probabilities."""
        return self.y.dtype.kind in "iu"

    @property
    def predicted(self) -> Array:
        """Class codes, or numbers."""
        return np.asarray(self.output.argmax(axis=1)) if self.is_classification else self.output


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """Everything that is known of a study.

    Attributes
    ----------
    study : str
    metric : Metric
    records : list of TrialRecord
        Finished trials, by number.
    running : int
        Trials that are running, or that a killed search left.
    families : list of FamilyOutcome
        How each family fared, the best first, which `domains` and `importance` are about; empty
        where only one was searched.
    domains : mapping of str to Domain
        The sampled parameters, in the space's order.
    importance : mapping of str to float
        Shares that add up to 1, the largest first; empty when there are too few trials.
    config : mapping
        Options of the first search; empty for a study of another origin.
    result : SearchResult or None
        None when no search of this study came to its end.
    judged : Judged or None
        None when the test split was not opened.
    scaling : mapping or None
        ``scaling.json``, where it was computed.
    machines : list of Machine
        What its jobs ran on, as far as that is known.
    """

    study: str
    metric: Metric
    records: list[TrialRecord]
    families: list[FamilyOutcome] = field(default_factory=list)
    running: int = 0
    domains: Mapping[str, Domain] = field(default_factory=dict)
    importance: Mapping[str, float] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)
    result: SearchResult | None = None
    judged: Judged | None = None
    scaling: Mapping[str, Any] | None = None
    machines: list[Machine] = field(default_factory=list)

    @property
    def siblings(self) -> list[TrialRecord]:
        """The trials that `domains` and `importance` are about."""
        if not self.families:
            return self.records
        return [r for r in self.records if r.params[FAMILY] == self.families[0].family]

    @property
    def complete(self) -> list[TrialRecord]:
        """Complete trials, best first."""
        return Objective(self.metric).ranked(filter(scored, self.records))

    @property
    def unit(self) -> str:
        """What the trials' histories count: ``"epoch"``, or ``"fold"`` in cross-validation."""
        return next((r.unit for r in self.records if r.history), "epoch")

    @property
    def matters(self) -> list[str]:
        """The sampled parameters, the most important first, as far as that is known."""
        rest = [name for name in self.domains if name not in self.importance]
        return [*self.importance, *rest]

    @property
    def labels(self) -> list[str]:
        """The classes as users see them; empty for regression."""
        return [c.label for c in self.result.classes] if self.result else []


def scored(record: TrialRecord) -> bool:
    """Return whether a trial has a score that can be drawn."""
    return record.valid_score is not None and bool(np.isfinite(record.valid_score))


def score_of(record: TrialRecord) -> float:
    """Return the score of a trial that has one."""
    assert record.valid_score is not None
    return record.valid_score
