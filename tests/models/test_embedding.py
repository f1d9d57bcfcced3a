"""Codes at the end of a row become vectors beside its numbers."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from torch.nn import functional

from automl.models._embedding import Embedded, embedding_width
from automl.models.mlp import FAMILY, MlpSettings
from automl.task import Inputs
from automl.training.optimizers import OPTIMIZERS, OptimizerSettings
from automl.training.stepping import LbfgsStepper, make_stepper

INPUTS = Inputs("vector", (5,), (4, 121))
ROWS = torch.tensor([[0.5, -1.0, 2.0, 3.0, 120.0], [0.1, 0.2, 0.3, 1.0, 7.0]])


@pytest.mark.parametrize(("codes", "width"), [(2, 1), (3, 2), (10, 5), (121, 50), (5000, 50)])
def test_a_vector_is_half_as_long_as_there_are_codes_and_50_at_most(codes: int, width: int) -> None:
    assert embedding_width(codes) == width


def test_numbers_stay_and_each_code_gets_the_vector_of_its_table() -> None:
    embedded = Embedded(INPUTS)
    out = embedded(ROWS)
    assert out.shape == (2, embedded.width) == (2, 3 + 2 + 50)
    assert torch.equal(out[:, :3], ROWS[:, :3])
    assert torch.equal(out[0, 3:5], embedded.tables[0].weight[3])
    assert torch.equal(out[:, 5:], embedded.tables[1].weight[[120, 7]])


def test_a_missing_or_unseen_category_begins_as_0() -> None:
    torch.manual_seed(0)
    embedded = Embedded(INPUTS)
    unseen = embedded(torch.tensor([[0.0, 0.0, 0.0, 0.0, 0.0]]))
    assert not unseen.any()
    norms = embedded.tables[1].weight[1:].square().sum(dim=1)
    assert norms.mean().item() == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_it_stays_0_where_no_training_row_has_it_and_learns_where_one_has(name: str) -> None:
    torch.manual_seed(0)
    network = FAMILY.build(MlpSettings(depth=1, width=8), INPUTS, 1)
    tables = [module for module in network.modules() if isinstance(module, torch.nn.Embedding)]
    stepper = make_stepper(network, OptimizerSettings(name, 0.01), weight_decay=0.1)
    X = ROWS.clone()
    X[1, 4] = 0.0
    before = [table.weight.detach().clone() for table in tables]

    def loss() -> torch.Tensor:
        network.zero_grad(set_to_none=False)
        value = functional.mse_loss(network(X)[:, 0], torch.tensor([1.0, -1.0]))
        value.backward()  # type: ignore[no-untyped-call]
        return value

    for _ in range(3):
        if isinstance(stepper, LbfgsStepper):
            stepper.optimizer.step(loss)  # type: ignore[no-untyped-call]
        else:
            loss()
            stepper.step(0.01)
    assert not tables[0].weight[0].any()
    assert tables[1].weight[0].any()
    assert not torch.equal(tables[0].weight[3], before[0][3])


def test_the_size_of_a_network_is_known_without_torchs_compiler() -> None:
    code = (
        "import sys, torch; from automl.models._embedding import Embedded;"
        " from automl.task import Inputs\n"
        "with torch.device('meta'): Embedded(Inputs('vector', (5,), (4, 121)))\n"
        "print('torch._dynamo' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"
