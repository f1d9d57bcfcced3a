"""What a finished study leaves for later searches: facts, parameters and curves, never the data."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import rankdata

from automl.errors import StudyError
from automl.evaluation.forecast import forecast_costs
from automl.objective import Objective
from automl.space.domains import Params
from automl.trial import TrialRecord, TrialStatus

FORMAT = 1

KEPT = 200
"""Trials of a study that are kept, the better half of them its best: a study of a thousand trials
tells hardly more, and every later search reads them."""

Facts = Mapping[str, Any]
"""What `automl.orchestrator.data_facts` tells of a data set."""


@dataclass(frozen=True, slots=True)
class PastTrial:
    """A trial of an earlier study.

    Attributes
    ----------
    number : int
    params : dict
        All parameters under plain names, the fixed ones included.
    curve : tuple of float
        Validation score after each epoch, or fold.
    cost : float
        Validation cost that it came to, or is expected to have come to had it not been dropped;
        lower is better, and infinite for a failure.
    seconds : float
    """

    number: int
    params: Params
    curve: tuple[float, ...]
    cost: float
    seconds: float


@dataclass(frozen=True, slots=True)
class PastStudy:
    """A finished study, without anything that could tell of its test split.

    Attributes
    ----------
    name : str
    dataset : str
    fingerprint : str
        SHA-256 over the data and its split.
    facts : mapping
    metric : str
    unit : {"epoch", "fold"}
        What the curves count.
    trials : tuple of PastTrial
    """

    name: str
    dataset: str
    fingerprint: str
    facts: Facts
    metric: str
    unit: str
    trials: tuple[PastTrial, ...]

    @classmethod
    def of(
        cls,
        name: str,
        dataset: str,
        fingerprint: str,
        facts: Facts,
        objective: Objective,
        records: Sequence[TrialRecord],
    ) -> PastStudy:
        """Take from a study what is kept of it."""
        ranked = objective.ranked(records)
        costs = {r.number: objective.cost(r.valid_score) for r in ranked}
        costs |= forecast_costs(records, ranked, objective)
        costs |= {r.number: math.inf for r in records if r.status is TrialStatus.FAILED}
        known = sorted((r for r in records if r.number in costs), key=lambda r: costs[r.number])
        return cls(
            name,
            dataset,
            fingerprint,
            facts,
            objective.metric.name,
            next((r.unit for r in records if r.history), "epoch"),
            tuple(_trial(r, costs[r.number]) for r in _thinned(known)),
        )

    def standings(self) -> NDArray[np.float64]:
        """Return normal scores of the trials' ranks, 0 for the middle and lower for better ones.

        Costs of two data sets cannot be compared; places among like trials can.
        """
        costs = [trial.cost for trial in self.trials]
        places: NDArray[np.float64] = ndtri((rankdata(costs) - 0.5) / len(costs))
        return places

    def to_json(self) -> dict[str, Any]:
        """Return it as plain types."""
        return {
            "format": FORMAT,
            "dataset": self.dataset,
            "fingerprint": self.fingerprint,
            "facts": dict(self.facts),
            "metric": self.metric,
            "unit": self.unit,
            "trials": [
                {
                    "number": t.number,
                    "params": t.params,
                    "curve": [_short(score) for score in t.curve],
                    "cost": _short(t.cost),
                    "seconds": round(t.seconds, 3),
                }
                for t in self.trials
            ],
        }

    @classmethod
    def from_json(cls, name: str, plain: Any) -> PastStudy:
        """Read what `to_json` wrote.

        Raises
        ------
        StudyError
            With the reason, when it is of another format, or altered.
        """
        if not isinstance(plain, dict) or plain.get("format") != FORMAT:
            raise StudyError("is of another version")
        try:
            return cls(
                name,
                _checked(plain["dataset"], str),
                _checked(plain["fingerprint"], str),
                _read_facts(plain["facts"]),
                _checked(plain["metric"], str),
                _checked(plain["unit"], str),
                tuple(_read_trial(t) for t in _checked(plain["trials"], list)),
            )
        except (KeyError, TypeError, ValueError, OverflowError):
            raise StudyError("is damaged") from None


def _thinned(ranked: Sequence[TrialRecord]) -> list[TrialRecord]:
    """Return the best, and an even sample of the others, from best to worst."""
    if len(ranked) <= KEPT:
        return list(ranked)
    best, rest = ranked[: KEPT // 2], ranked[KEPT // 2 :]
    places = KEPT - len(best)
    return [*best, *(rest[i * len(rest) // places] for i in range(places))]


def _trial(record: TrialRecord, cost: float) -> PastTrial:
    curve = tuple(epoch.valid_score for epoch in record.history)
    return PastTrial(record.number, dict(record.params), curve, cost, record.seconds)


def _short(value: float) -> float | None:
    """Return six digits of a number, or None for one that JSON has not."""
    return float(f"{value:.6g}") if math.isfinite(value) else None


def _read_trial(plain: Any) -> PastTrial:
    params = _checked(plain["params"], dict)
    for value in params.values():
        if not isinstance(value, str):
            _number(value, math.nan)  # truth values are numbers here
    curve = [_number(score, math.nan) for score in _checked(plain["curve"], list)]
    return PastTrial(
        _checked(plain["number"], int),
        params,
        tuple(curve),
        _number(plain["cost"], math.inf),
        _number(plain["seconds"], 0.0),
    )


def _read_facts(plain: Any) -> Facts:
    facts: dict[str, Any] = _checked(plain, dict)
    for name, kind in (("kind", str), ("task", str), ("rows", dict), ("classes", list)):
        _checked(facts[name], kind)
    for count in facts["rows"].values():
        _checked(count, int)
    return facts


def _number(value: Any, missing: float) -> float:
    """Return a finite number, or what stands for one that is not there."""
    if value is None:
        return missing
    number = float(_checked(value, (int, float)))
    if not math.isfinite(number):
        raise ValueError
    return number


def _checked(value: Any, kind: Any) -> Any:
    if not isinstance(value, kind):
        raise TypeError
    return value
