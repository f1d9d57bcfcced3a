"""Two ways to search several families at once, over the same spaces.

python benchmarks/families.py [--datasets digits friedman1:mlp,cnn ...] [--seeds 0 1 2]
    [--trials 60]

"halving" is what a search does: a study for each family, and successive halving over them.
"conditional" is one Optuna study whose TPE draws the family as a parameter, and the others within
groups that occur together (`TPESampler(multivariate=True, group=True)`); one pruner judges all.
Both sides train their trials in the same workers, without finalists; what is compared is the best
validation score, and the time and the epochs that it took.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from statistics import median
from typing import Any

from optuna.samplers import TPESampler
from optuna.trial import FrozenTrial

from automl.config import SearchConfig, available_cores
from automl.orchestrator import search as run
from automl.orchestrator.observer import Observer
from automl.sampling import make as candidates
from automl.sampling import sampler as sampling
from automl.sampling.candidates import Asked
from automl.sampling.sampler import Sampling
from automl.sampling.tpe_patch import speed_up
from automl.space.space import FAMILY, SearchSpace, in_family, of_family
from automl.trial import EpochResult, TrialResult

SIDES = ("halving", "conditional")


class Conditional(Sampling):
    """One study for all families."""

    def __init__(
        self, kind: type[Sampling], space: SearchSpace, *args: Any, in_rounds: bool, **options: Any
    ) -> None:
        super().__init__(space, *args, **options)

    def ask(self) -> Asked:
        trial = self._study.ask()
        family = str(self.space.domains[FAMILY].suggest(trial, FAMILY))
        own = self.space.of_family(family)
        for name, domain in in_family(own.domains, family).items():
            domain.suggest(trial, name)
        self._live[trial.number] = trial
        params = {**own.fixed, **of_family(trial.params, family, self.space.families)}
        return Asked(trial.number, params, trial.distributions, trial.params)

    def tell(self, number: int, result: TrialResult) -> FrozenTrial:
        """The trial has plain names, as that of a family's own study would."""
        plain = copy.copy(super().tell(number, result))
        family = str(plain.params[FAMILY])
        plain.params = of_family(plain.params, family, self.space.families)
        return plain


def _conditional_tpe(seed: int) -> TPESampler:
    speed_up()
    return TPESampler(seed=seed, multivariate=True, group=True)


class _Epochs(Observer):
    def __init__(self) -> None:
        self.count = 0

    def epoch(self, worker: int, result: EpochResult) -> None:
        self.count += 1


def one(side: str, dataset: str, seed: int, trials: int) -> dict[str, Any]:
    """One search."""
    if side == "conditional":
        warnings.simplefilter("ignore")
        sampling.SAMPLERS["tpe"] = _conditional_tpe
        candidates.FamilySampling = Conditional  # type: ignore[misc]
    epochs = _Epochs()
    name, _, families = dataset.partition(":")
    config = SearchConfig(
        dataset=name,
        family=tuple(families.split(",")) if families else (),
        trials=trials,
        seed=seed,
        finalists=0,
        baselines=(),
        onnx=False,
        report=False,
    )
    started = time.perf_counter()
    result = run.search(config, epochs)
    assert result.best is not None
    return {
        "seconds": time.perf_counter() - started,
        "epochs": epochs.count,
        "valid": result.best.valid_score,
        "family": result.best.params[FAMILY],
    }


def main() -> None:
    """Print a line a data set and side, medians over the seeds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--datasets", nargs="+", default=["digits", "sine", "friedman1:mlp,cnn"])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--trials", type=int, default=60)
    parser.add_argument("--one", nargs=2, metavar=("SIDE", "DATASET"))
    options = parser.parse_args()
    if options.one:
        print(json.dumps(one(*options.one, options.seeds[0], options.trials)))
        return
    print(f"{platform.processor() or platform.machine()}, {available_cores()} cores")
    print("| data | side | best valid, each seed | family | epochs | s |")
    print("| --- | --- | --- | --- | --- | --- |")
    for dataset in options.datasets:
        found: dict[str, list[dict[str, Any]]] = {side: [] for side in SIDES}
        for seed in options.seeds:
            for side in SIDES:
                found[side].append(_apart(side, dataset, seed, options.trials))
        for side, runs in found.items():
            scores = ", ".join(f"{r['valid']:.4f}" for r in runs)
            families = ", ".join(r["family"] for r in runs)
            epochs, seconds = (median(r[key] for r in runs) for key in ("epochs", "seconds"))
            print(
                f"| {dataset} | {side} | {scores} | {families} | {epochs:g} | {seconds:.0f} |",
                flush=True,
            )


def _apart(side: str, dataset: str, seed: int, trials: int) -> dict[str, Any]:
    """In a process and a folder of its own."""
    command = [sys.executable, str(Path(__file__).resolve()), "--one", side, dataset]
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [*command, "--seeds", str(seed), "--trials", str(trials)],
            cwd=folder,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
            env=dict(os.environ),
        )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    main()
