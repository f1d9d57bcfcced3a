"""Averaged weights: what they are, and that a training goes on as it would without them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import nn
from training_jobs import Trained, make_job, run

from automl.data import PreparedData
from automl.training.averaging import WeightAverage
from automl.training.network import build_network
from automl.training.recipe import Recipe


def test_it_weighs_a_step_by_how_late_it_was() -> None:
    network = nn.Linear(1, 1, bias=False)
    average = WeightAverage(network, [network.weight], span=0.5)
    values = [3.0, 1.0, 4.0, 1.0, 5.0]
    for value in values:
        with torch.no_grad():
            network.weight.fill_(value)
        average.update()
    # With a span of a half a step has a share of 1 - (1 - 1/t)^2, of what is left by later ones:
    # 2t - 1 over the square of all steps.
    expected = sum((2 * t - 1) * v for t, v in enumerate(values, start=1)) / len(values) ** 2
    with average.lent():
        assert network.weight.item() == pytest.approx(expected)
    assert network.weight.item() == 5.0


def test_the_network_has_its_own_weights_again_whatever_happens() -> None:
    network = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
    average = WeightAverage(network, list(network.parameters()), span=0.2)
    network(torch.randn(8, 3))
    average.update()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    with pytest.raises(RuntimeError), average.lent():
        raise RuntimeError
    for name, value in network.state_dict().items():
        assert torch.equal(value, before[name])


@pytest.mark.parametrize("normalisation", ["none", "batch"])
def test_what_is_judged_is_what_is_kept_and_the_training_is_the_same(
    make_data: Callable[..., Any], tmp_path: Path, normalisation: str
) -> None:
    data: PreparedData = make_data("multiclass")
    weights = tmp_path / "best.safetensors"
    params = {"model.normalisation": normalisation, "training.averaging": 0.2}
    job = make_job(params, epochs=4, weights=weights)
    plain = run(make_job({**params, "training.averaging": 0.0}, epochs=4), data)
    averaged: Trained = run(job, data)

    def losses(trained: Trained) -> list[float]:
        return [e.train_loss for e in trained.result.history]

    assert losses(averaged) == losses(plain)
    assert [e.valid_loss for e in averaged.result.history] != [
        e.valid_loss for e in plain.result.history
    ]
    network = build_network(
        Recipe.parse(job.candidate.params), data.preprocessing.inputs, data.task.n_outputs
    )
    network.load_state_dict(load_file(weights))
    network.eval()
    with torch.no_grad():
        out = network(torch.as_tensor(data.valid_X))
    right = out.argmax(1).numpy() == data.valid_y
    assert right.mean() == pytest.approx(averaged.result.valid_score)
