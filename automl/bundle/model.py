"""`load_model`: a saved model, in scikit-learn's conventions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from automl.bundle.format import WEIGHTS, read_info
from automl.bundle.locate import open_bundle
from automl.data.preprocessing import Preprocessing, TargetScaling
from automl.errors import AutomlError, BundleError, DataError
from automl.task import Task
from automl.training.predicting import predict
from automl.training.recipe import Recipe, family_of

Array = NDArray[Any]

BATCH_ROWS = 4096
"""Rows that are preprocessed and predicted at a time, so that memory stays bounded."""


class Model:
    """A network with its preprocessing.

    Attributes
    ----------
    module : torch.nn.Module
        The plain network, for fine-tuning: preprocessed rows in, logits or scaled numbers out.
    preprocessing : Preprocessing
    task : Task
    classes_ : array of shape (classes,)
        The labels, in the order of the columns of `predict_proba`; classification only.
    info : dict
        ``model.json``.
    """

    def __init__(self, module: nn.Module, info: dict[str, Any]) -> None:
        self.module = module
        self.info = info
        self.task = Task.from_json(info["task"])
        self.preprocessing = Preprocessing.from_json(info["preprocessing"])
        self._target = TargetScaling(*info["target"])
        if self.task.is_classification:
            self.classes_ = np.asarray(self.task.classes)

    def predict(self, X: Any) -> Array:
        """Labels, or numbers in the target's own units.

        Parameters
        ----------
        X : array, DataFrame or Tensor of shape (rows, ...)
            Raw rows, as the data set has them.

        Returns
        -------
        array of shape (rows,)

        Raises
        ------
        DataError
            When the rows have another shape than the training data, or hold NaN or infinity.
        """
        out = self._outputs(X)
        return self.classes_[out.argmax(axis=1)] if self.task.is_classification else out

    def predict_proba(self, X: Any) -> Array:
        """Class probabilities of shape ``(rows, classes)``; see `predict`."""
        if not self.task.is_classification:
            raise AttributeError("predict_proba is for classification; this is a regression model")
        return self._outputs(X)

    def score(self, X: Any, y: Any) -> float:
        """Accuracy, or the coefficient of determination R² for regression."""
        y = np.asarray(y)
        pred = self.predict(X)
        if self.task.is_classification:
            return float(np.mean(pred == y))
        return float(1.0 - np.sum((y - pred) ** 2) / np.sum((y - y.mean()) ** 2))

    def _outputs(self, X: Any) -> Array:
        rows = _as_array(X)
        self.preprocessing.check(rows)
        if len(rows) == 0:
            shape = (0, len(self.task.classes)) if self.task.is_classification else (0,)
            return np.empty(shape, dtype=np.float32)
        parts = range(0, len(rows), BATCH_ROWS)
        return np.concatenate([self._predict(rows[i : i + BATCH_ROWS]) for i in parts])

    def _predict(self, rows: Array) -> Array:
        X = self.preprocessing.transform(rows)
        return predict(self.module, X, self.task, self._target)


def load_model(source: str | Path) -> Model:
    """Load a saved model.

    Parameters
    ----------
    source : str or Path
        A study's name, a bundle's folder, or a zip of it.

    Returns
    -------
    Model

    Raises
    ------
    BundleError
        When there is no such bundle, a file of it was altered, its format is newer than this
        program, or its weights do not fit its architecture.
    """
    with open_bundle(source) as folder:
        info = read_info(folder)
        try:
            recipe = Recipe.from_json(info["recipe"])
            inputs = Preprocessing.from_json(info["preprocessing"]).inputs
            n_outputs = Task.from_json(info["task"]).n_outputs
            module = family_of(recipe).build(recipe.model, inputs, n_outputs)
            module.load_state_dict(load_file(folder / WEIGHTS))
            module.eval()
            return Model(module, info)
        except (
            AutomlError,
            SafetensorError,
            KeyError,
            TypeError,
            ValueError,
            RuntimeError,
        ) as error:
            reason = " ".join(str(error).split())
            raise BundleError(f"{folder}: cannot be rebuilt: {reason:.200}") from None


def _as_array(X: Any) -> Array:
    if isinstance(X, torch.Tensor):
        X = X.detach().cpu().numpy()
    elif hasattr(X, "to_numpy"):
        X = X.to_numpy()
    rows = np.asarray(X)
    if rows.dtype.kind not in "biuf":
        raise DataError(f"rows must be numbers, but got {rows.dtype}")
    return rows
