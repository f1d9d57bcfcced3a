"""What every family must do: this suite runs over each file of `automl/models`."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from automl.models import FAMILIES, Cost, Family
from automl.models.mlp import FAMILY as MLP
from automl.task import Inputs
from automl.testing import check_family
from automl.testing.families import CHECKS, INPUTS, check_cost, check_settings, variants

Check = Callable[[Family, Inputs], None]


@pytest.fixture(params=FAMILIES.names())
def family(request: pytest.FixtureRequest) -> Family:
    return FAMILIES.get(request.param)


def test_its_settings_obey_their_rules(family: Family) -> None:
    check_settings(family)
    for settings in variants(family):
        assert settings.widths, "the report draws them"


@pytest.mark.parametrize("inputs", sorted(INPUTS))
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_its_networks_keep_the_contract(family: Family, check: Check, inputs: str) -> None:
    check(family, INPUTS[inputs])


def test_parameters_of_two_settings_never_clash(family: Family) -> None:
    canonical = {family.canonical(settings) for settings in variants(family)}
    for one, other in itertools.combinations(canonical, 2):
        assert one != other


def test_a_broken_family_is_found() -> None:
    class Miscounted(type(MLP)):  # type: ignore[misc]
        def cost(self, settings: Any, inputs: Inputs, n_outputs: int) -> Cost:
            return Cost(1, 1)

    with pytest.raises(AssertionError, match="1 weights, not"):
        check_family(Miscounted(), {"vector": INPUTS["vector"]})
    check_cost(MLP, INPUTS["vector"])


def test_cost_is_counted_without_torch(python: Callable[..., Any]) -> None:
    code = (
        "import sys\n"
        "from automl.models import FAMILIES\n"
        "from automl.task import Inputs\n"
        "for family in map(FAMILIES.get, FAMILIES.names()):\n"
        "    assert family.cost(family.Settings(), Inputs('image', (1, 8, 8)), 3).operations\n"
        "print('torch' in sys.modules)"
    )
    assert python("-c", code).stdout == "False\n"
