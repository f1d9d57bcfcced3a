"""Products of matrices in float32 on a CPU, by the library that is quicker there.

torch computes them with MKL, which on processors that are not Intel's leaves half of each register
unused: with AVX-512 on an AMD EPYC of family 26, one thread, 113 billion operations a second where
oneDNN, which torch brings along for convolutions, comes to 250.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import torch
from torch import Tensor

LARGE = 15_000_000
"""Operations of a product from which oneDNN pays. It compiles a kernel for each new shape, 0.2 ms,
and a call takes some microseconds longer. Measured on the EPYC: 32 x 256 x 256 (4e6) takes 32
microseconds in place of 42, and 1,078 x 64 x 177 (2.4e7) takes 119 in place of 236."""


@cache
def _onednn() -> Any:
    """Return oneDNN's product, or None where MKL is as quick."""
    found: Mapping[str, Any] = torch.cpu.get_capabilities()
    if not found.get("avx512_f") or "AMD" not in str(found.get("cpu_name")):
        return None
    if not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return None
    # Private in torch 2.13: `torch.nn.functional.linear` takes oneDNN for its own tensors alone.
    return getattr(torch.ops.mkldnn, "_linear_pointwise", None)


def multiply(a: Tensor, b: Tensor, bias: Tensor | None = None, out: Tensor | None = None) -> Tensor:
    """Return ``a @ b.T + bias`` of matrices ``(m, k)`` and ``(n, k)``.

    Parameters
    ----------
    a, b : Tensor
        Matrices of one type; those that are not float32 are left to torch.
    bias : Tensor of shape (n,), optional
    out : Tensor of shape (m, n), optional
        Where the product goes; there is no bias then.
    """
    if 2 * a.numel() * len(b) >= LARGE and a.dtype is torch.float32 and a.device.type == "cpu":
        onednn = _onednn()
        if onednn is not None:
            product: Tensor = onednn(a, b, bias, "none", [], "")
            return product if out is None else out.copy_(product)
    if bias is None:
        return torch.mm(a, b.t(), out=out)
    return torch.addmm(bias, a, b.t())
