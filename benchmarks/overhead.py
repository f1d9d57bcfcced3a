"""What a trial of ten epochs costs the parent: ask, report, prune, record, durable in SQLite.

python benchmarks/overhead.py [--trials 100 1000] [--sampler random tpe forest] [--seeds 2]

No network is trained: the scores come from a formula, on both sides the same. The other side is
an Optuna study in SQLite as its documentation has it: ask, suggest, report, should_prune, tell.
Both sides take turns, and the other side stops growing after `--most` trials, because it would
take hours; its cost for a trial hardly changes with their number. Before the clock starts each
side has had a few trials, for what it imports belongs to starting (`start.py`).
"""

from __future__ import annotations

import argparse
import platform
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import optuna

from automl.config import available_cores
from automl.sampling.sampler import SAMPLERS, Sampling
from automl.space.file import load_space
from automl.space.space import SearchSpace
from automl.study.trial_codec import to_attrs
from automl.study.writer import StudyStore
from automl.trial import EpochResult, TrialRecord, TrialResult, TrialStatus

EPOCHS = 10

WARM_UP = 12
"""Trials: TPE draws at random for the first ten."""


def score(params: dict[str, object], epoch: int) -> float:
    """A made-up learning curve that depends on the parameters."""
    rate = float(str(params["optimizer.learning_rate"]))
    dropout = float(str(params["model.dropout"]))
    return 1.0 - abs(rate - 0.003) - 0.1 * dropout - 0.5 / epoch


def ours(space: SearchSpace, sampler: str, trials: int, seed: int, folder: Path) -> float:
    """Seconds a trial of this project's parent."""
    store = StudyStore(f"sqlite:///{folder / 'ours.db'}")
    study_id = store.create_study("ours", "maximize")
    sampling = Sampling(
        space, "maximize", seed=seed, sampler=sampler, pruner="halving", max_epochs=EPOCHS + 2
    )
    started = time.perf_counter()
    for _ in range(trials):
        asked = sampling.ask()
        trial_id = store.begin_trial(study_id, asked.number, asked.params, asked.distributions)
        history = []
        for epoch in range(1, EPOCHS + 1):
            value = score(asked.params, epoch)
            history.append(EpochResult(asked.number, epoch, 1.0, 1.0, value, 1.0, 1000.0))
            sampling.report(asked.number, epoch, value)
        result = TrialResult(
            asked.number, TrialStatus.COMPLETE, tuple(history), 1.0, EPOCHS, None, 1000
        )
        told = sampling.tell(asked.number, result)
        record = TrialRecord(
            asked.number, result.status, asked.params, value, result.history, EPOCHS, 1.0
        )
        store.finish_trial(
            trial_id,
            optuna.trial.TrialState.COMPLETE,
            value=value,
            intermediate={e.epoch: e.valid_score for e in history},
            user_attrs=to_attrs(record),
            system_attrs=told.notes,
        )
    seconds = (time.perf_counter() - started) / trials
    store.close()
    return seconds


def plain(space: SearchSpace, sampler: str, trials: int, seed: int, folder: Path) -> float:
    """Seconds a trial of an Optuna study in SQLite, as it comes."""
    study = optuna.create_study(
        storage=f"sqlite:///{folder / 'plain.db'}",
        direction="maximize",
        sampler=optuna.samplers.TPESampler(seed=seed)
        if sampler == "tpe"  # without our faster function
        else SAMPLERS[sampler](seed),
        pruner=optuna.pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=3),
    )
    started = time.perf_counter()
    for _ in range(trials):
        trial = study.ask()
        params = space.sample(trial)
        for epoch in range(1, EPOCHS + 1):
            value = score(params, epoch)
            trial.report(value, epoch)
            trial.should_prune()
        study.tell(trial, value)
    return (time.perf_counter() - started) / trials


def main() -> None:
    """Print a table of milliseconds a trial and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, nargs="+", default=[100, 1000])
    parser.add_argument(
        "--sampler", nargs="+", default=["random", "tpe", "forest"], choices=list(SAMPLERS)
    )
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--most", type=int, default=100, help="trials of the other side")
    options = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    space = load_space("mlp")
    print(f"{platform.processor() or platform.machine()}, {available_cores()} cores")
    print("sampler  trials  ours (ms)  plain Optuna in SQLite (ms, trials)  ratio")
    for sampler in options.sampler:
        for side in (ours, plain):
            _in_folder(side, space, sampler, WARM_UP, 0)
        for trials in options.trials:
            fewer = min(trials, options.most)
            mine, theirs = [], []
            for seed in range(options.seeds):
                mine.append(_in_folder(ours, space, sampler, trials, seed))
                theirs.append(_in_folder(plain, space, sampler, fewer, seed))
            a, b = 1000 * median(mine), 1000 * median(theirs)
            print(f"{sampler:7}  {trials:6}  {a:9.2f}  {b:9.1f} ({fewer})  {b / a:6.1f}")


def _in_folder(side: Callable[..., float], *arguments: object) -> float:
    with tempfile.TemporaryDirectory() as folder:
        return side(*arguments, Path(folder))


if __name__ == "__main__":
    main()
