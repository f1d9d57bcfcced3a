"""Products are the same, whichever library computes them."""

from __future__ import annotations

import pytest
import torch

from automl.training.products import LARGE, multiply


@pytest.mark.parametrize("rows", [3, LARGE // (2 * 40 * 50) + 1], ids=["small", "large"])
@pytest.mark.parametrize("turned", [False, True])
def test_a_product_is_the_one_in_double_precision(rows: int, turned: bool) -> None:
    draw = torch.Generator().manual_seed(0)
    a = torch.randn(40, rows, generator=draw).t() if turned else torch.randn(rows, 40)
    b = torch.randn(40, 50, generator=draw).t() if turned else torch.randn(50, 40)
    bias, place = torch.randn(50, generator=draw), torch.empty(rows, 50)
    exact = a.double() @ b.double().t()
    torch.testing.assert_close(multiply(a, b).double(), exact, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(multiply(a, b, bias).double(), exact + bias, rtol=1e-4, atol=1e-4)
    multiply(a, b, out=place)
    torch.testing.assert_close(place.double(), exact, rtol=1e-4, atol=1e-4)
