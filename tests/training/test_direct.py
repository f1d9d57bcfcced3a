"""Gradients that are written out are those that autograd finds."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from automl.models._convolution import Residual
from automl.models.cnn import FAMILY as CNN
from automl.models.cnn import CnnSettings
from automl.models.mlp import ACTIVATIONS, FAMILY, MlpSettings
from automl.task import Inputs, Task
from automl.training.direct import Chain
from automl.training.gradients import Autograd, Direct, make_gradients
from automl.training.losses import LossOptions, make_loss, output_gradient
from automl.training.stepping import flatten

TASKS = {
    "binary": Task.classification(("no", "yes")),
    "multiclass": Task.classification((0, 1, 2)),
    "regression": Task("regression"),
}


def _network(settings: MlpSettings, n_outputs: int) -> nn.Sequential:
    torch.manual_seed(0)
    network = FAMILY.build(settings, Inputs("image", (1, 2, 3)), n_outputs)
    assert isinstance(network, nn.Sequential)
    flatten(list(network.parameters()))
    return network.train()


def _rows(task: Task) -> tuple[Tensor, Tensor]:
    draw = torch.Generator().manual_seed(1)
    X = torch.randn(17, 1, 2, 3, generator=draw)
    if task.is_classification:
        codes = torch.randint(len(task.classes), (17,), generator=draw)
        return X, codes.float() if task.kind == "binary" else codes
    return X, torch.randn(17, 1, generator=draw)


def _gradients(
    network: nn.Sequential, task: Task, smoothing: float, *, direct: bool
) -> list[Tensor]:
    X, y = _rows(task)
    torch.manual_seed(2)  # the same dropout
    if direct:
        compute = make_gradients(network, task, smoothing, bfloat16=False)
        assert isinstance(compute, Direct)
        loss = compute(X, y)
    else:
        loss = Autograd(network, make_loss(task, smoothing), bfloat16=False)(X, y)
    state = [buffer.clone() for buffer in network.buffers()]
    return [loss, *(p.grad.clone() for p in network.parameters() if p.grad is not None), *state]


def _assert_same(settings: MlpSettings, task: Task, smoothing: float = 0.0) -> None:
    found, expected = (
        _gradients(_network(settings, task.n_outputs), task, smoothing, direct=direct)
        for direct in (True, False)
    )
    assert len(found) == len(expected) > 2
    assert any(part.abs().max() > 0.01 for part in expected[1:])
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("normalisation", ["none", "batch", "layer"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_layer(activation: str, normalisation: str) -> None:
    settings = MlpSettings(2, 9, 0.7, activation, normalisation, 0.3)
    _assert_same(settings, TASKS["multiclass"])


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("kind", TASKS)
def test_every_loss(kind: str, smoothing: float) -> None:
    _assert_same(MlpSettings(1, 9), TASKS[kind], smoothing)


def test_a_linear_network() -> None:
    _assert_same(MlpSettings(0), TASKS["multiclass"])


def test_a_second_batch_does_not_add_to_the_first() -> None:
    task = TASKS["multiclass"]
    network = _network(MlpSettings(1, 9), task.n_outputs)
    compute = make_gradients(network, task, 0.0, bfloat16=False)
    X, y = _rows(task)
    first = [compute(X, y), *(p.grad.clone() for p in network.parameters() if p.grad is not None)]
    again = [compute(X, y), *(p.grad for p in network.parameters() if p.grad is not None)]
    for one, other in zip(first, again, strict=True):
        assert torch.equal(one, other)


def test_bfloat16_is_close_to_float32() -> None:
    task = TASKS["multiclass"]
    settings = MlpSettings(2, 64, 1.0, "relu", "batch")
    X, y = _rows(task)
    exact, rough = _network(settings, 3), _network(settings, 3)
    make_gradients(exact, task, 0.0, bfloat16=False)(X, y)
    make_gradients(rough, task, 0.0, bfloat16=True)(X, y)
    for (name, one), other in zip(exact.named_parameters(), rough.parameters(), strict=True):
        assert one.grad is not None
        assert other.grad is not None
        assert other.grad.dtype is torch.float32
        difference = (one.grad - other.grad).norm() / one.grad.norm()
        assert difference < 0.1, name


@pytest.mark.parametrize(
    "network",
    [
        nn.Linear(3, 2),
        nn.Sequential(nn.ReLU(), nn.Linear(3, 2)),
        nn.Sequential(nn.Linear(3, 2), nn.Softplus()),
    ],
    ids=["one layer", "a layer before the first product", "an unknown layer"],
)
def test_any_other_network_is_left_to_autograd(network: nn.Module) -> None:
    assert not Chain.fits(network)
    assert isinstance(make_gradients(network, TASKS["regression"], 0.0, bfloat16=False), Autograd)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("kind", sorted(TASKS))
def test_weighted_and_robust_losses_have_their_gradients_too(kind: str, smoothing: float) -> None:
    task = TASKS[kind]
    out = torch.randn(17, task.n_outputs, generator=torch.Generator().manual_seed(3)) * 2
    y = _rows(task)[1]
    options: LossOptions = {
        "class_weights": torch.tensor([0.3, 2.0, 1.1]) if task.is_classification else None,
        "huber_delta": 0.7,
    }
    out.requires_grad_(True)
    expected = make_loss(task, smoothing, **options)(out, y)
    expected.backward()  # type: ignore[no-untyped-call]
    loss, gradient = output_gradient(task, smoothing, **options)(out.detach().clone(), y)
    assert out.grad is not None
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)
    assert torch.allclose(gradient, out.grad, rtol=1e-4, atol=1e-6)


def _images(settings: CnnSettings) -> nn.Sequential:
    torch.manual_seed(0)
    network = CNN.build(settings, Inputs("image", (2, 5, 4)), 3).to(
        memory_format=torch.channels_last
    )
    assert isinstance(network, nn.Sequential)
    flatten(list(network.parameters()))
    return network.train()


@pytest.mark.parametrize("bias", ["none", "batch"])
@pytest.mark.parametrize("readout", ["mean", "flatten"])
@pytest.mark.parametrize("block", ["plain", "residual"])
def test_every_layer_of_images(block: str, readout: str, bias: str) -> None:
    settings = CnnSettings(
        stages=2, block=block, channels=4, normalisation=bias, readout=readout, head=6, dropout=0.2
    )
    task, X = TASKS["multiclass"], torch.randn(9, 2, 5, 4)
    y = torch.arange(9) % 3
    found = []
    for direct in (True, False):
        network = _images(settings)
        compute = make_gradients(network, task, 0.1, bfloat16=False)
        assert isinstance(compute, Direct)
        if not direct:
            compute = Autograd(network, make_loss(task, 0.1), bfloat16=False)
        torch.manual_seed(2)
        loss = compute(X, y)
        grads = [p.grad for p in network.parameters() if p.grad is not None]
        found.append([loss, *grads, *network.buffers()])
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    "way",
    [
        (nn.ReLU(), nn.Conv2d(2, 2, 1)),
        (nn.Conv2d(2, 2, 1), nn.ReLU()),
        (nn.Conv2d(2, 2, 1), nn.Softplus()),
    ],
    ids=["begins with an activation", "ends with one", "an unknown layer"],
)
def test_a_block_that_is_made_otherwise_is_left_to_autograd(way: tuple[nn.Module, ...]) -> None:
    block = Residual(nn.Sequential(*way), nn.Sequential())
    assert not Chain.fits(nn.Sequential(nn.Conv2d(2, 2, 1), block, nn.Flatten()))


def test_pooled_images_and_products_of_images_in_bfloat16_are_left_to_autograd() -> None:
    assert not Chain.fits(_images(CnnSettings(channels=4, downsampling="max")))
    assert not Chain.fits(_images(CnnSettings(channels=4)), bfloat16=True)
    assert Chain.fits(_images(CnnSettings(channels=4)))
