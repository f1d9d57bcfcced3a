"""`PreparedData`: what workers get to see, preprocessed once and shared, not copied.

The labels of the test split are not in it, so nothing that a worker does can depend on them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.data.dataset import Dataset
from automl.data.preprocessing import Preprocessing, TargetScaling
from automl.task import Task

Array = NDArray[Any]

_ARRAYS = ("train_X", "train_y", "valid_X", "valid_y", "test_X")


@dataclass(frozen=True, slots=True, eq=False)
class PreparedData:
    """Preprocessed splits.

    Attributes
    ----------
    task : Task
    preprocessing : Preprocessing
    target : TargetScaling
        For regression; the identity otherwise.
    train_X, valid_X, test_X : float32 array of shape (rows, *preprocessing.inputs.shape)
    train_y, valid_y : int64 codes of shape (rows,), or float32 of shape (rows,) in own units
    """

    task: Task
    preprocessing: Preprocessing
    target: TargetScaling
    train_X: Array
    train_y: Array
    valid_X: Array
    valid_y: Array
    test_X: Array

    @classmethod
    def fit(cls, dataset: Dataset) -> PreparedData:
        """Fit preprocessing on the training rows and apply it to every split."""
        preprocessing = Preprocessing.fit(dataset.train.X, dataset.kind)
        scaled = not dataset.task.is_classification
        return cls(
            dataset.task,
            preprocessing,
            TargetScaling.fit(dataset.train.y) if scaled else TargetScaling(),
            preprocessing.transform(dataset.train.X),
            dataset.train.y,
            preprocessing.transform(dataset.valid.X),
            dataset.valid.y,
            preprocessing.transform(dataset.test.X),
        )

    def save(self, folder: Path) -> None:
        """Write the arrays as files that any number of workers can map."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in _ARRAYS:
            np.save(folder / f"{name}.npy", getattr(self, name))
        plain = {
            "task": self.task.to_json(),
            "preprocessing": self.preprocessing.to_json(),
            "target": [self.target.mean, self.target.scale],
        }
        (folder / "prepared.json").write_text(json.dumps(plain))

    @classmethod
    def open(cls, folder: Path) -> PreparedData:
        """Map the arrays that `save` wrote: the pages are shared by every process.

        They are mapped copy-on-write, because torch wants arrays that it could write to.
        """
        plain = json.loads((folder / "prepared.json").read_text())
        arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="c") for name in _ARRAYS}
        return cls(
            Task.from_json(plain["task"]),
            Preprocessing.from_json(plain["preprocessing"]),
            TargetScaling(*plain["target"]),
            **arrays,
        )
