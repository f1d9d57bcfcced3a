"""The samplers that learn from a model of all trials: where they draw, and what they learn from."""

from __future__ import annotations

import math
from statistics import geometric_mean
from typing import Any

import optuna
import pytest
from optuna.trial import TrialState

from automl.sampling.model_sampler import ModelSampler
from automl.sampling.sampler import Sampling
from automl.sampling.surrogate import Surrogate
from automl.sampling.surrogates import Forest, Smooth
from automl.space.domains import ChoiceDomain, FloatDomain, IntDomain
from automl.space.space import SearchSpace
from automl.trial import EpochResult, TrialResult, TrialStatus

SPACE = SearchSpace(
    "s.yaml",
    {
        "x": FloatDomain(-1.0, 1.0),
        "rate": FloatDomain(1e-4, 1e-1, log=True),
        "width": IntDomain(8, 512, log=True),
        "depth": IntDomain(1, 4),
        "shift": ChoiceDomain((0.0, 0.04, 0.08)),
        "kind": ChoiceDomain(("relu", "tanh", "silu")),
        "batch": IntDomain(32, 32),
    },
    {"family": "mlp"},
)


def _score(params: dict[str, Any]) -> float:
    """At most 0, where x is 0.3, the rate 0.003, and the kind tanh."""
    rate = math.log10(params["rate"] / 0.003)
    return -((params["x"] - 0.3) ** 2) - rate**2 / 4 - (params["kind"] != "tanh")


def _search(sampler: str, seed: int, trials: int, epochs: int = 1) -> list[dict[str, Any]]:
    """Draw trials; what is pruned after one epoch of several has no later score."""
    sampling = Sampling(
        SPACE,
        "maximize",
        seed=seed,
        sampler=sampler,
        pruner="halving" if epochs > 1 else "none",
        max_epochs=epochs,
    )
    drawn = []
    for _ in range(trials):
        asked = sampling.ask()
        drawn.append(asked.params)
        history: list[EpochResult] = []
        status = TrialStatus.COMPLETE
        for epoch in range(1, epochs + 1):
            score = _score(asked.params) - 1 / epoch
            history.append(EpochResult(asked.number, epoch, 0.1, 0.1, score, 0.1, 1.0))
            if sampling.report(asked.number, epoch, score):
                status = TrialStatus.PRUNED
                break
        sampling.tell(
            asked.number, TrialResult(asked.number, status, tuple(history), 0.1, len(history))
        )
    return drawn


BOTH = pytest.mark.parametrize("sampler", ["forest", "gp"])


@BOTH
@pytest.mark.parametrize("epochs", [1, 12])
def test_it_draws_inside_the_space_and_the_same_again(sampler: str, epochs: int) -> None:
    drawn = _search(sampler, 3, 40, epochs)
    for params in drawn:
        assert all(SPACE.domains[name].holds(params[name]) for name in SPACE.domains)
    assert drawn == _search(sampler, 3, 40, epochs)
    assert drawn != _search(sampler, 4, 40, epochs)


@BOTH
@pytest.mark.parametrize("epochs", [1, 12])
def test_at_equal_trials_it_finds_more_than_chance(sampler: str, epochs: int) -> None:
    """The best score there is is 0."""
    learned, chance = (
        geometric_mean(-max(map(_score, _search(name, seed, 60, epochs))) for seed in range(5))
        for name in (sampler, "random")
    )
    assert learned < chance / 2


@pytest.mark.parametrize("model", [Forest, Smooth])
def test_a_good_trial_that_was_pruned_early_is_not_behind_a_bad_one_that_was_complete(
    model: type[Surrogate],
) -> None:
    """Trials are compared after as many epochs; TPE puts any complete one first."""
    study = optuna.create_study(direction="maximize", sampler=ModelSampler(0, model))
    x = optuna.distributions.FloatDistribution(0.0, 1.0)
    for i in range(30):
        value = i / 30
        # The first two, which are bad, were trained to their end.
        steps = {1: value, 9: value} if i < 2 else {1: value}
        state = TrialState.COMPLETE if i < 2 else TrialState.PRUNED
        study.add_trial(
            optuna.trial.create_trial(
                state=state,
                value=value if i < 2 else None,
                params={"x": value},
                distributions={"x": x},
                intermediate_values=steps,
            )
        )
    proposed = [study.ask({"x": x}).params["x"] for _ in range(20)]
    assert sorted(proposed)[10] > 0.7


