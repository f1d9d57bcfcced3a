"""The models that a worker holds: loaded by onnxruntime or torch, the least used dropped first."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import Any, Protocol

from automl.arrays import Array
from automl.bundle.format import ONNX, read_info
from automl.bundle.inputs.schema import InputSchema
from automl.bundle.onnx.available import has_runtime
from automl.task import Task

COPIES = 2
"""Times a bundle's files that a loaded model takes: its weights, and as much for its buffers."""


class Engine(Protocol):
    """A loaded model, by whatever runs it."""

    task: Task
    inputs: InputSchema

    @property
    def has_probabilities(self) -> bool:
        """Whether the outputs for classes are more than which one it is."""

    @property
    def predicted(self) -> list[str]:
        """A name for each predicted column."""

    def outputs(self, X: Any, lengths: Any = None) -> Array:
        """Return class probabilities of shape (rows, classes), or numbers."""


class Engines:
    """Loaded models within a bound of memory.

    Parameters
    ----------
    memory : int
        Bytes that they take together, estimated from their files. The one in use is kept whatever
        it takes.
    """

    def __init__(self, memory: int) -> None:
        self._memory = memory
        self._loaded: OrderedDict[Path, tuple[Engine, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._loaded)

    def get(self, folder: Path) -> Engine:
        """Return the model of a bundle, which is loaded when it is not yet.

        Raises
        ------
        BundleError
            When it cannot be loaded.
        """
        if folder in self._loaded:
            self._loaded.move_to_end(folder)
            return self._loaded[folder][0]
        engine = load_engine(folder)
        size = COPIES * sum(file.stat().st_size for file in folder.iterdir())
        self._loaded[folder] = engine, size
        while len(self._loaded) > 1 and self._bytes() > self._memory:
            self._loaded.popitem(last=False)
        return engine

    def _bytes(self) -> int:
        return sum(size for _, size in self._loaded.values())


def load_engine(folder: Path) -> Engine:
    """Load a bundle with onnxruntime where it can, else with torch.

    Raises
    ------
    BundleError
        When it is not whole, or cannot be loaded.
    """
    info = read_info(folder)
    if ONNX in info["files"] and has_runtime():
        from automl.bundle.onnx.load import OnnxModel

        return OnnxModel(folder, info)
    from automl.bundle.model import load_model

    return load_model(folder)
