"""The multilayer perceptron's shape is depth, width and taper."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from automl.models.mlp import ACTIVATIONS, FAMILY, MlpSettings
from automl.settings import check
from automl.task import Inputs

VECTOR = Inputs("vector", (7,))


def _linears(settings: MlpSettings, inputs: Inputs = VECTOR) -> list[Any]:
    network = FAMILY.build(settings, inputs, 3)
    return [m for m in network.modules() if isinstance(m, nn.Linear)]


@pytest.mark.parametrize(
    ("settings", "widths"),
    [
        (MlpSettings(depth=0), []),
        (MlpSettings(depth=1, width=9), [9]),
        (MlpSettings(depth=3, width=100, taper=0.5), [100, 50, 25]),
        (MlpSettings(depth=3, width=4, taper=2.0), [4, 8, 16]),
        (MlpSettings(depth=4, width=2, taper=0.25), [2, 1, 1, 1]),
    ],
)
def test_each_layer_is_taper_times_as_wide(settings: MlpSettings, widths: list[int]) -> None:
    linears = _linears(settings)
    assert [layer.out_features for layer in linears] == [*widths, 3]
    assert [layer.in_features for layer in linears] == [7, *widths]


def test_an_image_is_flattened() -> None:
    assert _linears(MlpSettings(), Inputs("image", (1, 4, 6)))[0].in_features == 24


@given(st.integers(0, 6), st.integers(1, 64), st.floats(0.01, 4.0))
def test_layers_have_at_least_one_unit(depth: int, width: int, taper: float) -> None:
    widths = check(type(MlpSettings()), {"depth": depth, "width": width, "taper": taper}).widths
    assert len(widths) == depth
    assert all(w >= 1 for w in widths)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_first_weights_keep_the_signal_alive(activation: str) -> None:
    torch.manual_seed(0)
    settings = MlpSettings(depth=6, width=256, activation=activation)
    out = FAMILY.build(settings, Inputs("vector", (256,)), 8)(torch.randn(64, 256))
    assert 1e-3 < out.std().item() < 30


def test_the_last_layer_has_no_activation() -> None:
    torch.manual_seed(0)
    out = FAMILY.build(MlpSettings(), Inputs("vector", (7,)), 3)(torch.randn(50, 7))
    assert (out < 0).any()
    assert (out > 0).any()


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_dropout_drops_its_share_and_keeps_the_mean(p: float) -> None:
    torch.manual_seed(0)
    network = FAMILY.build(MlpSettings(depth=1, width=64, dropout=p), Inputs("vector", (4,)), 2)
    (dropout,) = [m for m in network.modules() if type(m).__name__ == "Dropout"]
    x = torch.ones(400, 500)
    out = dropout.train()(x)
    assert (out == 0).float().mean().item() == pytest.approx(p, abs=0.01)
    assert out.mean().item() == pytest.approx(1.0, abs=0.05)
    assert torch.equal(dropout.eval()(x), x)


def test_no_dropout_means_no_layer_for_it() -> None:
    network = FAMILY.build(MlpSettings(dropout=0.0), Inputs("vector", (4,)), 2)
    assert not [m for m in network.modules() if type(m).__name__ == "Dropout"]


@pytest.mark.parametrize(
    ("settings", "same"),
    [
        (MlpSettings(depth=1, taper=0.3), MlpSettings(depth=1)),
        (MlpSettings(depth=0, width=9, dropout=0.4, activation="tanh"), MlpSettings(depth=0)),
        (MlpSettings(depth=3, width=1, taper=0.5), MlpSettings(depth=3, width=1)),
        (MlpSettings(depth=2, width=100, taper=0.999), MlpSettings(depth=2, width=100)),
    ],
)
def test_settings_that_change_nothing_are_forgotten(settings: Any, same: Any) -> None:
    assert FAMILY.canonical(settings) == FAMILY.canonical(same)


@pytest.mark.parametrize(
    ("settings", "other"),
    [
        (MlpSettings(depth=2, taper=0.5), MlpSettings(depth=2)),
        (MlpSettings(depth=1, dropout=0.1), MlpSettings(depth=1)),
        (MlpSettings(depth=1, activation="tanh"), MlpSettings(depth=1)),
    ],
)
def test_settings_that_change_something_are_kept(settings: Any, other: Any) -> None:
    assert FAMILY.canonical(settings) != FAMILY.canonical(other)
