"""Replay pruning rules on our own table of learning curves, whose schedules differ.

python benchmarks/replay/ladders.py [--orders 400]

The configurations of ``mlp_image.json`` come in random orders; regret is what the best complete one
lacks to the best of the table, in points of accuracy, after 8 and 16 full trainings' worth of
epochs. The program that made the table is ``make_table.py``.
"""

from __future__ import annotations

import argparse
import json
import math
from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

TABLE = json.loads((Path(__file__).parent / "mlp_image.json").read_text(encoding="utf-8"))
CURVES = np.array([row["scores"] for row in TABLE])
EPOCHS = CURVES.shape[1]
FINAL = CURVES.max(axis=1)
"""What a training keeps: its best epoch."""

WARMS_UP = np.array([row["schedule"] == "one_cycle" for row in TABLE])
MARKS = (8, 16)


@dataclass(frozen=True)
class Rule:
    """Which trials go on at which epochs; the first is what a search does.

    Attributes
    ----------
    rungs : tuple of int
    by_schedule : bool
        Whether trials are ranked beside those alone that warm up as they do, up to epoch 3.
    noise : float
        From epoch 4 on, a trial that is behind by less than this goes on.
    quota : bool
        Whether a rung lets hardly more than a third go on.
    """

    rungs: tuple[int, ...]
    by_schedule: bool = False
    noise: float = 0.0
    quota: bool = True


RULES = {
    "1, 3, 9": Rule((1, 3, 9)),
    "1, 4": Rule((1, 4)),
    "1, 3": Rule((1, 3)),
    "2, 6": Rule((2, 6)),
    "4": Rule((4,)),
    "1, 3, 9, by schedule": Rule((1, 3, 9), by_schedule=True),
    "1, 4, by schedule": Rule((1, 4), by_schedule=True),
    "1, 4, no cut within 0.4 points": Rule((1, 4), noise=0.004),
    "1, 4, without a quota": Rule((1, 4), quota=False),
    "none": Rule(()),
}


@dataclass
class Rung:
    """The costs of those that came, and how many went on."""

    costs: list[float]
    promoted: int = 0

    def passes(self, cost: float, noise: float, quota: bool) -> bool:
        """Judge one, as `QuotaHalvingPruner` does but for noise and quota."""
        places = math.ceil((len(self.costs) + 1) / 3)
        rank = bisect_left(self.costs, cost)
        passes = rank == 0 or (rank < places and (self.promoted < places or not quota))
        if noise and cost <= self.costs[min(places, len(self.costs)) - 1] + noise:
            passes = True
        insort(self.costs, cost)
        self.promoted += passes
        return passes


def replay(rule: Rule, order: Sequence[int]) -> list[tuple[float, int, int]]:
    """Return regret, trials and complete trials at each mark."""
    rungs: dict[tuple[int, bool], Rung] = {}
    complete: list[int] = []
    found: list[tuple[float, int, int]] = []
    spent = tried = 0
    for i in order:
        tried += 1
        before = 0
        for epoch in (*rule.rungs, EPOCHS):
            spent, before = spent + epoch - before, epoch
            while len(found) < len(MARKS) and spent > MARKS[len(found)] * EPOCHS:
                found.append((_regret(complete), tried, len(complete)))
            if epoch == EPOCHS:
                complete.append(i)
                break
            like = bool(WARMS_UP[i]) and rule.by_schedule and epoch <= 3
            rung = rungs.setdefault((epoch, like), Rung([]))
            noise = rule.noise if epoch >= 4 and rung.costs else 0.0
            if not rung.passes(-CURVES[i, epoch - 1], noise, rule.quota):
                break
    return found + [(_regret(complete), tried, len(complete))] * (len(MARKS) - len(found))


def _regret(complete: Sequence[int]) -> float:
    best = max((FINAL[i] for i in complete), default=0.0)
    return 100 * float(FINAL.max() - best)


def main() -> None:
    """Print a table: means and their standard errors over the orders."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=400)
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    orders = [list(rng.permutation(len(CURVES))) for _ in range(options.orders)]
    print("| rungs | after 8 | after 16 | trials | complete |\n| --- | --- | --- | --- | --- |")
    for name, rule in RULES.items():
        runs: NDArray[np.float64] = np.array([replay(rule, order) for order in orders])
        mean, error = runs.mean(axis=0), runs.std(axis=0) / math.sqrt(len(runs))
        cells = [f"{mean[m, 0]:.2f} ± {error[m, 0]:.2f}" for m in range(len(MARKS))]
        counts = [" and ".join(f"{mean[m, c]:.0f}" for m in range(len(MARKS))) for c in (1, 2)]
        print(f"| {name} | {' | '.join([*cells, *counts])} |")


if __name__ == "__main__":
    main()
