"""What every family must do."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from automl.models import Family
from automl.settings import check
from automl.task import Inputs

INPUTS = {
    "vector": Inputs("vector", (5,)),
    "image": Inputs("image", (1, 8, 8)),
    "colour image": Inputs("image", (3, 7, 9)),
    "sequence": Inputs("sequence", (6, 2)),
    "masked sequence": Inputs("sequence", (6, 3), masked=True),
    "table": Inputs("vector", (5,), (3, 7)),
}
"""One of each kind of input that there is."""

ROWS = 6


def check_family(family: Family, inputs: dict[str, Inputs] | None = None) -> None:
    """Hold a family to its contract, with its default settings and each choice of each setting.

    Parameters
    ----------
    family : Family
    inputs : dict of str to Inputs, optional
        What its networks are built for; by default one of each kind, see `INPUTS`.

    Raises
    ------
    AssertionError
        With what is broken.
    """
    check_settings(family)
    for shape in (inputs or INPUTS).values():
        for one in CHECKS:
            one(family, shape)


def check_settings(family: Family) -> None:
    """Check that default settings obey their own rules, and that equal ones are equal."""
    default = family.Settings()
    assert check(family.Settings, dataclasses.asdict(default)) == default
    for settings in variants(family):
        canonical = family.canonical(settings)
        assert family.canonical(canonical) == canonical, f"{settings}: canonical twice differs"
        assert hash(canonical) == hash(family.canonical(settings))
        widths = getattr(settings, "widths", [1])
        assert all(width >= 1 for width in widths), f"{settings}: the report cannot draw {widths}"


def check_outputs(family: Family, inputs: Inputs) -> None:
    """Check that rows become finite float32 outputs, of any number."""
    for settings in variants(family):
        for outputs in (1, 3):
            out = build(family, settings, inputs, outputs)(rows_of(inputs))
            assert out.shape == (ROWS, outputs), f"{settings}: {tuple(out.shape)}"
            assert out.dtype == torch.float32
            assert torch.isfinite(out).all()


def check_gradients(family: Family, inputs: Inputs) -> None:
    """Check that a gradient reaches every weight."""
    for settings in variants(family):
        network = build(family, settings, inputs)
        network(rows_of(inputs)).square().sum().backward()
        for name, weight in network.named_parameters():
            assert weight.grad is not None, f"{settings}: no gradient reaches {name}"
            assert weight.grad.abs().sum() > 0, f"{settings}: the gradient of {name} is zero"


def check_seeds(family: Family, inputs: Inputs) -> None:
    """Check that torch's seed decides the weights, and nothing else does."""
    for settings in variants(family):
        one, same, other = (
            torch.cat([p.flatten() for p in build(family, settings, inputs, 3, seed).parameters()])
            for seed in (0, 0, 1)
        )
        assert torch.equal(one, same), f"{settings}: one seed, two networks"
        assert not torch.equal(one, other), f"{settings}: the seed changes nothing"


def check_canonical(family: Family, inputs: Inputs) -> None:
    """Check that canonical settings build the same network."""
    for settings in variants(family):
        canonical = family.canonical(settings)
        one, other = (build(family, s, inputs).eval() for s in (settings, canonical))
        assert str(one) == str(other), f"{settings} and {canonical}"
        assert torch.equal(one(rows_of(inputs)), other(rows_of(inputs)))


def check_evaluation(family: Family, inputs: Inputs) -> None:
    """Check that evaluation has no chance in it, and that rows do not depend on each other."""
    for settings in variants(family):
        network, X = build(family, settings, inputs).eval(), rows_of(inputs)
        assert torch.equal(network(X), network(X)), f"{settings}: two evaluations differ"
        alone = torch.allclose(network(X)[:1], network(X[:1]), atol=1e-5)
        assert alone, f"{settings}: a row depends on those beside it"


def check_weights(family: Family, inputs: Inputs) -> None:
    """Check that weights can be carried over by name."""
    for settings in variants(family):
        one, other = (build(family, settings, inputs, 3, seed).eval() for seed in (0, 1))
        other.load_state_dict(one.state_dict())
        assert torch.equal(one(rows_of(inputs)), other(rows_of(inputs))), f"{settings}"


def check_cost(family: Family, inputs: Inputs) -> None:
    """Check that `Family.cost` counts what `Family.build` builds."""
    for settings in variants(family):
        network = build(family, settings, inputs).eval()
        cost = family.cost(settings, inputs, 3)
        weights = sum(p.numel() for p in network.parameters())
        assert cost.weights == weights, f"{settings}: {cost.weights} weights, not {weights}"
        # The counter does not see into kernels that do a whole layer, or all attention, at once.
        plain = torch.backends.mkldnn.flags(enabled=False)
        counter = FlopCounterMode(display=False)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "TF32 acceleration")  # of a GPU that is not there
            with plain, sdpa_kernel(SDPBackend.MATH), counter as counted, torch.no_grad():
                network(rows_of(inputs, 1))
        operations = counted.get_total_flops()
        assert cost.operations == operations, f"{settings}: {cost.operations}, not {operations}"


CHECKS: list[Callable[[Family, Inputs], None]] = [
    check_outputs,
    check_gradients,
    check_seeds,
    check_canonical,
    check_evaluation,
    check_weights,
    check_cost,
]
"""All that are made for one kind of input."""


def variants(family: Family) -> list[Any]:
    """Return the default settings, and each choice of each setting beside the other defaults."""
    default = family.Settings()
    found = [default]
    for field in dataclasses.fields(default):
        choices = field.metadata["choices"] or []
        found += [dataclasses.replace(default, **{field.name: choice}) for choice in choices]
    return found


def build(
    family: Family, settings: Any, inputs: Inputs, outputs: int = 3, seed: int = 0
) -> nn.Module:
    """Build a network with torch's generator at a seed."""
    torch.manual_seed(seed)
    return family.build(settings, inputs, outputs)


def rows_of(inputs: Inputs, rows: int = ROWS) -> Tensor:
    """Return random rows of a shape, with category codes and a mask where there are some."""
    X = torch.randn(rows, *inputs.shape, generator=torch.Generator().manual_seed(1))
    for i, codes in enumerate(reversed(inputs.categories), start=1):
        generator = torch.Generator().manual_seed(i)
        X[:, -i] = torch.randint(0, codes, (rows,), generator=generator).float()
    if inputs.masked:
        lengths = inputs.shape[0] - torch.arange(rows) % inputs.shape[0]
        X[:, :, -1] = (torch.arange(inputs.shape[0]) < lengths[:, None]).float()
        X *= X[:, :, -1:]
    return X
