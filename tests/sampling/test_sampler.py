"""Asking Optuna: every sampler and pruner by name, and what they learn from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from automl.option_types import PRUNERS as PRUNER_NAMES
from automl.option_types import SAMPLERS as SAMPLER_NAMES
from automl.sampling.pruners import PRUNERS, first_rung
from automl.sampling.rounds import RoundSampling
from automl.sampling.sampler import SAMPLERS, Sampling
from automl.seeds import derive_seed
from automl.space.domains import ChoiceDomain, FloatDomain, IntDomain
from automl.space.space import SearchSpace
from automl.trial import EpochResult, TrialResult, TrialStatus

SPACE = SearchSpace(
    "s.yaml",
    {
        "x": FloatDomain(0.0, 1.0),
        "rate": FloatDomain(1e-4, 1e-1, log=True),
        "n": IntDomain(1, 9),
        "kind": ChoiceDomain(("a", "b")),
    },
    {"family": "mlp"},
    (
        {"x": 0.5, "rate": 0.01, "n": 3, "kind": "b"},
        {"x": 0.25, "rate": 0.001, "n": 4, "kind": "a"},
    ),
)


def _sampling(**options: Any) -> Sampling:
    return Sampling(options.pop("space", SPACE), "maximize", **{"seed": 0, **options})


def _result(number: int, score: float, status: TrialStatus = TrialStatus.COMPLETE) -> TrialResult:
    history = (EpochResult(number, 1, 0.1, 0.1, score, 0.1, 1.0),)
    return TrialResult(number, status, history, 0.1, best_epoch=1)


def _draw(sampling: Sampling, count: int) -> list[dict[str, Any]]:
    drawn = []
    for _ in range(count):
        asked = sampling.ask()
        drawn.append(asked.params)
        sampling.tell(asked.number, _result(asked.number, float(asked.params["x"])))
    return drawn


def test_the_command_line_knows_every_sampler_and_pruner() -> None:
    assert sorted(SAMPLERS) == sorted(SAMPLER_NAMES)
    assert sorted(PRUNERS) == sorted(PRUNER_NAMES)


@pytest.mark.parametrize("sampler", sorted(SAMPLERS))
def test_every_sampler_draws_inside_the_space_and_the_same_again(sampler: str) -> None:
    drawn = _draw(_sampling(sampler=sampler), 14)
    for params in drawn:
        assert params.keys() == {"family", *SPACE.domains}
        assert all(SPACE.domains[name].holds(params[name]) for name in SPACE.domains)
    assert drawn == _draw(_sampling(sampler=sampler), 14)
    assert drawn[2:] != _draw(_sampling(sampler=sampler, seed=1), 14)[2:]


def test_start_configurations_are_asked_first_and_in_their_order() -> None:
    drawn = _draw(_sampling(), 3)
    assert drawn[0] == {"family": "mlp", **SPACE.start[0]}
    assert drawn[1] == {"family": "mlp", **SPACE.start[1]}
    assert drawn[2] not in drawn[:2]


def test_a_space_without_anything_to_sample_asks_the_same_again() -> None:
    drawn = _draw(_sampling(space=SearchSpace("s", {}, {"family": "mlp", "x": 1})), 2)
    assert drawn == [{"family": "mlp", "x": 1}] * 2


@pytest.mark.parametrize("sampler", ["forest", "gp", "tpe"])
def test_a_sampler_learns_where_it_is_good(sampler: str) -> None:
    drawn = _draw(_sampling(sampler=sampler), 60)
    early, late = (sum(p["x"] for p in part) / len(part) for part in (drawn[2:12], drawn[-20:]))
    assert late > max(early, 0.7)


@pytest.mark.parametrize("sampler", ["forest", "gp", "tpe"])
def test_a_sampler_learns_from_failures(sampler: str) -> None:
    """What fails must be proposed less and less."""
    space = SearchSpace("s", {"x": FloatDomain(0.0, 1.0)}, {})
    sampling = _sampling(space=space, sampler=sampler)
    bad = []
    for _ in range(60):
        asked = sampling.ask()
        x = float(asked.params["x"])
        bad.append(x > 0.5)
        status = TrialStatus.FAILED if x > 0.5 else TrialStatus.COMPLETE
        sampling.tell(asked.number, _result(asked.number, 0.5 - abs(x - 0.2), status))
    assert sum(bad[-20:]) <= 5  # a quarter is drawn at random, and half of that fails


@pytest.mark.parametrize("sampler", sorted(SAMPLERS))
@pytest.mark.parametrize("told", [2, 5])
def test_a_resumed_study_counts_on_and_does_not_repeat_itself(told: int, sampler: str) -> None:
    first = _sampling(sampler=sampler)
    past, drawn = [], []
    for _ in range(told):
        asked = first.ask()
        drawn.append(asked.params)
        past.append(first.tell_value(asked.number, float(asked.params["x"])))
    again = _sampling(past=past, sampler=sampler)
    asked = again.ask()
    assert asked.number == told
    assert asked.params not in drawn


def test_a_resumed_study_still_asks_the_start_configurations_that_were_left() -> None:
    first = _sampling()
    past = [first.tell_value(first.ask().number, 0.5)]
    again = _sampling(past=past)
    assert again.ask().params == {"family": "mlp", **SPACE.start[1]}
    assert again.ask().params not in [{"family": "mlp", **s} for s in SPACE.start]


def test_a_failed_trial_of_an_earlier_run_can_be_learned_from() -> None:
    import optuna
    from optuna.distributions import FloatDistribution

    failed = optuna.trial.create_trial(
        state=optuna.trial.TrialState.FAIL,
        params={"x": 0.5},
        distributions={"x": FloatDistribution(0.0, 1.0)},
        user_attrs={"error": "diverged"},
    )
    sampling = _sampling(space=SearchSpace("s", {"x": FloatDomain(0.0, 1.0)}, {}), past=[failed])
    assert sampling.ask().number == 1


def _judge(pruner: str, scores: list[float], epochs: int = 12) -> list[int]:
    """After how many epochs each candidate is pruned; `epochs` when it is not."""
    sampling = _sampling(pruner=pruner, max_epochs=epochs)
    lived = []
    for score in scores:
        number = sampling.ask().number
        for epoch in range(1, epochs + 1):
            if sampling.report(number, epoch, score):
                sampling.tell(number, _result(number, score, TrialStatus.PRUNED))
                break
        else:
            sampling.tell(number, _result(number, score))
        lived.append(epoch)
    return lived


SHUFFLED = [(i * 37 % 60) / 60 for i in range(60)]


def test_halving_drops_most_candidates_at_the_first_rung() -> None:
    lived = _judge("halving", SHUFFLED)
    assert sum(epochs == 1 for epochs in lived) > 30
    best = max(range(60), key=SHUFFLED.__getitem__)
    assert lived[best] == 12


@pytest.mark.parametrize("pruner", sorted(PRUNERS))
def test_the_best_candidate_is_never_pruned(pruner: str) -> None:
    lived = _judge(pruner, [*SHUFFLED[:30], 2.0])
    assert lived[-1] == 12


@pytest.mark.parametrize("starts", [True, False])
def test_the_first_start_configuration_is_trained_in_full(starts: bool) -> None:
    """Also where another worker comes to a rung before it, with more."""
    space = SPACE if starts else replace(SPACE, start=())
    sampling = _sampling(space=space, pruner="halving", max_epochs=12)
    first, second = sampling.ask().number, sampling.ask().number
    assert not sampling.report(second, 1, 0.9)
    assert sampling.report(first, 1, 0.5) is not starts


@pytest.mark.parametrize("whole", [1, 2, 9])
def test_as_many_start_configurations_are_trained_in_full_as_are_asked_for(whole: int) -> None:
    sampling = _sampling(pruner="halving", max_epochs=12, whole=whole)
    numbers = [sampling.ask().number for _ in range(5)]
    sampling.report(numbers.pop(), 1, 0.9)
    pruned = [sampling.report(number, 1, 0.5 - number / 100) for number in numbers]
    assert pruned == [number >= min(whole, len(SPACE.start)) for number in numbers]


@pytest.mark.parametrize("kind", [Sampling, RoundSampling])
def test_so_it_is_when_it_was_put_back_and_begins_after_others(kind: type[Sampling]) -> None:
    before = _sampling(pruner="halving", max_epochs=12)
    for _ in range(4):
        before.ask()
    for number in (1, 2, 3):
        before.report(number, 1, 0.9)
        before.tell(number, _result(number, 0.9))
    past = before._study.get_trials()
    options = {"seed": 0, "pruner": "halving", "max_epochs": 12}
    after = kind(SPACE, "maximize", past=past, **options)
    first, another = after.ask(), after.ask()
    assert (first.number, first.params["x"], another.number) == (0, 0.5, 4)
    assert not after.report(first.number, 1, 0.1)
    assert after.report(another.number, 1, 0.1)


def test_a_study_keeps_the_same_of_a_trial_in_rounds_although_they_learn_later() -> None:
    """In rounds, what was told used to be Optuna's trial from before it was told."""
    options: dict[str, Any] = {"seed": 0, "sampler": "cmaes", "pruner": "hyperband"}
    options["max_epochs"] = 12
    for kind in (Sampling, RoundSampling):
        sampling = kind(SPACE, "maximize", **options)
        asked = sampling.ask()
        sampling.report(asked.number, 1, 0.5)
        told = sampling.tell(asked.number, _result(asked.number, 0.5))
        assert told.params == asked.drawn
        assert any(note.startswith("completed_rung") for note in told.notes)


