"""The ensemble of a search is a model: what is reported of it is what its bundle does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import automl
from automl.data import load
from automl.errors import BundleError
from automl.followup.compare import compare_later
from automl.metrics import METRICS
from automl.result import Score, SearchResult

Search = Callable[..., SearchResult]

SMALL = {"trials": 3, "finalists": 2, "max_epochs": 4, "pruner": "none"}


def reported(score: Score | None) -> float:
    assert score is not None
    return score.score


def scored(source: str, dataset: str, metric: str) -> float:
    """What a model of this name has on the test rows."""
    test, model = load(dataset).test, automl.load_model(source)
    X = test.X.astype(np.float64)
    output = model.predict_proba(X) if model.task.is_classification else model.predict(X)
    return METRICS[metric].score(test.unlock(), METRICS[metric].takes(output))


@pytest.mark.parametrize(
    ("dataset", "folds", "networks"), [("digits", 0, 2), ("wine", 3, 3), ("diabetes", 2, 2)]
)
def test_the_ensemble_in_best_has_the_reported_score_to_the_row(
    run_search: Search, studies: Path, dataset: str, folds: int, networks: int
) -> None:
    result = run_search(dataset, folds=folds, prefer="ensemble", onnx=True, **SMALL)
    together, best = result.ensemble, result.best
    assert together is not None
    assert together.handed_over
    assert together.networks >= networks
    assert result.test == together.test
    assert result.test_reads == 1
    metric = METRICS[result.metric]
    # Of classes a row is right or not; sums of numbers depend on the size of a batch.
    exact = {} if result.metric == "accuracy" else {"rel": 1e-6}
    assert scored(dataset, dataset, metric.name) == pytest.approx(reported(result.test), **exact)
    onnxruntime = pytest.importorskip("onnxruntime")
    session = onnxruntime.InferenceSession(studies / dataset / "best" / "model.onnx")
    test = load(dataset).test
    types = {"tensor(float)": np.float32, "tensor(double)": np.float64}
    rows = test.X.astype(types[session.get_inputs()[0].type])
    (output,) = session.run(None, {"rows": rows})
    theirs = metric.score(test.unlock(), metric.takes(output))
    assert theirs == pytest.approx(reported(result.test), **exact)
    assert best is not None
    alone = scored(f"{dataset}/single", dataset, metric.name)
    assert alone == pytest.approx(reported(best.test), **exact)
    assert not list((studies / dataset / "weights").glob("finalist*fold*"))


def test_a_temperature_that_helps_is_part_of_what_was_judged_and_of_the_files(
    run_search: Search, studies: Path
) -> None:
    # After one epoch a network is far from sure of what it gets right.
    options = {**SMALL, "max_epochs": 1, "metric": "log_loss", "onnx": True, "prefer": "single"}
    result = run_search("digits", "optimizer.learning_rate=0.001", folds=0, **options)
    assert result.calibration is not None
    assert result.calibration.log_loss_after < result.calibration.log_loss_before
    assert result.calibration.temperature < 1.0
    score = reported(result.test)
    model, test = automl.load_model("digits"), load("digits").test
    assert model.info["temperature"] == result.calibration.temperature
    assert scored("digits", "digits", "log_loss") == pytest.approx(score, rel=1e-6)
    onnxruntime = pytest.importorskip("onnxruntime")
    session = onnxruntime.InferenceSession(studies / "digits" / "best" / "model.onnx")
    (output,) = session.run(None, {"rows": test.X.astype(np.float32)})
    assert METRICS["log_loss"].score(test.unlock(), output) == pytest.approx(score, rel=1e-5)
    with np.load(studies / "digits" / "predictions" / "judged.npz") as kept:
        plain = METRICS["log_loss"].score(kept["y"], kept["uncalibrated"])
    assert plain > score


def test_the_verdict_names_both_with_their_scores(run_search: Search) -> None:
    result = run_search("wine", folds=2, prefer="ensemble", baselines=("logistic",), **SMALL)
    assert result.verdict is not None
    assert result.verdict.startswith("The ensemble has accuracy")
    assert "--prefer ensemble asks for it" in result.verdict
    assert "The network has accuracy" in result.verdict
    later = compare_later("wine", ("dummy",))
    for part in ("The ensemble has accuracy", "The network has accuracy", "dummy"):
        assert part in str(later.verdict)
    assert later.ensemble == result.ensemble


def test_the_other_model_is_beside_the_best_one_and_an_older_one_goes(
    run_search: Search, studies: Path
) -> None:
    run_search("wine", folds=2, prefer="ensemble", **SMALL)
    assert len(automl.load_model("wine").networks) > 1
    assert len(automl.load_model("wine/single").networks) == 1
    automl.export("wine/single", "onnx")
    assert automl.describe_model("wine/single").has_onnx
    assert not automl.describe_model("wine").has_onnx
    with pytest.raises(BundleError, match="without /single"):
        automl.export("wine/single", "zip", trial=0)
    result = run_search("wine", folds=2, prefer="single", **{**SMALL, "trials": 4})
    assert result.handed_over == "network"
    assert result.test == result.best.test if result.best else None
    assert len(automl.load_model("wine").networks) == 1
    assert len(automl.load_model("wine/ensemble").networks) > 1
    assert not (studies / "wine" / "single").exists()


def test_without_finalists_one_network_is_handed_over_and_the_user_is_told(
    run_search: Search, studies: Path
) -> None:
    result = run_search("wine", folds=2, prefer="ensemble", trials=1, finalists=0)
    assert result.ensemble is None
    assert "finalists" in result.skipped["ensemble"]
    assert len(automl.load_model("wine").networks) == 1
    assert {p.name for p in (studies / "wine").iterdir()}.isdisjoint({"single", "ensemble"})


def test_an_estimator_predicts_with_what_it_was_asked_for() -> None:
    X, y = np.random.default_rng(0).normal(size=(60, 3)), np.arange(60) % 2
    options: dict[str, Any] = {"trials": 2, "folds": 2, "max_epochs": 2, "random_state": 0}
    model = automl.Classifier(prefer="ensemble", executor="inline", **options).fit(X, y)
    assert len(model.model_.networks) > 1
    assert model.predict_proba(X).sum(axis=1) == pytest.approx(1.0)
