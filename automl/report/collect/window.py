"""The part of the score axis that several figures share."""

from __future__ import annotations

from statistics import median

from automl.report.collect import progress
from automl.report.facts import Facts, score_of, scored


def score_window(facts: Facts) -> tuple[float, float]:
    """Return the part of the score axis that several figures share."""
    steps = progress.best_so_far(facts.records, facts.metric)
    if not steps:
        scores = [score_of(r) for r in facts.records if scored(r)]
        return progress.window(scores, scores[0], facts.metric) if scores else (0.0, 1.0)
    best = steps[-1].score
    lines = progress.visible(progress.lines(facts.records, facts.result), best, facts.metric)
    # Among the trials that came to their end, the better half decides: the rest may be anywhere.
    good = [score_of(r) for r in facts.complete[: (len(facts.complete) + 1) // 2]]
    return progress.window([*(li.score for li in lines), *good], best, facts.metric)


def curve_window(facts: Facts) -> tuple[float, float]:
    """Return the same for learning curves, which begin lower."""
    low, high = score_window(facts)
    good = facts.complete[: (len(facts.complete) + 1) // 2]
    firsts = [r.history[0].valid_score for r in good if r.history]
    if not firsts:
        return low, high
    return progress.window([low, median(firsts)], high, facts.metric)
