"""`ExportJob`: ONNX export in a worker, so that a search itself never imports torch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from automl.arrays import Array
from automl.bundle.members import read_members
from automl.bundle.save import OnnxFile
from automl.data.preprocess.variants import BASELINE, Variant
from automl.data.stored_rows import AnyRows
from automl.job import Job
from automl.training.recipe import Recipe

PARITY_ROWS = 512
"""Rows on which onnxruntime is compared with torch. The arithmetic is the same for every row, so
these are for its corners, and cost a few ms."""

PARITY_NUMBERS = 2**22
"""Numbers of these rows: 54 pictures of 160 pixels in colour."""


def parity_rows(X: AnyRows) -> Array:
    """At most `PARITY_ROWS` raw rows, evenly spread over `X`; of large pictures, fewer."""
    count = min(len(X), PARITY_ROWS, max(1, PARITY_NUMBERS // math.prod(X.shape[1:])))
    return np.asarray(X[np.linspace(0, len(X) - 1, count).astype(np.int64)])


@dataclass(frozen=True, slots=True, eq=False)
class ExportJob(Job):
    """Export trained weights to ONNX, and compare the result with torch.

    Attributes
    ----------
    info : dict
        The fields of ``model.json``, but for its files.
    weights : tuple of str
        Paths of the safetensors files, one a network.
    rows : array
        Raw test rows for the comparison.
    to : str
        Where the file goes.
    """

    runs: ClassVar[str] = "automl.bundle.onnx.export:run_export"
    inputs: ClassVar[tuple[str, ...]] = ("weights",)
    outputs: ClassVar[tuple[str, ...]] = ("to",)
    says: ClassVar[tuple[type, ...]] = (OnnxFile,)

    info: dict[str, Any]
    weights: tuple[str, ...]
    rows: Array
    to: str

    @property
    def variant(self) -> Variant:
        """Return the form that its first network was trained on, which is there already."""
        first = read_members(self.info)[0]
        if first.layers is not None:
            return BASELINE
        return Variant(Recipe.from_json(first.recipe).preprocessing)
