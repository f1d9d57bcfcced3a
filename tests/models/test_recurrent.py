"""What rnn, gru and lstm have in common: how they read, and in how many directions."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import nn

from automl.models import FAMILIES
from automl.models._reading import steps_and_features
from automl.models._recurrent import RecurrentSettings
from automl.task import Inputs

SEQUENCE = Inputs("sequence", (7, 3))


def _build(family: str, settings: RecurrentSettings, inputs: Inputs = SEQUENCE) -> nn.Module:
    torch.manual_seed(0)
    return FAMILIES.get(family).build(settings, inputs, 2).eval()


@pytest.mark.parametrize(
    ("inputs", "read"),
    [
        (SEQUENCE, (7, 3)),
        (Inputs("image", (1, 28, 20)), (28, 20)),
        (Inputs("image", (3, 28, 20)), (28, 60)),
        (Inputs("vector", (9,)), (9, 1)),
    ],
)
def test_a_row_is_read_step_by_step(inputs: Inputs, read: tuple[int, int]) -> None:
    assert steps_and_features(inputs) == read
    cells = [
        m for m in _build("gru", RecurrentSettings(), inputs).modules() if isinstance(m, nn.GRU)
    ]
    assert [c.input_size for c in cells] == [read[1]]


@pytest.mark.parametrize("family", ["rnn", "gru", "lstm"])
def test_the_last_state_has_read_the_row_from_both_ends(family: str) -> None:
    X = torch.randn(4, *SEQUENCE.shape)
    for directions in ("one", "both"):
        network = _build(family, RecurrentSettings(directions=directions))
        reader = network[0]  # type: ignore[index]
        one = reader.cell(X)[0]
        width = 64
        expected = one[:, -1, :width]
        if directions == "both":
            expected = torch.cat([expected, one[:, 0, width:]], dim=1)
        assert torch.equal(reader(X), expected)


@pytest.mark.parametrize("family", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("readout", ["mean", "max"])
def test_pooling_takes_in_every_step(family: str, readout: str) -> None:
    network = _build(family, RecurrentSettings(readout=readout))
    X = torch.randn(4, *SEQUENCE.shape)
    outputs = network[0].cell(X)[0]  # type: ignore[index]
    pooled = outputs.mean(1) if readout == "mean" else outputs.max(1).values
    assert torch.allclose(network[1](network[0](X)), pooled)  # type: ignore[index]


def test_the_order_of_the_steps_matters() -> None:
    network = _build("lstm", RecurrentSettings(readout="mean"))
    X = torch.randn(4, *SEQUENCE.shape)
    assert not torch.allclose(network(X), network(X.flip(1)), atol=1e-4)


def test_an_lstm_begins_with_its_memory_kept() -> None:
    cell = next(
        m for m in _build("lstm", RecurrentSettings(width=5)).modules() if type(m) is nn.LSTM
    )
    bias = cell.bias_ih_l0 + cell.bias_hh_l0
    assert bias.tolist() == [0.0] * 5 + [1.0] * 5 + [0.0] * 10


@pytest.mark.parametrize("family", ["rnn", "gru", "lstm"])
def test_more_layers_read_what_those_before_said(family: str) -> None:
    settings = RecurrentSettings(layers=3, directions="both", width=6, dropout=0.1)
    cells = [m for m in _build(family, settings).modules() if isinstance(m, nn.RNNBase)]
    assert [c.input_size for c in cells] == [3, 12, 12]
    found = FAMILIES.get(family).cost(settings, SEQUENCE, 2)
    fewer = FAMILIES.get(family).cost(replace(settings, layers=2), SEQUENCE, 2)
    assert found.weights > fewer.weights
    assert found.weights == sum(p.numel() for p in _build(family, settings).parameters())
