"""Every job that a search sends works in a worker that shares no file with the parent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from automl.baselines._job import BaselineJob
from automl.executors import Executor, Message
from automl.training.jobs import PredictJob, TrainJob
from automl.trial import Candidate

Drain = Callable[..., list[Message]]

PARAMS = {"family": "mlp", "model.depth": 1, "model.width": 8, "training.batch_size": 32}


def test_a_training_and_its_predictions(elsewhere: Executor, drain: Drain, tmp_path: Path) -> None:
    weights, predictions = tmp_path / "weights" / "0.safetensors", tmp_path / "p" / "0.npz"
    elsewhere.submit(TrainJob(Candidate(0, 1, PARAMS, 2), "accuracy", 5, str(weights)))
    result = drain(elsewhere)[-1].payload
    assert result.weights == str(weights)
    assert result.device == "cpu"
    assert load_file(weights)
    elsewhere.submit(PredictJob(PARAMS, str(weights), str(predictions)))
    drain(elsewhere)
    with np.load(predictions) as kept:
        assert kept["test"].shape[1] == 3


def test_a_baseline(elsewhere: Executor, drain: Drain, tmp_path: Path) -> None:
    predictions = tmp_path / "dummy.npz"
    elsewhere.submit(BaselineJob(0, "dummy", {}, None, 1, "accuracy", str(predictions)))
    assert drain(elsewhere)[-1].payload.predictions == str(predictions)
    assert predictions.exists()
