"""The convolutional network's shape is stages, blocks, channels and growth."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from automl.models._convolution import Pointwise2d
from automl.models.cnn import FAMILY, CnnSettings, _plan
from automl.settings import check
from automl.task import Inputs

IMAGE = Inputs("image", (1, 28, 28))
INPUTS = [IMAGE, Inputs("image", (3, 5, 1)), Inputs("sequence", (9, 2)), Inputs("vector", (3,))]


def _of(network: nn.Module, *kinds: type) -> list[Any]:
    return [m for m in network.modules() if isinstance(m, kinds)]


def _sides(model: CnnSettings) -> list[tuple[int, ...]]:
    return [block.after.sides for block in _plan(model, IMAGE)]


@pytest.mark.parametrize("downsampling", ["stride", "max", "average"])
def test_each_stage_halves_the_sides(downsampling: str) -> None:
    model = CnnSettings(stages=3, blocks=2, downsampling=downsampling)
    last = [side for (side, _) in _sides(model)[1::2]]
    # A stride takes the odd row with it, a pool leaves it.
    assert last == ([14, 7, 4] if downsampling == "stride" else [14, 7, 3])


def test_each_stage_has_growth_times_as_many_channels() -> None:
    model = CnnSettings(stages=3, blocks=2, channels=8, growth=1.5)
    convs = _of(FAMILY.build(model, IMAGE, 10), nn.Conv2d)
    assert [c.out_channels for c in convs] == [8, 8, 12, 12, 18, 18]
    assert [c.in_channels for c in convs] == [1, 8, 8, 12, 12, 18]
    assert [c.stride for c in convs] == [(2, 2), (1, 1)] * 3


def test_a_residual_block_has_two_convolutions_and_a_shortcut_where_the_shape_changes() -> None:
    model = CnnSettings(stages=2, blocks=2, block="residual", channels=8)
    kernels = [c.kernel_size[0] for c in _of(FAMILY.build(model, IMAGE, 10), nn.Conv2d)]
    assert kernels == [3, 3, 1, 3, 3] * 2


def test_one_dimension_for_sequences_and_two_for_images() -> None:
    assert _of(FAMILY.build(CnnSettings(), IMAGE, 2), nn.Conv1d) == []
    (first, *_) = _of(FAMILY.build(CnnSettings(), Inputs("sequence", (9, 5)), 2), nn.Conv1d)
    assert first.in_channels == 5


def test_a_pattern_is_found_wherever_it_is_when_the_mean_is_read_out() -> None:
    torch.manual_seed(0)
    model = CnnSettings(stages=1, downsampling="max", normalisation="none")
    network = FAMILY.build(model, IMAGE, 4).eval()
    one, other = torch.zeros(2, 1, 1, 28, 28)
    one[..., 6:9, 6:9] = other[..., 16:19, 12:15] = 1.0
    assert torch.allclose(network(one), network(other), atol=1e-6)
    flat = FAMILY.build(replace(model, readout="flatten"), IMAGE, 4).eval()
    assert not torch.allclose(flat(one), flat(other), atol=1e-3)


@pytest.mark.parametrize("normalisation", ["none", "batch", "layer"])
def test_first_weights_keep_the_signal_alive(normalisation: str) -> None:
    torch.manual_seed(0)
    model = CnnSettings(stages=3, blocks=6, block="residual", normalisation=normalisation)
    out = FAMILY.build(model, IMAGE, 8)(torch.randn(32, *IMAGE.shape))
    assert 1e-2 < out.std().item() < 30


SETTINGS = st.builds(
    CnnSettings,
    stages=st.integers(1, 5),
    blocks=st.integers(1, 3),
    block=st.sampled_from(["plain", "residual"]),
    channels=st.integers(1, 6),
    growth=st.floats(0.25, 2.0),
    kernel=st.integers(1, 6),
    resolution=st.sampled_from([1, 2, 5, 65_536]),
    downsampling=st.sampled_from(["stride", "max", "average"]),
    normalisation=st.sampled_from(["none", "batch", "layer"]),
    readout=st.sampled_from(["mean", "flatten"]),
    head=st.integers(0, 5),
    dropout=st.sampled_from([0.0, 0.5]),
)


@settings(max_examples=30)
@given(SETTINGS, st.sampled_from(INPUTS))
def test_what_is_planned_is_built(model: CnnSettings, inputs: Inputs) -> None:
    assert check(CnnSettings, {"kernel": model.kernel}).kernel == model.kernel
    network = FAMILY.build(model, inputs, 3).eval()
    cost = FAMILY.cost(model, inputs, 3)
    with FlopCounterMode(display=False) as counted, torch.no_grad():
        out = network(torch.randn(1, *inputs.shape))
    assert out.shape == (1, 3)
    assert cost.weights == sum(p.numel() for p in network.parameters())
    assert cost.operations == counted.get_total_flops()


@pytest.mark.parametrize("sides", [(64, 64), (7, 6)])
def test_a_shortcut_that_steps_is_torchs_convolution_and_crashes_nowhere(
    sides: tuple[int, int],
) -> None:
    """torch's own gradient of it corrupts memory on pictures in colour, channels together."""
    torch.manual_seed(0)
    ours = Pointwise2d(3, 16, 1, 2, bias=False).to(memory_format=torch.channels_last)
    theirs = nn.Conv2d(3, 16, 1, 2, bias=False)
    theirs.load_state_dict(ours.state_dict())
    for _ in range(30):
        x = torch.randn(8, 3, *sides).to(memory_format=torch.channels_last)
        out, other = ours(x), theirs(x.contiguous())
        assert torch.allclose(out, other, atol=1e-5)
        for network, y in ((ours, out), (theirs, other)):
            network.zero_grad()
            y.square().sum().backward()
        assert torch.allclose(ours.weight.grad, theirs.weight.grad, rtol=1e-3)
    model = CnnSettings(stages=2, block="residual", channels=8)
    shortcuts = _of(FAMILY.build(model, Inputs("image", (3, *sides)), 2), Pointwise2d)
    assert [c.in_channels for c in shortcuts] == [3, 8]


def test_large_images_are_brought_down_before_the_stages() -> None:
    model = CnnSettings(stages=2, channels=4, resolution=32)
    small, large = (Inputs("image", (3, side, side)) for side in (32, 160))
    convs = _of(FAMILY.build(model, large, 2), nn.Conv2d)
    assert [(c.kernel_size, c.stride) for c in convs] == [
        ((9, 9), (5, 5)),
        ((3, 3), (2, 2)),
        ((3, 3), (2, 2)),
    ]
    assert [block.after.sides for block in _plan(model, large)] == [(32, 32), (16, 16), (8, 8)]
    assert FAMILY.build(model, small, 2).state_dict().keys() == (
        FAMILY.build(replace(model, resolution=65_536), small, 2).state_dict().keys()
    )


def test_growth_that_changes_no_stage_is_forgotten() -> None:
    one = CnnSettings(stages=1, growth=1.7)
    assert FAMILY.canonical(one) == FAMILY.canonical(replace(one, growth=1.2))
    two = replace(one, stages=2)
    assert FAMILY.canonical(two) != FAMILY.canonical(replace(two, growth=1.2))