@pytest.mark.parametrize("model", [Forest, Smooth])
def test_parameters_that_only_some_trials_have_are_drawn_at_random_beside_the_others(
    model: type[Surrogate],
) -> None:
    def objective(trial: optuna.Trial) -> float:
        kind = trial.suggest_categorical("kind", ["a", "b"])
        x = trial.suggest_float("x", 0.0, 1.0)
        extra = trial.suggest_float("momentum", 0.0, 1.0) if kind == "a" else 0.0
        return x + (kind == "a") + 0.0 * extra

    study = optuna.create_study(direction="maximize", sampler=ModelSampler(0, model))
    study.optimize(objective, n_trials=40)
    assert all(("momentum" in t.params) is (t.params["kind"] == "a") for t in study.trials)
    assert study.best_value > 1.95


@pytest.mark.parametrize("model", [Forest, Smooth])
def test_steps_of_a_range_are_kept(model: type[Surrogate]) -> None:
    def objective(trial: optuna.Trial) -> float:
        n = trial.suggest_int("n", 2, 20, step=3)
        x = trial.suggest_float("x", 0.0, 1.0, step=0.25)
        assert n in range(2, 21, 3)
        assert x in (0.0, 0.25, 0.5, 0.75, 1.0)
        return n * x

    study = optuna.create_study(direction="minimize", sampler=ModelSampler(0, model))
    study.optimize(objective, n_trials=30)


@BOTH
def test_what_fails_is_hardly_proposed_again(sampler: str) -> None:
    """Half the space fails, of which the scores of the other half say nothing."""
    failed = []
    for seed in range(8):
        sampling = Sampling(
            SPACE, "maximize", seed=seed, sampler=sampler, pruner="none", max_epochs=1
        )
        for _ in range(60):
            asked = sampling.ask()
            failed.append(asked.params["width"] > 64)
            sampling.tell_value(asked.number, None if failed[-1] else _score(asked.params))
    last = [fails for number, fails in enumerate(failed) if number % 60 >= 40]
    assert sum(last) <= len(last) / 10, "chance alone has a half, ranks of scores a fifth"


@BOTH
def test_what_never_passes_the_first_rung_is_hardly_proposed_again(sampler: str) -> None:
    """A low rate has learned next to nothing after an epoch, and would be level at the end."""
    wide = {f"other{i}": FloatDomain(0.0, 1.0) for i in range(12)}
    space = SearchSpace("s.yaml", SPACE.domains | wide, SPACE.fixed)
    low = []
    for seed in range(4):
        sampling = Sampling(
            space, "maximize", seed=seed, sampler=sampler, pruner="halving", max_epochs=27
        )
        for _ in range(70):
            asked = sampling.ask()
            rate = asked.params["rate"]
            low.append(rate < 1e-3)
            history: list[EpochResult] = []
            pruned = False
            while not pruned and len(history) < 27:
                epoch = len(history) + 1
                behind = 0.9 / (1 + (rate / 1e-3) ** 1.3) / epoch**2
                score = 0.99 + _score(asked.params) / 100 - behind - 0.05 / epoch
                history.append(EpochResult(asked.number, epoch, 0.1, 0.1, score, 0.1, 1.0))
                pruned = sampling.report(asked.number, epoch, score)
            status = TrialStatus.PRUNED if pruned else TrialStatus.COMPLETE
            sampling.tell(
                asked.number, TrialResult(asked.number, status, tuple(history), 0.1, len(history))
            )
    last = [is_low for number, is_low in enumerate(low) if number % 70 >= 40]
    assert sum(last) <= len(last) / 6, "chance alone has a third, and it was a fifth"


@BOTH
def test_where_everything_fails_it_goes_on(sampler: str) -> None:
    sampling = Sampling(SPACE, "minimize", seed=0, sampler=sampler, max_epochs=4)
    drawn = []
    for _ in range(20):
        asked = sampling.ask()
        drawn.append(asked.params["rate"])
        sampling.tell(asked.number, TrialResult(asked.number, TrialStatus.FAILED, (), 0.1))
    assert len(set(drawn)) == 20, "each is another candidate"


@BOTH
def test_a_long_history_is_learned_from_as_it_grows(sampler: str) -> None:
    """The storage shows a sampler a part of the trials, of which there may be fewer than before."""
    space = SearchSpace("s", {"x": FloatDomain(-1.0, 1.0), "y": FloatDomain(0.0, 1.0)}, {})
    chance = Sampling(space, "maximize", seed=0, sampler="random")
    past = []
    for _ in range(740):
        asked = chance.ask()
        past.append(chance.tell_value(asked.number, -abs(float(asked.params["x"]) - 0.3)))
    sampling = Sampling(space, "maximize", seed=0, sampler=sampler, past=past)
    drawn = []
    for _ in range(40):
        asked = sampling.ask()
        drawn.append(float(asked.params["x"]))
        sampling.tell_value(asked.number, -abs(drawn[-1] - 0.3))
    assert sum(abs(x - 0.3) < 0.05 for x in drawn) > 20
