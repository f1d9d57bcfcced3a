"""A forecast goes with its series: what is added to it and what multiplies it."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from automl.models._window import Relative
from automl.task import CENTRES, Centre, Window


@pytest.mark.parametrize("centre", CENTRES)
def test_a_series_that_is_shifted_and_stretched_has_such_a_forecast(centre: Centre) -> None:
    torch.manual_seed(0)
    inner = nn.Sequential(nn.Flatten(), nn.Linear(16, 5), nn.Tanh(), nn.Linear(5, 6))
    network = Relative(inner, Window(centre, 4, 8), 6)
    rows = torch.randn(3, 12, 2, dtype=torch.float64).double()
    network.double()
    other = rows.clone()
    other[:, :, 0] = 7 + 3 * rows[:, :, 0]
    assert torch.allclose(network(other), 7 + 3 * network(rows))


def test_a_network_that_says_nothing_repeats_the_last_value_the_mean_or_the_season() -> None:
    silent = nn.Sequential(nn.Flatten(), nn.Linear(12, 6))
    nn.init.zeros_(silent[1].weight)
    nn.init.zeros_(silent[1].bias)
    rows = torch.arange(12.0).reshape(1, 12, 1)
    found = [Relative(silent, Window(c, 4, 12), 6)(rows)[0].tolist() for c in CENTRES]
    assert found == [[11.0] * 6, [5.5] * 6, [8.0, 9.0, 10.0, 11.0, 8.0, 9.0]]


def test_a_window_in_which_nothing_changes_is_forecast_to_stay() -> None:
    network = Relative(nn.Sequential(nn.Flatten(), nn.Linear(6, 2)), Window("last", 1, 6), 2)
    assert network(torch.full((1, 6, 1), 3.0))[0].tolist() == [3.0, 3.0]
