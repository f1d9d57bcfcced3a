"""What a source of candidates is asked and told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from optuna.distributions import BaseDistribution

from automl.space.domains import Params
from automl.trial import DrawnBy, TrialResult


@dataclass(frozen=True, slots=True)
class Asked:
    """A candidate that Optuna drew."""

    number: int
    params: Params
    """All that a worker needs, the fixed ones included, under plain names."""
    distributions: Mapping[str, BaseDistribution]
    """Distributions by the names of the study, as are the values in `drawn`."""
    drawn: Mapping[str, Any]
    drawn_by: DrawnBy = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What a study keeps of a trial whose result a sampler took in, at once or after its round."""

    params: dict[str, Any]
    """What was drawn: the very object that Optuna keeps, which saves memory."""
    notes: Mapping[str, Any]
    """Optuna's own, as far as a resumed study needs them; not TPE's scratch."""


class Candidates(Protocol):
    """Source of the candidates of `automl.orchestrator.trials.Trials`."""

    @property
    def ready(self) -> bool:
        """Whether a candidate can be asked for now."""

    def settled(self, number: int) -> bool:
        """Return whether a finished trial may already decide what becomes of others."""

    def ask(self) -> Asked:
        """Draw a candidate."""

    def report(self, number: int, step: int, score: float) -> bool:
        """Take in an epoch's score, or at step 0 a glimpse's; true when the trial should end."""

    def tell(self, number: int, result: TrialResult) -> Told:
        """Take in a result; a sampler may learn from it later, as at the end of a round."""
