"""What is searched, and how long, when nobody says."""

from __future__ import annotations

import numpy as np
import pytest

from automl.data import build, load
from automl.data.raw import Raw
from automl.errors import ConfigError
from automl.orchestrator.defaults import default_max_epochs, default_space, fit_loss, fit_space
from automl.space.domains import ChoiceDomain
from automl.space.file import load_space, parse_space
from automl.task import Task

TWO = Task.classification(("no", "yes"))


def test_class_weights_are_searched_where_classes_are_imbalanced() -> None:
    space = fit_loss(load_space("mlp-small"), TWO, np.array([0] * 16 + [1] * 10))
    assert space.domains["training.class_weights"] == ChoiceDomain(("none", "balanced"))
    assert {start["training.class_weights"] for start in space.start} == {"none"}


@pytest.mark.parametrize("y", [[0] * 15 + [1] * 10, [0, 1]])
def test_elsewhere_they_are_fixed_and_can_be_set(y: list[int]) -> None:
    space = fit_loss(load_space("mlp-small"), TWO, np.array(y))
    assert space.fixed["training.class_weights"] == "none"
    fixed = space.fix({"training.class_weights": "balanced"})
    assert fixed.fixed["training.class_weights"] == "balanced"


def test_numbers_are_learned_by_their_squared_error_unless_it_is_set() -> None:
    space = fit_loss(load_space("mlp-small"), Task("regression"), np.array([0.5, 1.5]))
    assert space.fixed["training.loss"] == "squared"
    assert "training.class_weights" not in {**space.fixed, **space.domains}


def test_what_a_space_says_itself_stays() -> None:
    space = parse_space("{family: mlp, training: {class_weights: balanced}}", "mine.yaml")
    assert fit_loss(space, TWO, np.array([0] * 9 + [1])) is space


def test_augmentation_is_searched_for_images_and_fixed_away_for_other_rows() -> None:
    space = load_space("cnn")
    assert fit_space(space, load("digits")).domains.keys() >= {"augmentation.shift"}
    X = np.random.RandomState(0).normal(size=(40, 6, 2))
    sequences = build("made", "sequence", Raw(X, np.arange(40) % 2, ("no", "yes")))
    fitted = fit_space(space, sequences)
    assert not [name for name in fitted.domains if name.startswith("augmentation")]
    assert fitted.fixed["augmentation.shift"] == 0.0


@pytest.mark.parametrize("value", ["0.1", "{float: [0.1, 0.2]}", "{choice: [0.1, 0.2]}"])
def test_augmentation_that_cannot_be_off_is_refused_for_a_table(value: str) -> None:
    space = parse_space(f"{{family: mlp, augmentation: {{shift: {value}}}}}", "mine.yaml")
    with pytest.raises(ConfigError, match=r"mine\.yaml: augmentation\.shift: must be 0\.0"):
        fit_space(space, load("iris"))


def test_images_are_searched_with_two_families() -> None:
    few = load("digits")
    assert few.kind == "image"
    assert default_space(few).source == "mlp-small.yaml + cnn-small.yaml"
    assert default_space(load("mnist")).source == "mlp-image.yaml + cnn.yaml"


@pytest.mark.parametrize(
    ("shape", "source"),
    [
        ((28, 28), "mlp-small.yaml + cnn-small.yaml"),
        ((1, 28, 28), "mlp-small.yaml + cnn-small.yaml"),
        ((64, 64), "mlp-small.yaml + cnn-picture.yaml"),
        ((3, 16, 16), "mlp-small.yaml + cnn-picture.yaml"),
        ((3, 96, 96), "cnn-picture.yaml"),
    ],
)
def test_pictures_in_colour_and_large_ones_have_a_space_of_their_own(
    shape: tuple[int, ...], source: str
) -> None:
    X = np.random.RandomState(0).randint(0, 256, (20, *shape), dtype=np.uint8)
    pictures = build("made", "image", Raw(X, np.arange(20) % 2, ("no", "yes")))
    assert default_space(pictures).source == source


def test_images_are_moved_about_and_rows_of_numbers_are_not() -> None:
    images = fit_space(default_space(load("mnist"), ["mlp"]), load("mnist"))
    assert images.start[0]["augmentation.shift"] > 0
    vectors = fit_space(load_space("mlp-image"), load("iris"))
    assert not [name for name in vectors.domains if name.startswith("augmentation.")]


@pytest.mark.parametrize(
    ("rows", "families", "epochs"),
    [
        (50_000, ("mlp",), 20),
        (50_000, ("mlp", "cnn"), 12),
        (1_000_000, ("lstm",), 12),
        (12_500, ("mlp",), 24),
        (12_500, ("cnn",), 24),
        (100, ("mlp",), 120),
    ],
)
def test_the_budget_of_a_trial(rows: int, families: tuple[str, ...], epochs: int) -> None:
    assert default_max_epochs(rows, families) == epochs
