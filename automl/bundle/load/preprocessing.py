"""Preprocessing as modules of torch, for the inside of an ONNX file or of an ensemble.

Each computes what ``transform`` of its preprocessing does, in the same order and the same
precision; the comparison at the end of an export holds them to it.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from automl.arrays import Array
from automl.data.preprocess.standardise import Preprocessing
from automl.data.preprocess.table import TablePreprocessing
from automl.data.preprocess.variants import AnyPreprocessing


def preprocessing_module(preprocessing: AnyPreprocessing, small: bool) -> nn.Module:
    """Raw rows ``(batch, *raw_shape)`` to float32 ``(batch, *inputs.shape)``.

    Parameters
    ----------
    preprocessing : Preprocessing or TablePreprocessing
    small : bool
        Whether raw values are whole numbers of two bytes at most, which float32 holds exactly.
    """
    if isinstance(preprocessing, TablePreprocessing):
        return _Table(preprocessing)
    return _Standardise(preprocessing, torch.float32 if small else torch.float64)


class _Constants(nn.Module):
    """Keeps arrays as buffers."""

    def keep(self, **arrays: Array) -> None:
        for name, array in arrays.items():
            self.register_buffer(name, torch.as_tensor(np.asarray(array)))

    def at(self, name: str) -> Tensor:
        return self.get_buffer(name)


class _Standardise(_Constants):
    def __init__(self, p: Preprocessing, dtype: torch.dtype) -> None:
        super().__init__()
        self._shape, self._dtype, self._masked = p.plain_shape, dtype, p.inputs.masked
        self.keep(mean=p.mean, scale=p.scale)
        self.to(dtype)

    def forward(self, rows: Tensor) -> Tensor:
        x = rows.reshape(-1, *self._shape).to(self._dtype)
        out = ((x - self.at("mean")) / self.at("scale")).to(torch.float32)
        if not self._masked:
            return out
        there = ~torch.isnan(rows[:, :, :1])
        return torch.cat([torch.where(there, out, 0.0), there.to(torch.float32)], dim=2)


class _Table(nn.Module):
    """Parts side by side, in the order of `TablePreprocessing`."""

    def __init__(self, p: TablePreprocessing) -> None:
        super().__init__()
        self.register_buffer("fills", torch.as_tensor(p.fills))
        made = [
            (p.scaled, _Scaled),
            (p.ranked, _Ranked),
            (p.pieces, _Pieces),
            (p.cyclic, _Cyclic),
            (p.missing, _Missing),
            (p.one_hot, _OneHot),
            (p.embedded, _Codes),
        ]
        self.parts = nn.ModuleList(part(p) for columns, part in made if len(columns))

    def forward(self, rows: Tensor) -> Tensor:
        rows = rows.to(torch.float64)
        filled = torch.where(torch.isnan(rows), self.get_buffer("fills"), rows)
        return torch.cat([part(rows, filled).to(torch.float32) for part in self.parts], dim=1)


class _Scaled(_Constants):
    def __init__(self, p: TablePreprocessing) -> None:
        super().__init__()
        self.keep(columns=p.scaled, means=p.means, scales=p.scales)

    def forward(self, rows: Tensor, filled: Tensor) -> Tensor:
        return (filled[:, self.at("columns")] - self.at("means")) / self.at("scales")


class _Ranked(_Constants):
    """`numpy.interp` in all columns at once: their knots lie side by side, padded with the last."""

    def __init__(self, p: TablePreprocessing) -> None:
        super().__init__()
        longest = max(len(x) for _, x, _ in p.ranked)
        values = np.stack([np.pad(x, (0, longest - len(x)), "edge") for _, x, _ in p.ranked])
        scores = np.stack([np.pad(z, (0, longest - len(z)), "edge") for _, _, z in p.ranked])
        steps = np.diff(values)
        self.keep(
            columns=np.array([i for i, _, _ in p.ranked]),
            values=values,
            first=values[:, :-1].ravel(),
            begin=scores[:, :-1].ravel(),
            slopes=(np.diff(scores) / np.where(steps > 0, steps, 1.0)).ravel(),
            offsets=np.arange(len(values)) * (longest - 1),
            last=np.array([len(x) - 2 for _, x, _ in p.ranked]),
        )

    def forward(self, rows: Tensor, filled: Tensor) -> Tensor:
        values = self.at("values")
        x = filled[:, self.at("columns")]
        x = torch.minimum(torch.maximum(x, values[:, 0]), values[:, -1])
        below = (x[:, :, None] >= values).sum(dim=2) - 1
        knots = torch.minimum(below, self.at("last")) + self.at("offsets")
        return self.at("slopes")[knots] * (x - self.at("first")[knots]) + self.at("begin")[knots]


class _Pieces(_Constants):
    def __init__(self, p: TablePreprocessing) -> None:
        super().__init__()
        self.keep(columns=p.pieces, lows=p.lows / 2.0, lengths=p.highs / 2.0 - p.lows / 2.0)

    def forward(self, rows: Tensor, filled: Tensor) -> Tensor:
        inside = filled[:, self.at("columns")] / 2.0 - self.at("lows")
        return torch.clamp(inside / self.at("lengths"), 0.0, 1.0)


class _Cyclic(_Constants):
    def __init__(self, p: TablePreprocessing) -> None:
        super().__init__()
        self.keep(columns=p.cyclic, periods=p.periods)

    def forward(self, rows: Tensor, filled: Tensor) -> Tensor:
        turns = filled[:, self.at("columns")] / self.at("periods")
        angles = (2.0 * np.pi * (turns - torch.floor(turns))).to(torch.float32)
        return torch.cat([torch.sin(angles), torch.cos(angles)], dim=1)


class _Missing(_Constants):
    def __init__(self, p: TablePreprocessing) -> None:
        super().__init__()
        self.keep(columns=p.missing)

    def forward(self, rows: Tensor, filled: Tensor) -> Tensor:
        return torch.isnan(rows[:, self.at("columns")])


class _OneHot(_Constants):
    def __init__(self, p: TablePreprocessing) -> None:
        super().__init__()
        self.keep(columns=p.one_hot, places=p.places.astype(np.float64))

    def forward(self, rows: Tensor, filled: Tensor) -> Tensor:
        return rows[:, self.at("columns")] == self.at("places")


class _Codes(_Constants):
    def __init__(self, p: TablePreprocessing) -> None:
        super().__init__()
        sizes = np.array([len(codes) for _, codes in p.embedded])
        self.keep(
            columns=np.array([i for i, _ in p.embedded]),
            codes=np.concatenate([codes for _, codes in p.embedded]),
            offsets=np.cumsum(sizes) - sizes,
            last=(sizes - 1).astype(np.float64),
        )

    def forward(self, rows: Tensor, filled: Tensor) -> Tensor:
        places, last = rows[:, self.at("columns")], self.at("last")
        is_place = (places >= 0) & (places < last) & (places == torch.floor(places))
        index = torch.where(is_place, places, last).to(torch.int64) + self.at("offsets")
        return self.at("codes")[index]
