"""Augmentation: what is done to images, and that nothing else is touched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from training_jobs import curve, make_job, run

from automl.data import PreparedData, build
from automl.data.raw import Raw
from automl.errors import ConfigError
from automl.settings import check
from automl.space.file import load_space
from automl.task import Inputs
from automl.training.augmentation import Augmentation, background, make_augmentation
from automl.training.loop import outputs
from automl.training.recipe import AugmentationSettings
from automl.training.training import Training

ON = {
    "shift": {"shift": 0.2},
    "rotation": {"rotation": 30.0},
    "scaling": {"scaling": 0.3},
    "flip": {"flip": "horizontal"},
    "cutout": {"cutout": 0.5},
    "colour": {"colour": 0.3},
    "all": {"shift": 0.1, "rotation": 9.0, "scaling": 0.1, "flip": "horizontal", "cutout": 0.3},
}


def _images(*shape: int) -> torch.Tensor:
    """Random pixels within a border of -2."""
    X = torch.full(shape, -2.0)
    inner = X[..., 2:-2, 2:-2]
    inner.copy_(torch.rand(inner.shape, generator=torch.Generator().manual_seed(0)))
    return X


def _apply(X: torch.Tensor, seed: int = 0, **settings: Any) -> torch.Tensor:
    return Augmentation(check(AugmentationSettings, settings), X, seed)(X)


@pytest.mark.parametrize("what", ON)
@pytest.mark.parametrize("shape", [(5, 1, 8, 8), (4, 3, 7, 12), (1, 2, 16, 9)])
def test_images_keep_their_shape_and_the_batch_is_left_alone(
    what: str, shape: tuple[int, ...]
) -> None:
    X = _images(*shape)
    before = X.clone()
    out = _apply(X, **ON[what])
    assert out.shape == X.shape
    assert out.dtype == torch.float32
    assert torch.isfinite(out).all()
    assert torch.equal(X, before)
    assert not torch.allclose(_apply(_images(50, 1, 8, 8), **ON[what]), _images(50, 1, 8, 8))


def test_without_a_strength_there_is_nothing_to_do() -> None:
    inputs = Inputs("image", (1, 8, 8))
    settings = check(AugmentationSettings, {"shift": 0, "rotation": 0.0, "flip": "none"})
    assert make_augmentation(settings, inputs, _images(2, 1, 8, 8), 0) is None


@pytest.mark.parametrize("kind", ["vector", "sequence"])
def test_rows_that_are_no_images_are_refused(kind: Any) -> None:
    with pytest.raises(ConfigError, match="it is for images"):
        make_augmentation(AugmentationSettings(0.1), Inputs(kind, (4, 2)), torch.ones(2, 4, 2), 0)


def _with_draws(monkeypatch: pytest.MonkeyPatch, X: torch.Tensor, *draws: float, **on: Any) -> Any:
    """Augmentation of which every image draws the same seven numbers from -1 to 1."""
    whole = (torch.tensor([*draws, *[0.0] * (7 - len(draws))]) + 1) / 2
    monkeypatch.setattr(torch, "rand", lambda n, rows, generator: whole[:, None].repeat(1, rows))
    return _apply(X, **on)


@pytest.mark.parametrize(("right", "down"), [(1, 0), (0, 1), (-2, 0), (1, -2), (0, 0)])
def test_a_shift_by_whole_pixels_moves_them(
    monkeypatch: pytest.MonkeyPatch, right: int, down: int
) -> None:
    X = _images(2, 3, 8, 16)
    # A pixel comes from where it is moved away from.
    out = _with_draws(monkeypatch, X, -right / 16 / 0.25, -down / 8 / 0.25, shift=0.25)
    moved = X.roll((down, right), (2, 3))  # what comes in again on the other side is border
    assert torch.allclose(out, moved, atol=1e-5)


@pytest.mark.parametrize("shape", [(2, 1, 9, 9), (2, 3, 8, 8)])
def test_a_quarter_turn_is_a_quarter_turn(
    monkeypatch: pytest.MonkeyPatch, shape: tuple[int, ...]
) -> None:
    X = _images(*shape)
    out = _with_draws(monkeypatch, X, 0, 0, 1, rotation=90.0)
    assert torch.allclose(out, X.rot90(1, (2, 3)), atol=1e-4)


def test_a_turn_does_not_stretch_an_image_that_is_no_square(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    X = torch.full((1, 1, 9, 19), -2.0)
    X[0, 0, 4, 6:13] = 1.0  # a line of 7 pixels across
    out = _with_draws(monkeypatch, X, 0, 0, 1, rotation=90.0)
    expected = torch.full_like(X, -2.0)
    expected[0, 0, 1:8, 9] = 1.0
    assert torch.allclose(out, expected, atol=1e-4)


def test_half_of_the_images_are_mirrored_and_the_others_stay() -> None:
    X = _images(400, 1, 8, 8)
    out = _apply(X, flip="horizontal")
    same = (out - X).abs().amax((1, 2, 3)) < 1e-5
    mirrored = (out - X.flip(3)).abs().amax((1, 2, 3)) < 1e-5
    assert (same ^ mirrored).all()
    assert 150 < same.sum() < 250


def test_scaling_is_around_the_centre_and_the_outside_is_background(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    X = torch.full((1, 1, 8, 8), 1.0)
    smaller = _with_draws(monkeypatch, X - 3, 0, 0, -1, -1, scaling=1.0)
    assert torch.allclose(smaller, X - 3)  # nothing but background
    X[:] = -2.0
    X[..., 2:6, 2:6] = 1.0
    larger = _with_draws(monkeypatch, X, 0, 0, 0, 1, scaling=1.0)
    assert torch.allclose(larger[..., 1:7, 1:7], torch.ones(6, 6))
    halved = _with_draws(monkeypatch, X, 0, 0, 0, -1, scaling=1.0)
    assert torch.allclose(halved[..., 3:5, 3:5], torch.ones(2, 2), atol=1e-5)
    assert torch.allclose(halved[..., 0, :], torch.full((8,), -2.0))


@pytest.mark.parametrize(("shape", "side"), [((3, 1, 8, 8), 4), ((3, 2, 8, 20), 4)])
def test_cutout_covers_a_square_with_background(
    monkeypatch: pytest.MonkeyPatch, shape: tuple[int, ...], side: int
) -> None:
    X = torch.ones(shape)
    X[..., 0, :] = X[..., -1, :] = X[..., 0] = X[..., -1] = -2.0
    out = _with_draws(monkeypatch, X, cutout=0.5)
    covered = (out != X)[:, :, 1:-1, 1:-1]
    assert (covered.sum((2, 3)) == side * side).all()
    assert torch.allclose(out[out != X], torch.tensor(-2.0))


def test_colour_changes_brightness_contrast_and_saturation_and_no_place() -> None:
    X = torch.randn(200, 3, 6, 6, generator=torch.Generator().manual_seed(0))
    out = _apply(X, colour=0.5)
    shift = (out.mean((1, 2, 3)) - X.mean((1, 2, 3))).abs()
    assert 0.4 < shift.max() <= 0.5 + 1e-4
    greys = [x.mean(1, keepdim=True) for x in (X, out)]
    contrast = (greys[1].std((1, 2, 3)) / greys[0].std((1, 2, 3))).log().abs().exp()
    assert 1.4 < contrast.max() < 1.5 + 1e-4
    before, after = (x - grey for x, grey in zip((X, out), greys, strict=True))
    strength = after / before
    assert torch.allclose(strength, strength[:, :1, :1, :1].expand_as(X), rtol=1e-2)
    grey = torch.randn(3, 1, 6, 6)
    assert torch.corrcoef(torch.stack([grey[0].flatten(), _apply(grey, colour=0.5)[0].flatten()]))[
        0, 1
    ] == pytest.approx(1.0, abs=1e-4)


def test_without_colour_the_draws_are_those_of_before_there_was_a_choice() -> None:
    X = _images(4, 1, 8, 8)
    one, other = (
        Augmentation(check(AugmentationSettings, {"shift": 0.2, "colour": colour}), X, 0)
        for colour in (0.0, 1e-12)
    )
    assert torch.allclose(one(X), other(X), atol=1e-5)


def test_the_background_is_that_of_each_channel_and_not_of_a_few_images() -> None:
    X = torch.zeros(20, 3, 6, 6)
    X[:, 1], X[:, 2] = 1.0, 2.0
    X[:5] = 9.0
    assert background(X).flatten().tolist() == [0.0, 1.0, 2.0]


def test_the_same_seed_draws_the_same_and_another_one_does_not() -> None:
    X = _images(10, 1, 8, 8)
    assert torch.equal(_apply(X, 3, **ON["all"]), _apply(X, 3, **ON["all"]))
    assert not torch.equal(_apply(X, 3, **ON["all"]), _apply(X, 4, **ON["all"]))
    augment = Augmentation(check(AugmentationSettings, ON["all"]), X, 3)
    assert not torch.equal(augment(X), augment(X))  # every batch anew


@pytest.fixture
def images() -> PreparedData:
    random = np.random.RandomState(0)
    y = np.arange(90) % 2
    X = np.zeros((90, 10, 10), dtype=np.uint8)
    for row, label in enumerate(y):
        X[row, 3 : 4 + 3 * label, 3:7] = random.randint(150, 255)
    return PreparedData.fit(build("made", "image", Raw(X, y, ("flat", "high"))))


FAMILIES: dict[str, dict[str, Any]] = {
    "mlp": {"family": "mlp", "model.width": 16},
    "cnn": {"family": "cnn", "model.stages": 1, "model.channels": 8},
    "lstm": {"family": "lstm", "model.width": 8},
}


def _params(family: str, **on: Any) -> dict[str, Any]:
    plain = {"optimizer.learning_rate": 0.01, "training.batch_size": 32, **FAMILIES[family]}
    return plain | {f"augmentation.{name}": value for name, value in on.items()}


def _job(params: dict[str, Any], epochs: int = 3) -> Any:
    job = make_job(epochs=epochs)
    return replace(job, candidate=replace(job.candidate, params=params))


@pytest.mark.parametrize("family", FAMILIES)
def test_a_training_is_the_same_again_to_the_bit(images: PreparedData, family: str) -> None:
    job = _job(_params(family, **ON["all"]))
    one, again = run(job, images).result, run(job, images).result
    assert one.error is None
    assert curve(one) == curve(again)
    assert curve(one) != curve(run(_job(_params(family)), images).result)


def test_off_is_as_if_it_were_not_there(images: PreparedData) -> None:
    off = _params("cnn", shift=0.0, rotation=0.0, scaling=0.0, flip="none", cutout=0.0)
    assert curve(run(_job(off), images).result) == curve(run(_job(_params("cnn")), images).result)


def test_validation_rows_are_seen_as_they_are(
    images: PreparedData, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    call = Augmentation.__call__

    def spy(self: Augmentation, X: torch.Tensor) -> torch.Tensor:
        seen.append(len(X))
        return call(self, X)

    monkeypatch.setattr(Augmentation, "__call__", spy)
    job = _job(_params("cnn", **ON["all"]))
    training = Training.start(job, images)
    list(training.epoch(lambda member=0: None))
    assert sum(seen) == len(images.train_X)
    first = outputs(training.loop.network, training.valid_X)
    assert sum(seen) == len(images.train_X)
    assert torch.equal(outputs(training.loop.network, training.valid_X), first)


def test_a_network_learns_from_augmented_images(images: PreparedData) -> None:
    job = _job(_params("cnn", shift=0.1, rotation=5.0), epochs=30)
    assert (run(job, images).result.valid_score or 0) > 0.9


def test_a_table_refuses_it(make_data: Callable[..., PreparedData]) -> None:
    with pytest.raises(ConfigError, match="it is for images"):
        run(_job(_params("mlp", shift=0.1)), make_data("binary"))


def test_a_space_for_images_leaves_it_to_the_search() -> None:
    space = load_space("cnn")
    assert {start["augmentation.shift"] for start in space.start} == {0.0, 0.08}
    assert "augmentation.flip" not in space.domains
