"""A space samples values inside its domains, and knows what decides them."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spaces import SPACES

from automl.errors import SpaceError
from automl.space.domains import ChoiceDomain, FloatDomain, IntDomain
from automl.space.space import SearchSpace


class FakeTrial:
    """Stands in for Optuna's trial: draws evenly, and remembers what it was asked."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.asked: list[str] = []

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        self.asked.append(name)
        return self.random.randint(low, high)

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        self.asked.append(name)
        share = self.random.random()
        return min(max(low * (1 - share) + high * share, low), high)

    def suggest_categorical(self, name: str, choices: Any) -> Any:
        self.asked.append(name)
        return self.random.choice(choices)


SPACE = SearchSpace(
    "s.yaml",
    {
        "model.depth": IntDomain(1, 4),
        "optimizer.learning_rate": FloatDomain(1e-4, 1e-1, log=True),
        "optimizer.name": ChoiceDomain(("sgd", "adam")),
    },
    {"family": "mlp"},
    ({"model.depth": 2, "optimizer.name": "sgd"}, {"model.depth": 2, "optimizer.name": "adam"}),
)


@given(SPACES, st.integers(0, 1000))
def test_every_sample_lies_inside_its_space(space: SearchSpace, seed: int) -> None:
    trial = FakeTrial(seed)
    params = space.sample(trial)
    assert params.keys() == space.domains.keys() | space.fixed.keys()
    assert trial.asked == list(space.domains)
    for name, domain in space.domains.items():
        assert domain.holds(params[name])
        assert all(domain.holds(corner) for corner in domain.corners())
    for name, value in space.fixed.items():
        assert params[name] == value


def test_a_fixed_parameter_is_no_longer_sampled() -> None:
    space = SPACE.fix({"model.depth": 7})
    assert space.fixed == {"family": "mlp", "model.depth": 7}
    assert list(space.domains) == ["optimizer.learning_rate", "optimizer.name"]
    assert SPACE.fixed == {"family": "mlp"}


def test_fixing_keeps_the_rest_of_the_start_configurations_once() -> None:
    assert SPACE.fix({"optimizer.name": "sgd"}).start == ({"model.depth": 2},)
    assert SPACE.fix({"model.depth": 1, "optimizer.name": "sgd"}).start == ()


def test_fixing_an_unknown_parameter_lists_the_known_ones() -> None:
    with pytest.raises(
        SpaceError, match=r"s\.yaml: unknown parameter 'model\.dept' .*model\.depth"
    ):
        SPACE.fix({"model.dept": 3})


@pytest.mark.parametrize(
    "other",
    [
        SPACE.fix({"model.depth": 2}),
        SearchSpace("s.yaml", SPACE.domains, {"family": "cnn"}, SPACE.start),
        SearchSpace(
            "s.yaml", {**SPACE.domains, "model.depth": IntDomain(1, 5)}, SPACE.fixed, SPACE.start
        ),
        SearchSpace(
            "s.yaml",
            {**SPACE.domains, "optimizer.learning_rate": FloatDomain(1e-4, 1e-1)},
            SPACE.fixed,
            SPACE.start,
        ),
    ],
)
def test_the_fingerprint_changes_with_what_is_sampled(other: SearchSpace) -> None:
    assert other.fingerprint() != SPACE.fingerprint()


def test_the_fingerprint_does_not_depend_on_where_a_search_starts() -> None:
    """So a search may be warm-started, and what is known of a space holds for it."""
    assert replace(SPACE, start=SPACE.start[:1]).fingerprint() == SPACE.fingerprint()


def test_the_fingerprint_does_not_depend_on_where_the_file_lies() -> None:
    moved = replace(SPACE, source="elsewhere.yaml")
    assert moved.fingerprint() == SPACE.fingerprint()


@pytest.mark.parametrize(
    ("domain", "inside", "outside"),
    [
        (IntDomain(1, 4), [1, 4], [0, 5, 2.0, "2", True]),
        (FloatDomain(0.5, 1.0), [0.5, 1, 1.0], [0.49, 1.01, "0.7", True]),
        (ChoiceDomain(("a", 1)), ["a", 1], ["b", 1.0, 2, True]),
    ],
)
def test_a_domain_knows_what_it_holds(domain: Any, inside: list[Any], outside: list[Any]) -> None:
    assert all(domain.holds(value) for value in inside)
    assert not any(domain.holds(value) for value in outside)
