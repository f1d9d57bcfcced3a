"""The transformer's encoder: heads, positions, and what its parts compute."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from automl.models._attention import Attention, Block, Positions
from automl.models.transformer import FAMILY, TransformerSettings
from automl.settings import check
from automl.task import Inputs

SEQUENCE = Inputs("sequence", (7, 3))


def _build(settings: TransformerSettings, inputs: Inputs = SEQUENCE) -> Any:
    torch.manual_seed(0)
    return FAMILY.build(settings, inputs, 2).eval()


@given(st.integers(1, 300), st.integers(1, 64), st.floats(0.25, 8.0))
def test_any_width_goes_with_any_number_of_heads(width: int, heads: int, ratio: float) -> None:
    values = {"width": width, "heads": heads, "feedforward": ratio}
    settings = check(TransformerSettings, values)
    assert settings.units % heads == 0
    assert width <= settings.units < width + heads
    assert settings.hidden >= 1


def test_widths_that_build_the_same_network_are_one() -> None:
    rounded = FAMILY.canonical(TransformerSettings(width=61, heads=8))
    assert rounded == TransformerSettings(width=64, heads=8)
    assert FAMILY.canonical(TransformerSettings(width=61, heads=1)).width == 61


def test_attention_is_that_of_torchs_own_layer() -> None:
    torch.manual_seed(0)
    ours, theirs = Attention(12, 3), nn.MultiheadAttention(12, 3, batch_first=True)
    with torch.no_grad():
        theirs.in_proj_weight.copy_(ours.project.weight)
        theirs.in_proj_bias.zero_()
        theirs.out_proj.weight.copy_(ours.join.weight)
        ours.join.bias.copy_(torch.randn(12))
        theirs.out_proj.bias.copy_(ours.join.bias)
    x = torch.randn(4, 7, 12)
    assert torch.allclose(ours(x), theirs(x, x, x, need_weights=False)[0], atol=1e-6)


def test_a_block_is_that_of_torchs_own_encoder() -> None:
    torch.manual_seed(0)
    ours = Block(12, 3, 20, "gelu", 0.0, 1.0).eval()
    theirs = nn.TransformerEncoderLayer(
        12, 3, 20, activation="gelu", batch_first=True, norm_first=True
    ).eval()
    with torch.no_grad():
        theirs.self_attn.in_proj_weight.copy_(ours.attention.project.weight)
        theirs.self_attn.in_proj_bias.zero_()
    attended, (first, _, second) = ours.attention, ours.forward_layers
    for one, other in (
        (theirs.self_attn.out_proj, attended.join),
        (theirs.linear1, first),
        (theirs.linear2, second),
    ):
        one.load_state_dict(other.state_dict())
    x = torch.randn(4, 7, 12)
    assert torch.allclose(ours(x), theirs(x), atol=1e-5)


def test_sinusoidal_positions_are_those_of_the_paper() -> None:
    table = Positions(9, 7, learned=False).table
    assert not list(Positions(9, 7, learned=False).parameters())
    assert table[0].tolist() == [0, 1, 0, 1, 0, 1, 0]
    assert table[5, 2].item() == pytest.approx(math.sin(5 / 10_000 ** (2 / 7)), abs=1e-6)
    assert table[5, 3].item() == pytest.approx(math.cos(5 / 10_000 ** (2 / 7)), abs=1e-6)


@pytest.mark.parametrize("positions", ["learned", "sinusoidal"])
def test_the_order_of_the_steps_matters_because_of_positions(positions: str) -> None:
    network = _build(TransformerSettings(positions=positions))
    X = torch.randn(4, *SEQUENCE.shape)
    assert not torch.allclose(network(X), network(X.flip(1)), atol=1e-4)
    place = next(m for m in network.modules() if isinstance(m, Positions))
    place.table.data.zero_()
    assert torch.allclose(network(X), network(X.flip(1)), atol=1e-5)


@pytest.mark.parametrize(
    ("inputs", "size"),
    [(SEQUENCE, 3), (Inputs("image", (3, 28, 20)), 60), (Inputs("vector", (9,)), 1)],
)
def test_a_row_is_read_step_by_step(inputs: Inputs, size: int) -> None:
    linears = [m for m in _build(TransformerSettings(), inputs).modules() if type(m) is nn.Linear]
    assert linears[0].in_features == size


def test_a_deep_one_begins_with_outputs_of_ordinary_size() -> None:
    network = _build(TransformerSettings(layers=24, width=64))
    assert 0.1 < network(torch.randn(64, *SEQUENCE.shape)).std().item() < 3.0
