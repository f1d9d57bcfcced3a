"""The verdict: the winner beside its rivals, in one paragraph and as JSON.

Called once, at the end of a search.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from automl.evaluation.formatting import (
    format_bytes,
    format_difference,
    format_p,
    format_score,
    format_seconds,
    metric_label,
)
from automl.evaluation.intervals import Interval
from automl.evaluation.paired import Comparison

FEW_ROWS = 100
"""Below, a 95 % interval of an accuracy is up to 20 percentage points wide."""

SIBLINGS = ("network", "ensemble")
"""What a search finds; the one of the two that is not handed over is compared first."""

FEW_BLOCKS = 20
"""Blocks of forecasts below which an interval is wide."""

_CALLED = {
    "svm": "the SVM",
    "network": "the network",
    "ensemble": "the ensemble",
    "last-value": "the last value",
    "seasonal-naive": "the seasonal naive forecast",
    "ets": "exponential smoothing",
}


ALPHA = 0.05
"""A p value below it is called significant."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One model of the verdict.

    Attributes
    ----------
    name : str
        ``"network"`` and ``"ensemble"`` for what was searched; a baseline's own name.
    test : Interval
        Score on the test split.
    valid_score : float or None
        Score on the validation split; None for a model that was not judged there.
    seconds : mapping of str to float
        ``tune``, ``fit`` and ``predict_1000``; one that was not measured is missing.
    size_bytes : int or None
    description : str
        What was fitted, and what was left out because of size.
    is_kept : bool
        Whether a baseline is kept as a model of its own.
    title : str
        What a sentence calls it, where that is not its name.
    """

    name: str
    test: Interval
    valid_score: float | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)
    size_bytes: int | None = None
    description: str = ""
    is_kept: bool = False
    title: str = ""

    @property
    def called(self) -> str:
        """The name as a sentence has it."""
        return self.title or _CALLED.get(self.name, self.name)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Who won, by how much, and whether that is more than luck.

    Attributes
    ----------
    winner : Entry
        What the search hands over; it was chosen on validation, so a rival may beat it here.
    others : tuple of Entry
        The baselines.
    comparisons : mapping of str to Comparison
        The winner (a) against each of the others (b), by name.
    metric_name : str
    direction : {"maximize", "minimize"}
    n_test : int
        Rows of the test split.
    alpha : float
        See `ALPHA`.
    test_reads : int
        How often the test labels were read in this study.
    why : str
        Why the winner is handed over and not its sibling, the single network or the ensemble.
    blocks : int or None
        Blocks that the test rows lie in, where rows of one depend on each other.
    """

    winner: Entry
    others: tuple[Entry, ...]
    comparisons: Mapping[str, Comparison]
    metric_name: str
    direction: Literal["maximize", "minimize"]
    n_test: int
    alpha: float = ALPHA
    test_reads: int = 1
    why: str = ""
    blocks: int | None = None

    def outcome(self, name: str) -> str:
        """Describe the comparison with that model in a few words."""
        comparison = self.comparisons[name]
        if comparison.p_value >= self.alpha or comparison.difference == 0:
            return "no significant difference"
        ahead = self.winner if comparison.difference > 0 else self._other(name)
        return f"{ahead.called} is better"

    def to_json(self) -> dict[str, Any]:
        """Plain types for JSON; a `gap` above 0 means better on validation than on test."""
        return {
            "metric": self.metric_name,
            "direction": self.direction,
            "n_test": self.n_test,
            "alpha": self.alpha,
            "test_reads": self.test_reads,
            "winner": self._entry(self.winner),
            "others": [self._entry(entry) for entry in self.others],
            "comparisons": {
                name: {**comparison.to_json(), "outcome": self.outcome(name)}
                for name, comparison in self.comparisons.items()
            },
            "paragraph": self.paragraph(),
        }

    def headline(self) -> str | None:
        """Say which baselines are better than what is handed over; None where none is.

        The test rows say it, and they choose nothing: the winner stays the winner, every score is
        that of a model that was there before, and the user decides.
        """
        names = [e.name for e in self.others if e.name not in SIBLINGS]
        better = [n for n in names if self._is_better(n)]
        if not better:
            return None
        better.sort(key=lambda name: self.comparisons[name].difference)
        first, *rest = map(self._other, better)
        name, p_value = self.metric_name, format_p(self.comparisons[first.name].p_value)
        theirs, ours = (format_score(name, e.test.score) for e in (first, self.winner))
        sentences = [
            f"On the test rows, {first.called} is significantly better than"
            f" {self.winner.called} that was searched: {metric_label(name)} {theirs} against {ours}"
            f" ({p_value})."
        ]
        if rest:
            verb = "is" if len(rest) == 1 else "are"
            sentences.append(f"So {verb} {' and '.join(entry.called for entry in rest)}.")
        if kept := [f"--model {entry.name}" for entry in (first, *rest) if entry.is_kept]:
            sentences.append(f"To predict with it: {' or '.join(kept)}.")
        return " ".join(sentences)

    def _is_better(self, name: str) -> bool:
        comparison = self.comparisons.get(name)
        if comparison is None or comparison.p_value >= self.alpha:
            return False
        return comparison.difference < 0

    def paragraph(self) -> str:
        """Write the verdict: scores, difference, outcome, costs, and caveats."""
        siblings = [entry for entry in self.others if entry.name in SIBLINGS]
        baselines = [entry for entry in self.others if entry not in siblings]
        compared = [entry for entry in baselines if entry.name in self.comparisons]
        first = sorted(compared, key=lambda entry: entry.name != "svm")[:1]
        rest = [entry for entry in baselines if entry not in first]
        sentences = [
            self._score_sentence(self.winner),
            *([f"{_capital(self.winner.called)} is handed over: {self.why}."] if self.why else []),
            *(self._rival_sentence(entry) for entry in siblings),
            *(self._rival_sentence(entry) for entry in first),
            *([self._rest_sentence(rest)] if rest else []),
            *([s] if (s := self._cost_sentence([self.winner, *siblings, *first])) else []),
            *self._caveats(first),
        ]
        return " ".join(sentences)

    def _other(self, name: str) -> Entry:
        return next(entry for entry in self.others if entry.name == name)

    def _entry(self, entry: Entry) -> dict[str, Any]:
        return {
            "name": entry.name,
            "description": entry.description,
            "test": entry.test.to_json(),
            "valid_score": entry.valid_score,
            "gap": self._gap(entry),
            "seconds": dict(entry.seconds),
            "size_bytes": entry.size_bytes,
        }

    def _gap(self, entry: Entry) -> float | None:
        if entry.valid_score is None:
            return None
        gap = entry.valid_score - entry.test.score
        return gap if self.direction == "maximize" else -gap

    def _score_sentence(self, entry: Entry) -> str:
        gap, valid = self._gap(entry), ""
        if gap is not None:
            size = format_difference(self.metric_name, abs(gap), sign=False)
            valid = f"; on validation it was {size} {'worse' if gap < 0 else 'better'}"
        rows = _rows(self.n_test, "test ")
        if self.blocks is not None:
            rows = f"{self.n_test:,} forecasts in {self.blocks:,} blocks"
        return f"{_capital(entry.called)} has {self._scored(entry)} on {rows}{valid}."

    def _scored(self, entry: Entry) -> str:
        name, test = self.metric_name, entry.test
        low, score, high = (format_score(name, v) for v in (test.low, test.score, test.high))
        return f"{metric_label(name)} {score} (95 % interval {_between(low, high)})"

    def _rival_sentence(self, entry: Entry) -> str:
        c, name = self.comparisons[entry.name], self.metric_name
        low, high = (format_difference(name, limit) for limit in (c.low, c.high))
        only = ""
        if c.a_only is not None and c.b_only is not None:
            only = (
                f"; {_rows(c.a_only)} that only {self.winner.called} got right,"
                f" {c.b_only:,} that only {entry.called} did"
            )
        described = f" ({entry.description})" if entry.description else ""
        return (
            f"{_capital(entry.called)}{described} has {self._scored(entry)}."
            f" In favour of {self.winner.called}: {format_difference(name, c.difference)}"
            f" (95 % interval {_between(low, high)}; {c.method}, {format_p(c.p_value)}{only}):"
            f" {self.outcome(entry.name)}."
        )

    def _rest_sentence(self, entries: list[Entry]) -> str:
        def said(entry: Entry) -> str:
            score = f"{entry.name} {format_score(self.metric_name, entry.test.score)}"
            if entry.name not in self.comparisons:
                return score
            p_value = format_p(self.comparisons[entry.name].p_value)
            return f"{score} ({self.outcome(entry.name)}, {p_value})"

        return f"Other baselines: {', '.join(said(entry) for entry in entries)}."

    def _cost_sentence(self, entries: list[Entry]) -> str:
        costs = [f"{e.called} {cost}" for e in entries if (cost := _cost(e))]
        return f"Costs: {'; '.join(costs)}." if costs else ""

    def _caveats(self, rivals: list[Entry]) -> list[str]:
        said = []
        if self.blocks is not None:
            if self.blocks < FEW_BLOCKS:
                said.append(f"With only {self.blocks} blocks the intervals are wide.")
        elif self.n_test < FEW_ROWS:
            said.append(f"With only {_rows(self.n_test, 'test ')} the intervals are wide.")
        for rival in rivals:
            c = self.comparisons[rival.name]
            apart = None if c.a_only is None or c.b_only is None else c.a_only + c.b_only
            # However they fall: the smallest p value of the exact test is 2 / 2**rows.
            if c.method == "McNemar exact" and apart is not None and 2 * 0.5**apart >= self.alpha:
                said.append(
                    f"{self.winner.called} and {rival.called} differ on {_rows(apart)}, too few for"
                    " any test to tell them apart."
                )
        if self.test_reads > 1:
            said.append(
                f"The test split was read {self.test_reads} times: a score that was seen before a"
                " choice is no longer a fair one."
            )
        return [_capital(sentence) for sentence in said]


def _between(low: str, high: str) -> str:
    """Both limits, with their unit once."""
    return f"{low.split(' ')[0]} to {high}"


def _rows(count: int, which: str = "") -> str:
    return f"1 {which}row" if count == 1 else f"{count:,} {which}rows"


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _cost(entry: Entry) -> str:
    seconds, parts = entry.seconds, []
    if "tune" in seconds:
        parts.append(f"{format_seconds(seconds['tune'])} to tune")
    if "fit" in seconds:
        parts.append(f"{format_seconds(seconds['fit'])} to fit")
    if "predict_1000" in seconds:
        parts.append(f"{format_seconds(seconds['predict_1000'])} to predict 1,000 rows")
    if entry.size_bytes is not None:
        parts.append(format_bytes(entry.size_bytes))
    return ", ".join(parts)