@pytest.mark.parametrize("pruner", sorted(set(PRUNERS) - {"none"}))
def test_every_pruner_prunes_the_worst(pruner: str) -> None:
    lived = _judge(pruner, [*SHUFFLED[:40], *[-1.0] * 6])
    assert min(lived[-6:]) < 12


def test_no_pruner_prunes_nothing() -> None:
    assert _judge("none", SHUFFLED[:10]) == [12] * 10


@pytest.mark.parametrize(("epochs", "rung"), [(1, 1), (3, 1), (12, 1), (81, 1), (162, 2), (324, 4)])
def test_the_first_rung_grows_with_the_budget(epochs: int, rung: int) -> None:
    assert first_rung(epochs) == rung


def test_seeds_depend_on_every_part_and_fit_everywhere() -> None:
    seeds = [derive_seed(*parts) for parts in [(0, 0), (0, 1), (1, 0), (0, 0, 1), (0, 1, 1)]]
    assert len(set(seeds)) == len(seeds)
    assert all(0 <= seed < 2**63 for seed in seeds)
    assert derive_seed(0, 7) == derive_seed(0, 7)


def test_a_candidate_says_where_it_came_from() -> None:
    sampling = _sampling(sampler="random")
    assert [sampling.ask().drawn_by for _ in range(3)] == ["start", "start", "random"]


def test_candidates_of_a_forest_are_its_proposals_or_chance() -> None:
    sampling = _sampling(sampler="forest")
    drawn = []
    for _ in range(32):
        asked = sampling.ask()
        drawn.append(asked.drawn_by)
        sampling.tell(asked.number, _result(asked.number, float(asked.params["x"])))
    assert drawn[:2] == ["start", "start"]
    assert set(drawn[2:10]) == {"random"}  # there is no model yet
    assert set(drawn[10:]) == {"model", "random"}
