"""Replay samplers, and a history, on our own table of learning curves of small tables.

python benchmarks/replay/table_searches.py [--sides random forest "forest, history"] [--seeds 2]
    [--by seconds]

What a sampler proposes is looked up in ``curves.npz``: it gets the curve of the nearest
configuration that was not taken before. All sides begin with the first start configuration of the
space, and have rungs after 1, 3 and 9 of 27 epochs. With a history come up to eight configurations
of studies of the other tables, each of sixty at random. Regret is how many of a hundred
configurations are better than the best complete one, after 4, 8 and 16 full trainings' worth of
epochs, or with ``--by seconds`` the mean seconds of a full training of that table.
"""

from __future__ import annotations

import argparse
import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sides import quiet

from automl.history.folder import Read
from automl.history.past import PastStudy, PastTrial
from automl.history.portfolio import Coordinates
from automl.history.take import Asking, take, with_starts
from automl.sampling.sampler import SAMPLERS, Sampling
from automl.space.domains import ChoiceDomain
from automl.space.file import load_space
from automl.space.space import SearchSpace
from automl.trial import EpochResult, TrialResult, TrialStatus

MARKS = (4, 8, 16)
EPOCHS = 27
TRIALS = 60
HISTORY = ", history"
FAILED = 1e3
"""Loss of a training that diverged."""


class Table:
    """The curves of one table, of which each is taken once.

    Parameters
    ----------
    losses : array of shape (configurations, epochs)
    prices : array of shape (configurations,)
        What an epoch costs.
    places : array of shape (configurations, columns)
    coordinates : Coordinates
    """

    def __init__(
        self,
        losses: NDArray[np.float64],
        prices: NDArray[np.float64],
        places: NDArray[np.float64],
        coordinates: Coordinates,
    ) -> None:
        self._prices = prices
        self._losses, self._coordinates, self._places = losses, coordinates, places
        self._final = losses.min(axis=1)
        self._free = np.ones(len(losses), bool)
        self._best = math.inf

    def take(self, params: dict[str, Any]) -> tuple[NDArray[np.float64], float]:
        """Return the curve of the nearest configuration that is left, and its price."""
        apart = self._coordinates.distances(self._coordinates.of([params]), self._places)[0]
        nearest = int(np.where(self._free, apart, np.inf).argmin())
        self._free[nearest] = False
        return self._losses[nearest], float(self._prices[nearest])

    def complete(self, curve: NDArray[np.float64]) -> None:
        """Note that a training came to its end."""
        self._best = min(self._best, float(curve.min()))

    @property
    def regret(self) -> float:
        """How many of a hundred configurations are better than the best so far."""
        return 100 * float((self._final < self._best).mean()) if self._best < math.inf else 50.0


def search(table: Table, space: SearchSpace, sampler: str, seed: int) -> list[float]:
    """Return the regret at each mark."""
    sampling = Sampling(
        space, "minimize", seed=seed, sampler=sampler, pruner="halving", max_epochs=EPOCHS
    )
    found: list[float] = []
    spent = 0.0
    while True:
        asked = sampling.ask()
        curve, price = table.take({name: asked.params[name] for name in space.domains})
        history: list[EpochResult] = []
        status = TrialStatus.COMPLETE
        for epoch, loss in enumerate(curve.tolist(), 1):
            spent += price
            while spent > MARKS[len(found)] * EPOCHS:
                found.append(table.regret)
                if len(found) == len(MARKS):
                    return found
            history.append(EpochResult(asked.number, epoch, 0.0, loss, loss, 1.0, 1.0))
            if sampling.report(asked.number, epoch, loss):
                status = TrialStatus.PRUNED
                break
        else:
            table.complete(curve)
        best = int(np.argmin([e.valid_score for e in history])) + 1
        seconds = price * len(history)
        result = TrialResult(asked.number, status, tuple(history), seconds, best)
        sampling.tell(asked.number, result)


def main() -> None:
    """Print a table: means, and their standard errors over the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    known = [*SAMPLERS, *(f"{sampler}{HISTORY}" for sampler in SAMPLERS)]
    sides = ["random", "tpe", "forest", f"random{HISTORY}", f"forest{HISTORY}"]
    parser.add_argument("--sides", nargs="+", default=sides, choices=known)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--by", choices=("epochs", "seconds"), default="epochs")
    options = parser.parse_args()
    quiet()
    with np.load(Path(__file__).parent / "curves.npz") as kept:
        losses, about = kept["first"][:, :, 1].astype(float), json.loads(str(kept["about"]))
        prices = kept["seconds"] / kept["seconds"].mean(axis=1, keepdims=True)
    if options.by == "epochs":
        prices = np.ones_like(prices)
    losses = np.where(np.isfinite(losses), losses, FAILED)
    whole = load_space("mlp-table-small")
    optimizers = ChoiceDomain(("sgd", "rmsprop", "adam", "adamw"))  # as in the file
    space = replace(
        whole,
        domains={**whole.domains, "optimizer.name": optimizers},
        start=whole.start[:1],
    )
    params: list[dict[str, Any]] = about["parameters"]
    coordinates = Coordinates(space)
    places = coordinates.of([{n: p[n] for n in space.domains} for p in params])
    past = [_past(facts, params, row) for facts, row in zip(about["tables"], losses, strict=True)]
    print(f"| side | {' | '.join(f'after {mark}' for mark in MARKS)} |")
    print("| --- " * (len(MARKS) + 1) + "|")
    for side in options.sides:
        sampler, _, with_history = side.partition(HISTORY[:2])
        means = []
        for facts, rows, costs in zip(about["tables"], losses, prices, strict=True):
            own = space
            if with_history:
                asking = Asking(space, facts["table"], "", facts)
                own = with_starts(space, take(asking, Read(tuple(past), {})), 1)
            runs = [
                search(Table(rows, costs, places, coordinates), own, sampler, seed)
                for seed in range(options.seeds)
            ]
            means.append(np.mean(runs, axis=0))
        mean, error = np.mean(means, axis=0), np.std(means, axis=0) / math.sqrt(len(means))
        cells = [f"{m:.1f} ± {e:.1f}" for m, e in zip(mean, error, strict=True)]
        print(f"| {side} | {' | '.join(cells)} |", flush=True)


def _past(
    facts: dict[str, Any], params: list[dict[str, Any]], losses: NDArray[np.float64]
) -> PastStudy:
    name = facts["table"]
    chosen = np.random.default_rng(len(name)).choice(len(params), TRIALS, replace=False)
    trials = tuple(PastTrial(int(i), params[i], (), float(losses[i].min()), 1.0) for i in chosen)
    return PastStudy(name, name, name, facts, "log_loss", "epoch", trials)


if __name__ == "__main__":
    main()
