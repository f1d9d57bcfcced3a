"""The table of a replay: mean regret of each side, and paired differences with intervals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import fmean, median
from typing import Any

import numpy as np

Run = dict[str, Any]


def show(runs: Sequence[Run], marks: Sequence[int], against: str) -> Iterator[str]:
    """Yield the lines of a table in Markdown.

    The interval is of the mean difference to the same tasks and seeds of `against`: 95 % of 2,000
    bootstrap samples, in which tasks are drawn, and then seeds within each.
    """
    yield f"| side | {' | '.join(map(str, marks))} | difference to {against} | trials | s |"
    yield "| --- " * (len(marks) + 4) + "|"
    base = {(r["task"], r["seed"]): r for r in runs if r["side"] == against}
    for side in dict.fromkeys(r["side"] for r in runs):
        own = [r for r in runs if r["side"] == side]
        means = [f"{fmean(r['regret'][i] for r in own):.2f}" for i in range(len(marks))]
        pairs = [(r, base[r["task"], r["seed"]]) for r in own if (r["task"], r["seed"]) in base]
        differences = [_difference(pairs, i) for i in range(len(marks)) if pairs]
        shown = "" if side == against else "; ".join(differences)
        trials = f"{median(r['trials'][len(marks) - 1] for r in own):.0f}"
        complete = f"{median(r['complete'][len(marks) - 1] for r in own):.0f}"
        seconds = f"{median(r['seconds'] for r in own):.1f}"
        yield (
            f"| {side} ({len(own)} runs) | {' | '.join(means)} | {shown} |"
            f" {trials}, {complete} complete | {seconds} |"
        )


def _difference(pairs: Sequence[tuple[Run, Run]], mark: int) -> str:
    """Return the mean difference with its interval."""
    tasks: dict[int, list[float]] = {}
    for mine, other in pairs:
        tasks.setdefault(mine["task"], []).append(mine["regret"][mark] - other["regret"][mark])
    rng = np.random.default_rng(0)
    means = []
    for _ in range(2_000):
        drawn = rng.choice(list(tasks), len(tasks))
        means.append(fmean(fmean(rng.choice(tasks[t], len(tasks[t]))) for t in drawn))
    low, high = np.quantile(means, (0.025, 0.975))
    middle = fmean(fmean(values) for values in tasks.values())
    return f"{middle:+.2f} [{low:+.2f}, {high:+.2f}]"
