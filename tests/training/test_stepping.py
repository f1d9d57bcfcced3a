"""Every optimizer does what torch's own of that name does, and makes the loss smaller."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from training_jobs import make_job, run

from automl.data import PreparedData, build
from automl.data.raw import Raw
from automl.models import FAMILIES, Family
from automl.task import Inputs
from automl.training.optimizers import LBFGS, OPTIMIZERS, OptimizerSettings
from automl.training.stepping import ALIGNMENT, FusedStepper, make_stepper

THEIRS: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "sgd": lambda groups, lr, s: torch.optim.SGD(
        groups, lr=lr, momentum=s.momentum, nesterov=s.momentum > 0
    ),
    "rmsprop": lambda groups, lr, s: torch.optim.RMSprop(groups, lr=lr),
    "adam": lambda groups, lr, s: torch.optim.Adam(groups, lr=lr),
    "adamw": lambda groups, lr, s: torch.optim.AdamW(groups, lr=lr),
}


def _network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(5, 8), nn.LayerNorm(8), nn.Tanh(), nn.Linear(8, 3))


ODD = {
    "vector": Inputs("vector", (5,)),
    "image": Inputs("image", (3, 7, 9)),
    "sequence": Inputs("sequence", (6, 3), masked=True),
    "table": Inputs("vector", (5,), (3, 7)),
}


def _odd_network(family: Family, inputs: Inputs) -> nn.Module:
    """A network of a family with widths that no address likes."""
    names = {field.name for field in dataclasses.fields(family.Settings)}
    odd = {"width": 7, "depth": 2, "channels": 5, "head": 7, "heads": 1, "normalisation": "batch"}
    settings = dataclasses.replace(
        family.Settings(), **{name: value for name, value in odd.items() if name in names}
    )
    network = family.build(settings, inputs, 3)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("decay", [0.0, 0.1])
@pytest.mark.parametrize("name", THEIRS)
def test_steps_are_those_of_torch(name: str, decay: float, momentum: float) -> None:
    settings = OptimizerSettings(name=name, momentum=momentum)
    ours, theirs = _network(), _network()
    stepper = make_stepper(ours, settings, decay)
    assert isinstance(stepper, FusedStepper)
    groups: list[dict[str, Any]] = [
        {"params": [p for p in theirs.parameters() if p.ndim > 1], "weight_decay": decay},
        {"params": [p for p in theirs.parameters() if p.ndim <= 1], "weight_decay": 0.0},
    ]
    optimizer = THEIRS[name](groups, 0.02, settings)
    X = torch.randn(20, 5, generator=torch.Generator().manual_seed(1))
    for _ in range(10):
        ours.zero_grad(set_to_none=False)
        ours(X).square().mean().backward()
        stepper.step(0.02)
        optimizer.zero_grad()
        theirs(X).square().mean().backward()
        optimizer.step()
    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", [*THEIRS, LBFGS])
@pytest.mark.parametrize("kind", sorted(ODD))
def test_every_weight_lies_where_a_gpu_can_read_it(kind: str, name: str) -> None:
    """cuDNN refuses a batch normalisation whose gains begin at no multiple of 16 bytes."""
    for family in FAMILIES.names():
        network = _odd_network(FAMILIES.get(family), ODD[kind])
        before = [p.detach().clone() for p in network.parameters()]
        make_stepper(network, OptimizerSettings(name=name), 0.1)
        for p, value in zip(network.parameters(), before, strict=True):
            assert p.grad is not None
            assert p.data_ptr() % ALIGNMENT == p.grad.data_ptr() % ALIGNMENT == 0
            assert torch.equal(p, value)


@pytest.mark.parametrize("name", THEIRS)
def test_the_gaps_between_weights_stay_empty(name: str) -> None:
    network = nn.Sequential(nn.Linear(5, 7), nn.BatchNorm1d(7), nn.Linear(7, 3))
    stepper = make_stepper(network, OptimizerSettings(name=name, momentum=0.9), 0.1)
    assert isinstance(stepper, FusedStepper)
    for _ in range(3):
        network.zero_grad(set_to_none=False)
        network(torch.randn(20, 5)).square().mean().backward()
        stepper.step(0.02)
    for group in stepper._groups:
        used = torch.zeros_like(group.weights, dtype=torch.bool)
        for p in network.parameters():
            if p.untyped_storage().data_ptr() == group.weights.untyped_storage().data_ptr():
                used[p.storage_offset() : p.storage_offset() + p.numel()] = True
        assert not used.all()
        assert (group.weights[~used] == 0.0).all()


def test_there_is_a_twin_of_torch_for_every_optimizer() -> None:
    assert {*THEIRS, LBFGS} == OPTIMIZERS.keys()


@pytest.mark.parametrize("name", sorted(OPTIMIZERS))
def test_every_optimizer_makes_the_loss_smaller(
    name: str, make_data: Callable[..., PreparedData]
) -> None:
    trained = run(make_job({"optimizer.name": name}, epochs=20), make_data())
    losses = [e.train_loss for e in trained.epochs]
    assert losses[-1] < 0.7 * losses[0]
    assert trained.epochs[-1].valid_score > 0.75


def test_lbfgs_solves_what_no_straight_line_solves() -> None:
    random = np.random.RandomState(0)
    X = random.uniform(-1, 1, (400, 2))
    X = X[(np.abs(X) > 0.1).all(axis=1)]
    data = PreparedData.fit(
        build("xor", "vector", Raw(X, (X[:, 0] * X[:, 1] < 0).astype(np.int64), (0, 1)))
    )
    params = {"optimizer.name": "lbfgs", "optimizer.learning_rate": 1.0, "model.activation": "tanh"}
    assert max(e.valid_score for e in run(make_job(params, epochs=10), data).epochs) >= 0.97
    linear = {**params, "model.depth": 0}
    assert max(e.valid_score for e in run(make_job(linear, epochs=10), data).epochs) < 0.75


@pytest.mark.parametrize("name", sorted(OPTIMIZERS))
def test_every_optimizer_takes_convolutions(name: str, tmp_path: Any) -> None:
    from safetensors.torch import load_file

    random = np.random.RandomState(0)
    y = random.randint(0, 2, 120)
    X = random.normal(size=(120, 1, 6, 6))
    X[y == 1, :, 2:4, 1:5] += 2.0  # a bar
    data = PreparedData.fit(build("bars", "image", Raw(X, y, (0, 1))))
    weights = tmp_path / "w.safetensors"
    job = make_job({"optimizer.name": name}, epochs=20, weights=weights)
    params = {k: v for k, v in job.candidate.params.items() if not k.startswith("model.")}
    params |= {"family": "cnn", "model.stages": 2, "model.channels": 4}
    trained = run(replace(job, candidate=replace(job.candidate, params=params)), data)
    losses = [e.train_loss for e in trained.epochs]
    assert losses[-1] < 0.7 * losses[0]
    assert any(w.ndim == 4 and w.shape[1] > 1 for w in load_file(weights).values())


def test_penalties_keep_weights_small(
    make_data: Callable[..., PreparedData], tmp_path: Any
) -> None:
    from safetensors.torch import load_file

    def size(order: int, **penalty: Any) -> float:
        path = tmp_path / "w.safetensors"
        params = {f"regularisation.{k}": v for k, v in penalty.pop("r", {}).items()} | penalty
        run(make_job(params, epochs=8, weights=path), make_data())
        return sum(w.abs().pow(order).sum().item() for w in load_file(path).values() if w.ndim > 1)

    for name in sorted(OPTIMIZERS):
        optimizer = {"optimizer.name": name}
        assert size(1, r={"l1": 0.05}, **optimizer) < size(1, **optimizer), name
        assert size(2, r={"weight_decay": 0.5}, **optimizer) < size(2, **optimizer), name
