"""A row that ends early is read to its end: what stands behind it changes nothing."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from typing import Any

import pytest
import torch

from automl.models import FAMILIES
from automl.task import Inputs

STEPWISE = ("rnn", "gru", "lstm", "transformer")
FEATURES, LENGTHS = 2, (6, 1, 4, 3, 6)
INPUTS = Inputs("sequence", (max(LENGTHS), FEATURES + 1), masked=True)


def _cases() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every readout with every other choice, in two layers."""
    for family in STEPWISE:
        fields = dataclasses.fields(FAMILIES.get(family).Settings)
        choices = {f.name: f.metadata["choices"] for f in fields if f.metadata["choices"]}
        choices.pop("activation", None)
        for values in itertools.product(*choices.values()):
            yield family, {"layers": 2, "width": 8} | dict(zip(choices, values, strict=True))


def _rows() -> torch.Tensor:
    """Rows of each length, whose padding is not 0 for once."""
    generator = torch.Generator().manual_seed(0)
    X = torch.randn(len(LENGTHS), *INPUTS.shape, generator=generator)
    for row, length in zip(X, LENGTHS, strict=True):
        row[:, -1] = (torch.arange(len(row)) < length).float()
    return X


def _build(family: str, inputs: Inputs, settings: dict[str, Any]) -> Any:
    torch.manual_seed(0)
    kind = FAMILIES.get(family)
    return kind.build(kind.Settings(**settings), inputs, 3).eval()


@pytest.mark.parametrize(("family", "settings"), list(_cases()))
def test_padding_changes_nothing(family: str, settings: dict[str, Any]) -> None:
    network = _build(family, INPUTS, settings)
    X = _rows()
    out = network(X)
    for i, length in enumerate(LENGTHS):
        assert torch.allclose(out[i], network(X[i : i + 1, :length])[0], atol=1e-5), length
    # And where nothing is padded, it is the network of rows that all go on to the last step.
    plain = _build(family, Inputs("sequence", (6, FEATURES)), settings)
    weights = network.state_dict().values()
    names = plain.state_dict()
    plain.load_state_dict(dict(zip(names, weights, strict=True)))
    assert torch.allclose(out[0], plain(X[:1, :, :FEATURES])[0], atol=1e-5)


@pytest.mark.parametrize("family", STEPWISE)
def test_padding_changes_no_gradient(family: str) -> None:
    network, X = _build(family, INPUTS, {"layers": 2, "readout": "mean"}), _rows()
    found = []
    for rows in (X, torch.where(X[:, :, -1:] > 0, X, torch.tensor([9.0, -9.0, 0.0]))):
        network.zero_grad()
        network(rows).square().sum().backward()
        found.append([p.grad.clone() for p in network.parameters()])
    for one, other in zip(*found, strict=True):
        assert torch.allclose(one, other, atol=1e-5)
