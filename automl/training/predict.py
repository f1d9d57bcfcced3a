"""Predictions of a trained network, in a worker."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from automl.arrays import Array
from automl.data.preprocess.prepared import PreparedData
from automl.data.preprocess.standardise import TargetScaling
from automl.files import replace_file
from automl.task import Task
from automl.training.hardware import pick_device
from automl.training.jobs import PredictJob
from automl.training.loop import outputs
from automl.training.losses import predictions, probabilities
from automl.training.network import build_network
from automl.training.picture_batches import PictureBatches, network_rows
from automl.training.recipe import Recipe


def predict_splits(job: PredictJob, data: PreparedData) -> float:
    """Write predictions of validation and test rows; see `PredictJob`.

    Returns
    -------
    float
        Seconds that predicting a thousand rows takes, measured on the test rows.
    """
    network = build_network(
        Recipe.parse(job.params), data.preprocessing.inputs, data.task.n_outputs
    )
    network.load_state_dict(load_file(job.weights))
    device = pick_device(job.device)
    network.to(device)
    valid_X, test_X = (
        network_rows(X, data.preprocessing, device) for X in (data.valid_X, data.test_X)
    )
    valid = predict(network, valid_X, data.task, data.target)
    started = time.perf_counter()
    test = predict(network, test_X, data.task, data.target)
    seconds = (time.perf_counter() - started) / len(test_X) * 1000
    path = Path(job.predictions)
    path.parent.mkdir(exist_ok=True)  # not its parents: the study may have been deleted
    with replace_file(path) as partial, partial.open("wb") as file:
        np.savez(file, valid=valid, test=test)
    return seconds


def predict(
    network: nn.Module,
    X: Array | Tensor | PictureBatches,
    task: Task,
    target: TargetScaling,
) -> Array:
    """Class probabilities ``(rows, classes)``, or numbers ``(rows,)`` in the target's own units.

    Parameters
    ----------
    X : float32 array or tensor of shape (rows, *inputs.shape), or PictureBatches
        Preprocessed.
    """
    device = next(network.parameters()).device
    rows = X if isinstance(X, PictureBatches) else torch.as_tensor(X).to(device)
    out: Tensor = outputs(network, rows)
    if task.is_classification:
        return probabilities(task, out).cpu().numpy()
    return predictions(task, target, out).cpu().numpy()
