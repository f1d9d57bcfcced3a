"""`ExportJob`: ONNX export in a worker, so that a search itself never imports torch."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.bundle.save import OnnxFile
from automl.data.preprocess.prepared import PreparedData
from automl.data.preprocess.variants import Variant
from automl.training.recipe import Recipe
from automl.trial import Stop

PARITY_ROWS = 512
"""Rows on which onnxruntime is compared with torch. The arithmetic is the same for every row, so
these are for its corners, and cost a few ms."""


def parity_rows(X: NDArray[Any]) -> NDArray[Any]:
    """At most `PARITY_ROWS` raw rows, evenly spread over `X`."""
    count = min(len(X), PARITY_ROWS)
    return X[np.linspace(0, len(X) - 1, count).astype(np.int64)]


@dataclass(frozen=True, slots=True, eq=False)
class ExportJob:
    """Export trained weights to ONNX, and compare the result with torch.

    Attributes
    ----------
    info : dict
        The fields of ``model.json``, but for its files.
    weights : str
        Path of the safetensors file.
    rows : array
        Raw test rows for the comparison.
    to : str
        Where the file goes.
    """

    info: dict[str, Any]
    weights: str
    rows: NDArray[Any]
    to: str

    @property
    def variant(self) -> Variant:
        """The data of the model's training, which is there already."""
        return Variant(Recipe.from_json(self.info["recipe"]).preprocessing)

    def run(
        self, data: PreparedData, should_stop: Callable[[], Stop | None]
    ) -> Generator[None, None, OnnxFile]:
        """Called by an executor, in a worker; see `automl.bundle.onnx.export.export_onnx`."""
        from automl.bundle.model import model_of
        from automl.bundle.onnx.export import export_onnx

        yield from ()
        return export_onnx(model_of(self.info, Path(self.weights)), self.rows, Path(self.to))
