"""Every space that is shipped can be sampled, and its start configurations can be built."""

from __future__ import annotations

import pytest

from automl.models import FAMILIES
from automl.space.file import load_space, parse_space, space_names
from automl.space.space import SearchSpace
from automl.task import Inputs
from automl.training.recipe import Recipe, check_space

SPACES = [name for name in space_names() if not load_space(name).is_configuration]
CONFIGURATIONS = [name for name in space_names() if name not in SPACES]


@pytest.fixture(params=SPACES)
def space(request: pytest.FixtureRequest) -> SearchSpace:
    return load_space(request.param)


def test_the_default_space_is_shipped() -> None:
    assert "mlp" in space_names()


@pytest.mark.parametrize("name", space_names())
def test_every_value_is_one_that_training_knows(name: str) -> None:
    check_space(load_space(name))


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_a_configuration_says_how_long_it_is_trained(name: str) -> None:
    space = load_space(name)
    assert space.budget.epochs > 0
    assert not space.start, "there is nothing to start a search from"


def test_there_are_start_configurations_and_all_of_them_can_be_built(space: SearchSpace) -> None:
    assert space.start
    for start in space.start:
        assert start.keys() == space.domains.keys(), "a start configuration is a whole one"
        recipe = Recipe.parse({**space.fixed, **start})
        network = FAMILIES.get(recipe.family).build(recipe.model, Inputs("vector", (4,)), 3)
        assert sum(p.numel() for p in network.parameters()) > 0


def test_start_configurations_differ(space: SearchSpace) -> None:
    recipes = [Recipe.parse({**space.fixed, **start}).canonical() for start in space.start]
    assert len(set(recipes)) == len(recipes)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("model: {dept: 3}", "unknown setting 'model.dept' (did you mean 'model.depth'?)"),
        ("model: {depth: {int: [1, 100]}}", "`model.depth <= 64` must hold, but got 100"),
        ("model: {depth: {float: [1, 4]}}", "model.depth: must be a whole number, but got 1.0"),
        ("model: {activation: {choice: [relu, rleu]}}", "unknown model.activation 'rleu'"),
        ("model: 3", "model: must be a mapping of settings"),
        ("modell: {depth: 3}", "unknown section 'modell.depth'"),
        ("optimizer: {name: adm}", "unknown optimizer.name 'adm' (did you mean 'adam'?)"),
        ("training: {batch_size: 0}", "`1 <= training.batch_size` must hold, but got 0"),
        ("regularisation: {label_smoothing: 1}", "`regularisation.label_smoothing < 1.0` must"),
    ],
)
def test_a_space_that_training_cannot_use_is_said(line: str, said: str) -> None:
    from automl.errors import SpaceError

    with pytest.raises(SpaceError) as error:
        check_space(parse_space(f"family: mlp\n{line}", "my.yaml"))
    assert str(error.value).startswith("my.yaml: ")
    assert said in str(error.value)


@pytest.mark.parametrize("line", ["family: 3", "optimizer: {name: adam}"])
def test_a_space_without_one_family_lists_the_families(line: str) -> None:
    from automl.errors import SpaceError

    with pytest.raises(SpaceError, match=r"family: must be one name.*known: .*mlp"):
        check_space(parse_space(line, "my.yaml"))
