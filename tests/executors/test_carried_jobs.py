"""Every job that a search sends works in a worker that shares no file with the parent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from automl.baselines._job import BaselineJob
from automl.bundle.format import read_info
from automl.bundle.onnx.job import ExportJob
from automl.data import load
from automl.executors import Executor, Message
from automl.result import SearchResult
from automl.training.jobs import DeviceJob, PredictJob, TrainJob
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


def test_an_export(
    elsewhere: Executor,
    drain: Drain,
    tmp_path: Path,
    run_search: Callable[..., SearchResult],
    studies: Path,
) -> None:
    run_search(trials=1)
    best = studies / "iris" / "best"
    info = read_info(best)
    del info["files"]
    to, rows = tmp_path / "model.onnx", load("iris").test.X
    elsewhere.submit(ExportJob(info, (str(best / "model.safetensors"),), rows, str(to)))
    exported = drain(elsewhere)[-1].payload
    assert exported.path == str(to)
    assert to.stat().st_size > 1000


def test_a_question_about_a_device(elsewhere: Executor, drain: Drain) -> None:
    elsewhere.submit(DeviceJob("cpu"))
    assert drain(elsewhere)[-1].payload is None


def test_a_baseline(elsewhere: Executor, drain: Drain, tmp_path: Path) -> None:
    predictions = tmp_path / "dummy.npz"
    elsewhere.submit(BaselineJob(0, "dummy", {}, None, 1, "accuracy", str(predictions)))
    assert drain(elsewhere)[-1].payload.predictions == str(predictions)
    assert predictions.exists()
