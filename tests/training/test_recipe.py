"""A candidate's parameters are checked, and equivalent candidates are recognised."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl.errors import ConfigError
from automl.space.file import load_space
from automl.training.recipe import Recipe

BASE = {"family": "mlp", "model.depth": 2, "model.width": 64, "model.taper": 0.5}


def _canonical(**changed: Any) -> Recipe:
    named = {name.replace("__", "."): value for name, value in changed.items()}
    return Recipe.parse({**BASE, **named}).canonical()


def test_what_is_not_named_keeps_its_default() -> None:
    recipe = Recipe.parse({"family": "mlp"})
    assert (recipe.optimizer.name, recipe.training.batch_size) == ("adam", 128)
    assert recipe.regularisation.weight_decay == 0.0


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"family": "mpl"}, "unknown family 'mpl' (did you mean 'mlp'?)"),
        ({}, "family: must be one name, but got None"),
        ({"family": 3}, "family: must be one name, but got 3"),
        ({"family": "mlp", "model.dpth": 1}, "unknown setting 'model.dpth'"),
        ({"family": "mlp", "modle.depth": 1}, "unknown section 'modle.depth'"),
        ({"family": "mlp", "depth": 1}, "unknown section 'depth'"),
        ({"family": "mlp", "model": 1}, "model: must be a mapping of settings"),
        ({"family": "mlp", "model.depth": 1.0}, "model.depth: must be a whole number"),
        ({"family": "mlp", "optimizer.learning_rate": 0}, "optimizer.learning_rate` must hold"),
    ],
)
def test_a_wrong_parameter_is_said(params: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError) as error:
        Recipe.parse(params)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"model__depth": 1, "model__taper": 0.3}, {"model__depth": 1, "model__taper": 0.9}),
        (
            {"optimizer__name": "adam", "optimizer__momentum": 0.1},
            {"optimizer__name": "adam", "optimizer__momentum": 0.9},
        ),
        (
            {"optimizer__name": "lbfgs", "training__batch_size": 32},
            {"optimizer__name": "lbfgs", "training__batch_size": 64},
        ),
        (
            {"optimizer__name": "lbfgs", "optimizer__schedule": "cosine"},
            {"optimizer__name": "lbfgs", "optimizer__schedule": "constant"},
        ),
        ({"optimizer__learning_rate": 1}, {"optimizer__learning_rate": 1.0}),
    ],
    ids=[
        "taper of one layer",
        "momentum of adam",
        "batches of lbfgs",
        "rate of lbfgs",
        "1 and 1.0",
    ],
)
def test_settings_that_change_nothing_make_equivalent_candidates(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    assert _canonical(**one) == _canonical(**other)
    assert hash(_canonical(**one)) == hash(_canonical(**other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"model__taper": 0.5}, {"model__taper": 1.0}),
        (
            {"optimizer__name": "sgd", "optimizer__momentum": 0.1},
            {"optimizer__name": "sgd", "optimizer__momentum": 0.9},
        ),
        ({"optimizer__name": "adam"}, {"optimizer__name": "adamw"}),
        (
            {"optimizer__name": "lbfgs", "optimizer__learning_rate": 0.5},
            {"optimizer__name": "lbfgs", "optimizer__learning_rate": 1.0},
        ),
        ({"training__batch_size": 32}, {"training__batch_size": 64}),
        ({"regularisation__l1": 1e-5}, {}),
    ],
)
def test_settings_that_change_something_do_not(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert _canonical(**one) != _canonical(**other)


@given(st.data())
def test_a_recipe_survives_json(data: st.DataObject) -> None:
    space = load_space("mlp")
    params = {n: data.draw(st.sampled_from(d.corners())) for n, d in space.domains.items()}
    recipe = Recipe.parse({**space.fixed, **params})
    assert Recipe.from_json(json.loads(json.dumps(recipe.to_json()))) == recipe
    assert recipe.canonical().canonical() == recipe.canonical()


def test_settings_of_the_loss_survive_where_the_batch_size_does_not() -> None:
    lbfgs = {
        "family": "mlp",
        "optimizer.name": "lbfgs",
        "training.batch_size": 7,
        "training.class_weights": "balanced",
        "training.loss": "huber",
        "training.huber_delta": 2.0,
    }
    training = Recipe.parse(lbfgs).canonical().training
    assert (training.batch_size, training.class_weights) == (128, "balanced")
    assert (training.loss, training.huber_delta) == ("huber", 2.0)
    squared = Recipe.parse({**lbfgs, "training.loss": "squared"}).canonical().training
    assert squared.huber_delta == 1.0, "nothing reads it"
