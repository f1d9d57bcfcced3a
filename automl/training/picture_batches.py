"""`PictureBatches`: pictures of a file as a network sees them, a batch at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator

import torch
from torch import Tensor

from automl.data.preprocess.standardise import Preprocessing
from automl.data.preprocess.table import TablePreprocessing
from automl.data.preprocess.variants import AnyPreprocessing
from automl.data.stored_rows import AnyRows, StoredRows, blocks

MEMORY_SHARE = 0.5
"""Share of the machine's memory from which a file is read in blocks: the system keeps a smaller
one, so that it does not matter in which order it is read."""

BLOCK_ROWS = 32
"""Neighbours of a file that are read together."""

MIXED_BLOCKS = 64
"""Blocks whose rows are shuffled together: 2,048 rows."""

DEVICE_SHARE = 0.25
"""Share of a GPU's free memory up to which the bytes of all rows are kept there."""


class PictureBatches:
    """Rows of a file in place of a tensor: what is taken is read, and standardised.

    Parameters
    ----------
    rows : StoredRows
    preprocessing : Preprocessing
    device : torch.device

    Attributes
    ----------
    device : torch.device
    shape : tuple of int
    """

    def __init__(
        self, rows: StoredRows, preprocessing: Preprocessing, device: torch.device
    ) -> None:
        self._rows, self._preprocessing, self.device = rows, preprocessing, device
        self.shape = (len(rows), *preprocessing.inputs.shape)
        self._held: Tensor | None = None

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def ndim(self) -> int:
        """Dimensions, with that of the rows."""
        return len(self.shape)

    def hold(self) -> None:
        """Put the bytes on the device, once for all batches."""
        held = torch.empty(self._rows.shape, dtype=torch.uint8, device=self.device)
        start = 0
        for block in blocks(self._rows):
            held[start : start + len(block)] = torch.as_tensor(block)
            start += len(block)
        self._held = held

    def index_select(self, dim: int, index: Tensor) -> Tensor:
        """Return rows as a float32 tensor, as a tensor does; `dim` must be 0."""
        if self._held is None:
            found = self._preprocessing.transform(self._rows[index.cpu().numpy()])
            return torch.as_tensor(found).to(self.device)
        rows = self._held.index_select(0, index).reshape(-1, *self.shape[1:]).to(torch.float32)
        p = self._preprocessing
        mean, scale = (torch.as_tensor(a, dtype=torch.float32) for a in (p.mean, p.scale))
        return (rows - mean.to(self.device)) / scale.to(self.device)

    def __getitem__(self, rows: slice | Tensor) -> PictureBatches:
        chosen = rows if isinstance(rows, slice) else rows.cpu().numpy()
        return PictureBatches(self._rows.take(chosen), self._preprocessing, self.device)

    def sample(self, count: int) -> Tensor:
        """Return so many rows, evenly spread."""
        places = torch.linspace(0, len(self) - 1, min(count, len(self)), device=self.device)
        return self.index_select(0, places.long())

    def split(self, size: int) -> Iterator[Tensor]:
        """Yield all rows, so many at a time."""
        for part in torch.split(torch.arange(len(self), device=self.device), size):
            yield self.index_select(0, part)

    def shuffled(self, generator: torch.Generator) -> Tensor:
        """Return the order of an epoch: of a file that does not stay in memory, block by block."""
        if self._held is not None or self._rows.path.stat().st_size < MEMORY_SHARE * _memory():
            return torch.randperm(len(self), generator=generator)
        return block_order(torch.as_tensor(self._rows.order), generator)


def block_order(places: Tensor, generator: torch.Generator) -> Tensor:
    """Return a permutation that reads a file in blocks.

    Parameters
    ----------
    places : int64 tensor of shape (rows,)
        Where in the file each row is.
    generator : torch.Generator
    """
    near = torch.split(torch.argsort(places), BLOCK_ROWS)
    chosen = torch.randperm(len(near), generator=generator).tolist()
    found = []
    for i in range(0, len(chosen), MIXED_BLOCKS):
        some = torch.cat([near[block] for block in chosen[i : i + MIXED_BLOCKS]])
        found.append(some[torch.randperm(len(some), generator=generator)])
    return torch.cat(found)


def network_rows(
    X: AnyRows, preprocessing: AnyPreprocessing, device: torch.device
) -> Tensor | PictureBatches:
    """Return rows of `PreparedData` for a network on this device."""
    if not isinstance(X, StoredRows):
        return torch.as_tensor(X).to(device)
    if isinstance(preprocessing, TablePreprocessing):
        raise TypeError("rows of a table are in memory")
    batches = PictureBatches(X, preprocessing, device)
    if device.type == "cuda" and X.dtype.itemsize == 1:
        free, _ = torch.cuda.mem_get_info(device)
        if X.nbytes < DEVICE_SHARE * free:
            batches.hold()
    return batches


def in_memory(X: Tensor | PictureBatches) -> Tensor:
    """Return rows that are no pictures, for what works on nothing else."""
    if isinstance(X, PictureBatches):
        raise TypeError("pictures of a file are read a batch at a time")
    return X


def _memory() -> int:
    if not hasattr(os, "sysconf"):  # Windows
        return 2**33
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
