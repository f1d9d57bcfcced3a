"""The searches that are compared: ours with its samplers and pruners, Optuna's, SMAC3, DEHB.

Each runs until its ledger is spent, one configuration after the other.
"""

from __future__ import annotations

import logging
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import optuna
from lcbench import EPOCHS, SPACE
from ledger import Ledger, Rule

from automl.sampling.candidates import Asked
from automl.sampling.sampler import SAMPLERS, Sampling
from automl.space.domains import FloatDomain, IntDomain
from automl.trial import EpochResult, TrialResult, TrialStatus

Side = Callable[[Ledger, int], None]
"""Called with a ledger and a seed; ends with `Spent`."""


def ours(ledger: Ledger, seed: int, *, sampler: str, pruner: str) -> None:
    """Search with our own sampling; only the training is replaced."""
    sampling = Sampling(
        SPACE, "maximize", seed=seed, sampler=sampler, pruner=pruner, max_epochs=EPOCHS
    )
    while True:
        asked = sampling.ask()
        history: list[EpochResult] = []
        status = TrialStatus.COMPLETE
        for epoch in range(1, EPOCHS + 1):
            score = ledger.train(asked.params, epoch) / 100
            history.append(EpochResult(asked.number, epoch, 0.0, 0.0, score, 1.0, 1.0))
            if sampling.report(asked.number, epoch, score):
                status = TrialStatus.PRUNED
                break
        seconds = ledger.price(asked.params) * len(history)
        sampling.tell(
            asked.number, TrialResult(asked.number, status, tuple(history), seconds, len(history))
        )


@dataclass(slots=True)
class _Running:
    asked: Asked
    history: list[EpochResult]


def in_groups(ledger: Ledger, seed: int, *, places: int) -> None:
    """Search as `ours`, with as many candidates at once, whose epochs go side by side.

    A place that is free is filled at the next epoch, before anything of the others is known but
    what they have reported.
    """
    sampling = Sampling(
        SPACE, "maximize", seed=seed, sampler="forest", pruner="halving", max_epochs=EPOCHS
    )
    running: list[_Running] = []
    while True:
        while len(running) < places:
            running.append(_Running(sampling.ask(), []))
        for member in list(running):
            number, epoch = member.asked.number, len(member.history) + 1
            score = ledger.train(member.asked.params, epoch) / 100
            member.history.append(EpochResult(number, epoch, 0.0, 0.0, score, 1.0, 1.0))
            pruned = sampling.report(number, epoch, score)
            if pruned or epoch == EPOCHS:
                status = TrialStatus.PRUNED if pruned else TrialStatus.COMPLETE
                history = tuple(member.history)
                seconds = ledger.price(member.asked.params) * epoch
                sampling.tell(number, TrialResult(number, status, history, seconds, epoch))
                running.remove(member)


def plain_optuna(
    ledger: Ledger, seed: int, *, sampler: type[Any], pruner: Callable[[], Any]
) -> None:
    """Search with a study of Optuna in memory, as its documentation has it."""
    study = optuna.create_study(
        study_name="replay", direction="maximize", sampler=sampler(seed=seed), pruner=pruner()
    )
    while True:
        trial = study.ask()
        params = SPACE.sample(trial)
        score = 0.0
        for epoch in range(1, EPOCHS + 1):
            score = ledger.train(params, epoch)
            trial.report(score, epoch)
            if trial.should_prune():
                study.tell(trial, state=optuna.trial.TrialState.PRUNED)
                break
        else:
            study.tell(trial, score)


def smac3(ledger: Ledger, seed: int) -> None:
    """Search with SMAC3's multi-fidelity facade: Hyperband with a random forest."""
    from smac import MultiFidelityFacade, Scenario
    from smac.runhistory.dataclasses import TrialValue

    with tempfile.TemporaryDirectory() as folder:
        scenario = Scenario(
            _config_space(seed),
            deterministic=True,
            n_trials=10**6,
            min_budget=1,
            max_budget=EPOCHS,
            seed=seed,
            output_directory=folder,
        )
        smac = MultiFidelityFacade(
            scenario, _not_called, overwrite=True, logging_level=logging.ERROR
        )
        while True:
            info = smac.ask()
            assert info.budget is not None
            score = ledger.train(_rounded(info.config), max(1, round(info.budget)))
            smac.tell(info, TrialValue(cost=1 - score / 100), save=False)


def dehb(ledger: Ledger, seed: int) -> None:
    """Search with DEHB: Hyperband with differential evolution."""
    from dehb import DEHB

    with tempfile.TemporaryDirectory() as folder:
        search = DEHB(
            cs=_config_space(seed),
            f=None,
            min_fidelity=1,
            max_fidelity=EPOCHS,
            eta=3,
            n_workers=1,
            output_path=folder,
            seed=seed,
            log_level="ERROR",
        )
        while True:
            job = search.ask()
            score = ledger.train(_rounded(job["config"]), max(1, round(job["fidelity"])))
            search.tell(job, {"fitness": 1 - score / 100, "cost": 1.0})


def _not_called(config: Any, seed: int = 0, budget: float = 0.0) -> float:
    raise AssertionError("SMAC is asked and told")


def _config_space(seed: int) -> Any:
    from ConfigSpace import ConfigurationSpace, Float, Integer

    space = ConfigurationSpace(seed=seed)
    for name, domain in SPACE.domains.items():
        if isinstance(domain, IntDomain):
            space.add(Integer(name, (domain.low, domain.high), log=domain.log))
        elif isinstance(domain, FloatDomain):
            space.add(Float(name, (domain.low, domain.high), log=domain.log))
    return space


def _rounded(config: Any) -> dict[str, Any]:
    return {name: config[name] for name in SPACE.domains}


_PRUNERS: dict[str, Callable[[], Any]] = {
    "": optuna.pruners.NopPruner,
    " hyperband": lambda: optuna.pruners.HyperbandPruner(1, EPOCHS, 3),
    " median": optuna.pruners.MedianPruner,
}

SIDES: dict[str, tuple[Rule, Side]] = {
    **{
        f"ours {sampler}": ("complete", partial(ours, sampler=sampler, pruner="halving"))
        for sampler in SAMPLERS
    },
    **{
        f"ours forest, {places} at once": ("complete", partial(in_groups, places=places))
        for places in (2, 8, 32)
    },
    **{
        f"optuna {name}{pruner}": (
            "complete",
            partial(plain_optuna, sampler=sampler, pruner=_PRUNERS[pruner]),
        )
        for name, sampler in (
            ("random", optuna.samplers.RandomSampler),
            ("tpe", optuna.samplers.TPESampler),
        )
        for pruner in _PRUNERS
    },
    "smac": ("deepest", smac3),
    "dehb": ("last", dehb),
}
"""By name, with the rule by which each recommends: Optuna's best trial is a complete one, SMAC's
incumbent is the best at the highest budget so far, DEHB's the best of all evaluations."""


def quiet() -> None:
    """Silence what the rivals have to say."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    warnings.simplefilter("ignore")
