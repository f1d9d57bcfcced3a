"""Replay pruning rules on our own table of learning curves of small tables.

python benchmarks/replay/table_ladders.py [--orders 100]

As ``ladders.py``, on each of the fourteen tables of ``curves.npz``: the configurations come in
random orders, the losses after every epoch decide who goes on, and a training keeps its best epoch.
Regret is how many of a hundred configurations are better than the best complete one, after 4, 8 and
16 full trainings' worth of epochs. The program that made the table is ``benchmarks/curves.py``.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from ladders import Rule, Rung
from numpy.typing import NDArray

MARKS = (4, 8, 16)
EPOCHS = 27

RULES = {
    "1, 3, 9 (what a search does)": Rule((1, 3, 9)),
    "3, 9": Rule((3, 9)),
    "1, 9": Rule((1, 9)),
    "1, 3": Rule((1, 3)),
    "2, 6": Rule((2, 6)),
    "9": Rule((9,)),
    "1, 3, 9, without a quota": Rule((1, 3, 9), quota=False),
    "none": Rule(()),
}


def replay(rule: Rule, order: Sequence[int], losses: NDArray[np.float64]) -> list[int]:
    """Return the best complete configuration at each mark, -1 where there is none yet."""
    rungs = {epoch: Rung([]) for epoch in rule.rungs}
    final = losses.min(axis=1)
    found: list[int] = []
    best = -1
    spent = 0
    for i in order:
        before = 0
        for epoch in (*rule.rungs, EPOCHS):
            spent, before = spent + epoch - before, epoch
            while len(found) < len(MARKS) and spent > MARKS[len(found)] * EPOCHS:
                found.append(best)
            if len(found) == len(MARKS):
                return found
            if epoch == EPOCHS:
                best = i if best < 0 or final[i] < final[best] else best
            elif not rungs[epoch].passes(losses[i, epoch - 1], 0.0, rule.quota):
                break
    return found + [best] * (len(MARKS) - len(found))


def main() -> None:
    """Print a table: means, and their standard errors over the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=100)
    options = parser.parse_args()
    with np.load(Path(__file__).parent / "curves.npz") as kept:
        tables = kept["first"][:, :, 1].astype(float)
    print(f"| rungs | {' | '.join(f'after {mark}' for mark in MARKS)} |")
    print("| --- " * (len(MARKS) + 1) + "|")
    for name, rule in RULES.items():
        means = []
        for losses in tables:
            rng = np.random.default_rng(0)
            final = losses.min(axis=1)
            # Without a complete one nothing is known: any configuration, 50 of a hundred better.
            better = np.append([100 * (final < x).mean() for x in final], 50.0)
            orders = [rng.permutation(len(losses)).tolist() for _ in range(options.orders)]
            runs = np.array([replay(rule, order, losses) for order in orders])
            means.append(better[runs].mean(axis=0))
        mean, error = np.mean(means, axis=0), np.std(means, axis=0) / math.sqrt(len(means))
        cells = [f"{m:.1f} ± {e:.1f}" for m, e in zip(mean, error, strict=True)]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
