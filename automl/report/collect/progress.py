"""How the search went: what was known when, and where the time was spent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from automl.metrics import Metric
from automl.report.collect.thinning import MAX_LINES, MAX_POINTS, thin
from automl.report.facts import score_of, scored
from automl.result import SearchResult
from automl.study.machines import Machine
from automl.trial import TrialRecord, TrialStatus

VISIBLE_ERRORS = 4.0
"""A line that errs this many times as often as the best trial is off the scale: with it in view
nobody could tell the good ones apart."""

MAX_SPANS = 1_500
"""Bars that the time line of the workers draws."""


class Step(NamedTuple):
    """From here on, this is the best complete trial."""

    trial: int
    seconds: float
    score: float


class Span(NamedTuple):
    """A worker was busy with a trial; `host` is its machine, where there are several."""

    worker: int
    trial: int
    started: float
    seconds: float
    status: TrialStatus
    host: str = ""

    @property
    def row(self) -> str:
        """Its worker's name in the time line."""
        return f"{self.host}, worker {self.worker}" if self.host else f"worker {self.worker}"


class Spent(NamedTuple):
    """Seconds that went into something."""

    name: str
    seconds: float


class Line(NamedTuple):
    """A score to compare the trials with."""

    name: str
    score: float


def best_so_far(records: Iterable[TrialRecord], metric: Metric) -> list[Step]:
    """Return every improvement, in the order in which trials finished."""
    steps: list[Step] = []
    for r in sorted(records, key=lambda r: (r.finished, r.number)):
        if r.status is not TrialStatus.COMPLETE or not scored(r):
            continue
        if not steps or metric.better(score_of(r), steps[-1].score):
            steps.append(Step(r.number, r.finished, score_of(r)))
    return steps


def lines(records: Sequence[TrialRecord], result: SearchResult | None) -> list[Line]:
    """Return the first configuration on validation, and each baseline on test.

    A baseline's own validation score comes from its tuning, on a part of the training rows: beside
    networks that had all of them it would look worse than it is.
    """
    first = [r for r in records if r.number == 0 and scored(r)]
    found = [Line("first configuration", score_of(r)) for r in first]
    for name, baseline in (result.baselines if result else {}).items():
        if baseline.test is not None:
            found.append(Line(f"{name}, on test", baseline.test.score))
    return found


def visible(found: Iterable[Line], best: float, metric: Metric) -> list[Line]:
    """Return the lines that can be drawn beside the best trial; see `VISIBLE_ERRORS`."""
    highest = metric.direction == "maximize"

    def error(score: float) -> float:
        return 1 - score if highest else score

    limit = VISIBLE_ERRORS * max(error(best), 0.01 if highest else 0.0)
    return [line for line in found if error(line.score) <= limit]


def window(scores: Iterable[float], best: float, metric: Metric) -> tuple[float, float]:
    """Return the part of the score axis that is drawn: from the worst to the best of these."""
    inside = [*scores, best]
    low, high = min(inside), max(inside)
    room = 0.08 * ((high - low) or 0.01 * abs(high) or 1.0)
    top = min(high + room, 1.0 + room / 4) if metric.direction == "maximize" else high + room
    return low - room, top


def curves(records: Sequence[TrialRecord], most: int = MAX_LINES) -> list[TrialRecord]:
    """Trials whose learning curves are drawn; of too many, one in four is a pruned one."""
    complete = [r for r in records if r.status is TrialStatus.COMPLETE and r.history]
    pruned = [r for r in records if r.status is TrialStatus.PRUNED and r.history]
    chosen = thin(complete, max(most - len(pruned), most * 3 // 4))
    return chosen + thin(pruned, most - len(chosen))


def spans(records: Iterable[TrialRecord], most: int = MAX_SPANS) -> list[Span]:
    """Return when each worker trained, by host where there are several.

    Of too many, it is the longest, for a short one is not seen.
    """
    trained = [r for r in records if r.seconds > 0]
    several = len({r.host for r in trained if r.host}) > 1
    found = [
        Span(
            r.worker,
            r.number,
            max(r.started, r.finished - r.seconds),
            r.seconds,
            r.status,
            (r.host or "unknown") if several else "",
        )
        for r in trained
    ]
    longest = sorted(found, key=lambda s: -s.seconds)[:most]
    return sorted(longest, key=lambda s: (s.host, s.worker, s.started))


class Share(NamedTuple):
    """What a machine did for a study."""

    machine: Machine
    trials: int
    seconds: float


def shares(machines: Iterable[Machine], records: Iterable[TrialRecord]) -> list[Share]:
    """Return how many trials each machine trained, and for how long, by name."""
    mine: dict[str, list[TrialRecord]] = {}
    for record in records:
        mine.setdefault(record.host, []).append(record)
    return [
        Share(m, len(mine.get(m.host, [])), sum(r.seconds for r in mine.get(m.host, [])))
        for m in sorted(machines, key=lambda m: m.host)
    ]


def phases(result: SearchResult | None) -> list[Spent]:
    """Wall clock of the search, phase by phase."""
    named = {
        "trials": "trials",
        "finalists": "finalists, trained again",
        "export": "export to ONNX",
        "baselines": "waiting for baselines",
        "test": "predicting validation and test rows",
    }
    if result is None:
        return []
    spent = [Spent(named.get(name, name), seconds) for name, seconds in result.phases.items()]
    rest = result.seconds - sum(s.seconds for s in spent)
    return [*spent, Spent("starting, reading, saving", max(0.0, rest))]


def worker_seconds(records: Iterable[TrialRecord], result: SearchResult | None) -> list[Spent]:
    """Seconds of all workers together, by what they were spent on."""
    by_status = dict.fromkeys(TrialStatus, 0.0)
    for record in records:
        by_status[record.status] += record.seconds
    found = [Spent(f"{status.value} trials", s) for status, s in by_status.items() if s > 0]
    for name, baseline in (result.baselines if result else {}).items():
        if baseline.seconds is not None:
            found.append(
                Spent(f"{name} (tune + fit)", baseline.seconds.tune + baseline.seconds.fit)
            )
    return found


def dots(records: Sequence[TrialRecord], most: int = MAX_POINTS) -> list[TrialRecord]:
    """Trials that are drawn as dots: those with a score, thinned out."""
    return thin([r for r in records if scored(r)], most)


def reasons(records: Iterable[TrialRecord], most: int = 5) -> list[tuple[str, int]]:
    """Why trials failed, the most frequent first."""
    failed = [r for r in records if r.status is TrialStatus.FAILED]
    return Counter(r.error or "no reason was kept" for r in failed).most_common(most)
