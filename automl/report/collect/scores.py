"""The winner and the others, side by side."""

from __future__ import annotations

from typing import NamedTuple

from automl.evaluation import ALPHA
from automl.result import Comparison, Score, SearchResult


class Bar(NamedTuple):
    """A model's score on the test split."""

    name: str
    score: float
    low: float
    high: float
    role: str
    """``winner``, ``sibling`` or ``baseline``."""


class Opponent(NamedTuple):
    """What came of the comparison with one baseline."""

    name: str
    outcome: str
    """``better``, ``worse`` or ``equal``, as seen from the winner."""
    comparison: Comparison


def bars(result: SearchResult) -> list[Bar]:
    """Return the winner, its sibling, then the baselines, without those that have no score.

    The sibling is the ensemble where a single network is handed over, and the other way round.
    """
    found = []
    if result.test is not None:
        found.append(_bar(result.handed_over, result.test, "winner"))
    together, best = result.ensemble, result.best
    if result.handed_over == "ensemble" and best is not None and best.test is not None:
        found.append(_bar("network", best.test, "sibling"))
    elif result.handed_over == "network" and together is not None and together.test is not None:
        found.append(_bar("ensemble", together.test, "sibling"))
    tested = {name: b.test for name, b in result.baselines.items() if b.test is not None}
    return found + [_bar(name, test, "baseline") for name, test in tested.items()]


def _bar(name: str, score: Score, role: str) -> Bar:
    return Bar(name, score.score, score.low, score.high, role)


def opponents(result: SearchResult) -> list[Opponent]:
    """Return every baseline that was compared, the SVM first."""
    compared = {n: b.comparison for n, b in result.baselines.items() if b.comparison is not None}
    names = sorted(compared, key=lambda name: name != "svm")
    return [Opponent(name, _outcome(compared[name]), compared[name]) for name in names]


def _outcome(comparison: Comparison) -> str:
    if comparison.p_value >= ALPHA or comparison.difference == 0:
        return "equal"
    return "better" if comparison.difference > 0 else "worse"
