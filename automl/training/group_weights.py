"""The weights of several networks of one architecture, and the optimizer's step of all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from automl.training.optimizers import OPTIMIZERS, OptimizerSettings


@dataclass(frozen=True, slots=True)
class _Packed:
    """Tensors as parts of a single one, so that a kernel is called once."""

    whole: Tensor
    parts: list[Tensor]

    @classmethod
    def pack(cls, tensors: Sequence[Tensor]) -> _Packed:
        whole = torch.cat([t.flatten() for t in tensors])
        pieces = torch.split(whole, [t.numel() for t in tensors])
        return cls(whole, [p.view(t.shape) for p, t in zip(pieces, tensors, strict=True)])

    def of(self, members: slice | None) -> list[Tensor]:
        """Return what belongs to some members, or to all with None."""
        return [self.whole] if members is None else [part[members] for part in self.parts]


@dataclass(frozen=True, slots=True)
class _Kind:
    """Weights that share a weight decay."""

    weight_decay: float
    values: _Packed
    grads: _Packed
    moments: list[_Packed]


class GroupWeights:
    """Weights ``(members, *shape)``, their gradients, and what the optimizer keeps of each.

    What `automl.training.stepping.FusedStepper` does for one network, with the same kernels.

    Parameters
    ----------
    networks : sequence of torch.nn.Module
        Networks of one architecture; their weights become views of the group's.
    settings : OptimizerSettings
        Settings of any but L-BFGS.
    weight_decay : float
        Factor for the matrices alone, as in `FusedStepper`.
    """

    def __init__(
        self, networks: Sequence[nn.Module], settings: OptimizerSettings, weight_decay: float
    ) -> None:
        rule = OPTIMIZERS[settings.name]
        assert rule is not None
        self._networks = list(networks)
        self._kernel: Any = getattr(torch, rule.kernel)
        self._arguments = rule.arguments(settings)
        self._counts = rule.moments > 1
        self._first_step = rule.first_step
        self._steps = torch.tensor(0.0)
        keeps = self._arguments.get("momentum") != 0.0
        self._kinds: list[_Kind] = []
        self._stacked: dict[int, tuple[Tensor, Tensor]] = {}
        for is_matrix, decay in ((True, weight_decay), (False, 0.0)):
            values = self._stack(is_matrix=is_matrix)
            if not values:
                continue
            moments = [
                _Packed.pack([torch.zeros_like(v) for v in values])
                for _ in range(rule.moments if keeps else 0)
            ]
            self._kinds.append(_Kind(decay, _Packed.pack(values), _zeros(values), moments))
        self._bind()

    def of(self, weight: Tensor) -> tuple[Tensor, Tensor]:
        """Return values and gradients of all members, given a weight of the first of them."""
        return self._stacked[id(weight)]

    def keep(self, members: Sequence[int]) -> None:
        """Let all others go; their networks keep their weights."""
        self._networks = [self._networks[m] for m in members]
        rows = torch.tensor(members)

        def kept(packed: _Packed) -> _Packed:
            return _Packed.pack([part.index_select(0, rows) for part in packed.parts])

        self._kinds = [
            _Kind(k.weight_decay, kept(k.values), kept(k.grads), [kept(m) for m in k.moments])
            for k in self._kinds
        ]
        self._bind()

    def penalise(self, members: slice, l1: float) -> None:
        """Add the gradient of an L1 penalty on the matrices."""
        for kind in self._kinds[:1]:
            for value, grad in zip(kind.values.parts, kind.grads.parts, strict=True):
                grad[members].add_(value[members].sign(), alpha=l1)

    def step(self, members: slice, learning_rate: float, steps: int) -> None:
        """Update the weights of some members from their gradients.

        Parameters
        ----------
        members : slice
        learning_rate : float
        steps : int
            Steps that these members have made before.
        """
        count = len(self._networks)
        some = None if members.indices(count) == (0, count, 1) else members
        for kind in self._kinds:
            values = kind.values.of(some)
            state: list[Any] = [moment.of(some) for moment in kind.moments] or [[]]
            extra: dict[str, Any] = {}
            if self._counts:
                self._steps.fill_(self._first_step + steps + 1)
                state += [[], [self._steps] * len(values)]
            else:
                extra["is_first_step"] = steps == 0
            self._kernel(
                values,
                kind.grads.of(some),
                *state,
                lr=learning_rate,
                weight_decay=kind.weight_decay,
                maximize=False,
                **self._arguments,
                **extra,
            )

    def _stack(self, *, is_matrix: bool) -> list[Tensor]:
        weights = zip(*(network.parameters() for network in self._networks), strict=True)
        return [
            torch.stack([w.detach() for w in same])
            for same in weights
            if (same[0].ndim > 1) == is_matrix
        ]

    def _bind(self) -> None:
        """Let the networks' weights be views of ours."""
        self._stacked = {}
        parts = {
            is_matrix: iter(self._parts(kind))
            for is_matrix, kind in zip((True, False), self._kinds, strict=False)
        }
        for same in zip(*(network.parameters() for network in self._networks), strict=True):
            values, grads = next(parts[same[0].ndim > 1])
            self._stacked[id(same[0])] = values, grads
            for m, weight in enumerate(same):
                weight.data = values[m]

    @staticmethod
    def _parts(kind: _Kind) -> list[tuple[Tensor, Tensor]]:
        return list(zip(kind.values.parts, kind.grads.parts, strict=True))


def _zeros(like: Sequence[Tensor]) -> _Packed:
    return _Packed.pack([torch.zeros_like(tensor) for tensor in like])
