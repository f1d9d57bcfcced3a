"""What every family must do: this suite runs over each file of `automl/models`."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from automl.models import FAMILIES, Family
from automl.settings import check
from automl.task import Inputs, Task

INPUTS = {
    "vector": Inputs("vector", (5,)),
    "image": Inputs("image", (1, 8, 8)),
    "colour image": Inputs("image", (3, 7, 9)),
    "sequence": Inputs("sequence", (6, 2)),
    "table": Inputs("vector", (5,), (3, 7)),
}
TASKS = {
    "binary": Task.classification(("no", "yes")),
    "multiclass": Task.classification((0, 1, 2)),
    "regression": Task("regression"),
}


@pytest.fixture(params=FAMILIES.names())
def family(request: pytest.FixtureRequest) -> Family:
    return FAMILIES.get(request.param)


@pytest.fixture(params=sorted(INPUTS))
def inputs(request: pytest.FixtureRequest) -> Inputs:
    return INPUTS[request.param]


def _variants(family: Family) -> list[Any]:
    """The default settings, and each choice of each setting beside the other defaults."""
    default = family.Settings()
    variants = [default]
    for field in dataclasses.fields(default):
        choices = field.metadata["choices"] or []
        variants += [dataclasses.replace(default, **{field.name: c}) for c in choices]
    return variants


def _build(family: Family, settings: Any, inputs: Inputs, outputs: int, seed: int = 0) -> Any:
    torch.manual_seed(seed)
    return family.build(settings, inputs, outputs)


def _rows(inputs: Inputs, rows: int = 6) -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    X = torch.randn(rows, *inputs.shape, generator=generator)
    for i, codes in enumerate(reversed(inputs.categories), start=1):
        X[:, -i] = torch.randint(0, codes, (rows,), generator=generator)
    return X


def test_the_default_settings_pass_their_own_checks(family: Family) -> None:
    default = family.Settings()
    assert check(family.Settings, dataclasses.asdict(default)) == default


@pytest.mark.parametrize("task", sorted(TASKS))
def test_a_network_maps_rows_to_outputs(family: Family, inputs: Inputs, task: str) -> None:
    outputs = TASKS[task].n_outputs
    for settings in _variants(family):
        out = _build(family, settings, inputs, outputs)(_rows(inputs))
        assert out.shape == (6, outputs)
        assert out.dtype == torch.float32
        assert torch.isfinite(out).all()


def test_gradients_reach_every_weight(family: Family, inputs: Inputs) -> None:
    for settings in _variants(family):
        network = _build(family, settings, inputs, 3)
        network(_rows(inputs)).square().sum().backward()
        for name, weight in network.named_parameters():
            assert weight.grad is not None, f"{settings}: {name}"
            assert weight.grad.abs().sum() > 0, f"{settings}: {name}"


def test_the_same_seed_draws_the_same_weights(family: Family, inputs: Inputs) -> None:
    for settings in _variants(family):
        one, same, other = (
            torch.cat([p.flatten() for p in _build(family, settings, inputs, 3, seed).parameters()])
            for seed in (0, 0, 1)
        )
        assert torch.equal(one, same)
        assert not torch.equal(one, other)


def test_canonical_settings_build_the_same_network(family: Family, inputs: Inputs) -> None:
    for settings in _variants(family):
        canonical = family.canonical(settings)
        assert family.canonical(canonical) == canonical
        one, other = (_build(family, s, inputs, 3).eval() for s in (settings, canonical))
        assert str(one) == str(other)
        assert torch.equal(one(_rows(inputs)), other(_rows(inputs)))


def test_training_mode_does_not_change_what_evaluation_says(family: Family, inputs: Inputs) -> None:
    for settings in _variants(family):
        network = _build(family, settings, inputs, 3).eval()
        X = _rows(inputs)
        assert torch.equal(network(X), network(X))
        # A row's output does not depend on the rows beside it.
        assert torch.allclose(network(X)[:1], network(X[:1]), atol=1e-5)


def test_the_report_can_draw_every_network(family: Family) -> None:
    for settings in _variants(family):
        assert settings.widths
        assert all(width >= 1 for width in settings.widths)


def test_weights_can_be_carried_over_by_name(family: Family, inputs: Inputs) -> None:
    for settings in _variants(family):
        one, other = (_build(family, settings, inputs, 3, seed).eval() for seed in (0, 1))
        other.load_state_dict(one.state_dict())
        assert torch.equal(one(_rows(inputs)), other(_rows(inputs)))


def test_parameters_of_two_settings_never_clash(family: Family) -> None:
    variants = {family.canonical(s): s for s in _variants(family)}
    for one, other in itertools.combinations(variants, 2):
        assert one != other
        assert hash(one) == hash(family.canonical(one))


@pytest.mark.filterwarnings("ignore:TF32 acceleration")
def test_cost_counts_what_is_built(family: Family, inputs: Inputs) -> None:
    for settings in _variants(family):
        network = _build(family, settings, inputs, 3).eval()
        cost = family.cost(settings, inputs, 3)
        assert cost.weights == sum(p.numel() for p in network.parameters()), settings
        # The counter does not see into kernels that do a whole layer, or all attention, at once.
        plain = torch.backends.mkldnn.flags(enabled=False)  # type: ignore[no-untyped-call]
        counter = FlopCounterMode(display=False)
        with plain, sdpa_kernel(SDPBackend.MATH), counter as counted, torch.no_grad():
            network(_rows(inputs, 1))
        assert cost.operations == counted.get_total_flops(), settings


def test_cost_is_counted_without_torch(python: Callable[..., Any]) -> None:
    code = (
        "import sys\n"
        "from automl.models import FAMILIES\n"
        "from automl.task import Inputs\n"
        "for family in map(FAMILIES.get, FAMILIES.names()):\n"
        "    assert family.cost(family.Settings(), Inputs('image', (1, 8, 8)), 3).operations\n"
        "print('torch' in sys.modules)"
    )
    assert python("-c", code).stdout == "False\n"
