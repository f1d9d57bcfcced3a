"""Replay ways to draw finalists on our own table: complete trials alone, or others too.

python benchmarks/replay/finalists.py [--orders 400] [--luck 0.2]

A search as in ``ladders.py`` is stopped after some full trainings' worth of epochs, and three
finalists are drawn; the one whose fresh runs are best wins. A trial's curve is shifted by luck of
that many points (a standard deviation), and so are the two fresh runs of a finalist. Regret is what
the winner lacks without luck to the best of the table, in points of accuracy.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Sequence

import numpy as np
from ladders import CURVES, EPOCHS, FINAL, RULES, Rung
from numpy.typing import NDArray

from automl.metrics import METRICS
from automl.objective import Objective
from automl.orchestrator.contenders import contenders
from automl.trial import EpochResult, TrialRecord, TrialStatus

MARKS = (4, 6, 8, 12, 16)

BY_ACCURACY = Objective(METRICS["accuracy"])

Draw = Callable[[list[TrialRecord]], list[TrialRecord]]

DRAWS: dict[str, Draw] = {
    "the best complete trials": lambda records: BY_ACCURACY.ranked(records)[:3],
    "what a search does": lambda records: contenders(records, BY_ACCURACY, 3),
}


def search(order: Sequence[int], curves: NDArray[np.float64], mark: int) -> list[TrialRecord]:
    """Return the trials that a search has finished by then."""
    rungs: dict[int, Rung] = {}
    records: list[TrialRecord] = []
    spent = 0
    for i in order:
        before = 0
        for epoch in (*RULES["1, 3, 9"].rungs, EPOCHS):
            spent, before = spent + epoch - before, epoch
            if spent > mark * EPOCHS:
                return records
            rung = rungs.setdefault(epoch, Rung([]))
            if epoch == EPOCHS or not rung.passes(-curves[i, epoch - 1], 0.0, True):
                records.append(_record(i, curves[i, :epoch]))
                break
    return records


def _record(number: int, scores: NDArray[np.float64]) -> TrialRecord:
    history = tuple(
        EpochResult(number, i + 1, 0.0, 0.0, float(score), 1.0, 1.0)
        for i, score in enumerate(scores)
    )
    return TrialRecord(
        number,
        TrialStatus.COMPLETE if len(scores) == EPOCHS else TrialStatus.PRUNED,
        {"family": "mlp", "model.width": number + 1},
        float(scores.max()),
        history,
        seconds=float(len(scores)),
    )


def main() -> None:
    """Print a table: mean regrets, and the difference with its standard error."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=400)
    parser.add_argument("--luck", type=float, default=0.2)
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    regrets: NDArray[np.float64] = np.zeros((len(DRAWS), options.orders, len(MARKS)))
    for k in range(options.orders):
        order = rng.permutation(len(CURVES)).tolist()
        luck, again = rng.normal(0.0, options.luck / 100, (2, len(CURVES)))
        fresh = FINAL + again / math.sqrt(2)
        for m, mark in enumerate(MARKS):
            records = search(order, CURVES + luck[:, None], mark)
            for d, draw in enumerate(DRAWS.values()):
                winner = max((r.number for r in draw(records)), key=lambda i: float(fresh[i]))
                regrets[d, k, m] = 100 * (FINAL.max() - FINAL[winner])
    print(f"| finalists | {' | '.join(f'after {mark}' for mark in MARKS)} |")
    print("| --- |" + " --- |" * len(MARKS))
    for name, of in zip(DRAWS, regrets, strict=True):
        print(f"| {name} | {' | '.join(f'{value:.2f}' for value in of.mean(axis=0))} |")
    apart = regrets[1] - regrets[0]
    errors = apart.std(axis=0) / math.sqrt(options.orders)
    cells = [f"{a:+.2f} ± {e:.2f}" for a, e in zip(apart.mean(axis=0), errors, strict=True)]
    print(f"| difference | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
