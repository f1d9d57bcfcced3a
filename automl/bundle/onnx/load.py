"""`OnnxModel`: the model of a bundle by its ``model.onnx``, without torch."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from automl.arrays import Array
from automl.bundle.format import ONNX
from automl.bundle.inputs.given import take_rows
from automl.bundle.inputs.schema import InputSchema
from automl.bundle.members import has_probabilities, predicted_names, read_preparations
from automl.data.preprocess.variants import read_preprocessing
from automl.errors import BundleError, DataError
from automl.task import Task

MOST_THREADS = 4
"""Threads of one prediction at most; the rows of a micro-batch are too few for more."""


class OnnxModel:
    """A model that onnxruntime runs, with the inputs and the outputs of `automl.load_model`.

    Parameters
    ----------
    folder : Path
        A bundle with ``model.onnx``, found whole by `automl.bundle.format.read_info`.
    info : mapping
        Its ``model.json``.

    Attributes
    ----------
    task : Task
    inputs : InputSchema
    info : mapping

    Raises
    ------
    BundleError
        When onnxruntime cannot load the file.
    """

    def __init__(self, folder: Path, info: Mapping[str, Any]) -> None:
        import onnxruntime

        self.info = info
        self.task = Task.from_json(info["task"])
        self.inputs = InputSchema.from_json(info["input"])
        self._preprocessing = read_preprocessing(read_preparations(info)[0]["preprocessing"])
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = max(1, min(MOST_THREADS, (os.cpu_count() or 2) - 1))
        # A thread that spins between two batches takes its core from whoever answers them.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        providers = ["CPUExecutionProvider"]
        try:
            self._session = onnxruntime.InferenceSession(
                folder / ONNX, options, providers=providers
            )
        except Exception as error:  # noqa: BLE001 - onnxruntime has a class of its own for every reason
            raise BundleError(f"{folder / ONNX}: onnxruntime cannot load it: {error}") from None
        self._input = self._session.get_inputs()[0]
        self._dtype = np.float64 if "double" in self._input.type else np.float32

    @property
    def has_probabilities(self) -> bool:
        """Whether the outputs for classes are more than which one it is."""
        return has_probabilities(self.info)

    @property
    def predicted(self) -> list[str]:
        """A name for each predicted column: of several targets their own."""
        return predicted_names(self.task, self.info)

    def outputs(self, X: Any, lengths: Any = None) -> Array:
        """Return class probabilities of shape (rows, classes), or numbers.

        Parameters
        ----------
        X, lengths
            As `automl.bundle.model.Model.predict` takes them.

        Raises
        ------
        DataError
            As `automl.bundle.model.Model.predict` does.
        """
        rows = take_rows(X, lengths, self.inputs)
        self._preprocessing.check(rows)
        if not np.isfinite(rows).all():
            self._preprocessing.transform(rows)  # which says where it may not be so
        rows = rows.reshape(len(rows), *self.inputs.shape)
        with np.errstate(over="ignore"):
            given = np.ascontiguousarray(rows, dtype=self._dtype)
        out = np.asarray(self._session.run(None, {self._input.name: given})[0])
        if not np.isfinite(out).all():
            self._preprocessing.transform(rows)
            raise DataError("the model gives no finite number for these rows")
        return out
