"""A baseline is a model of its study: it may be the better one, and then the user can have it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import automl
from automl.data import load
from automl.errors import BundleError, ConfigError
from automl.followup.compare import compare_later
from automl.metrics import METRICS
from automl.result import SearchResult

Search = Callable[..., SearchResult]

BAD = "optimizer.learning_rate=0.000001"
"""With it no network learns anything in an epoch."""


def score(model: automl.Model, dataset: str, metric: str) -> float:
    """What a model has on the test rows."""
    test = load(dataset).test
    X = test.X.astype(np.float64)
    output = model.predict(X)
    if model.task.is_classification:
        output = model.predict_proba(X) if metric == "log_loss" else find_codes(model, output)
    return METRICS[metric].score(test.unlock(), output)


def find_codes(model: automl.Model, labels: np.ndarray) -> np.ndarray:
    return np.searchsorted(model.classes_, labels)


@pytest.mark.parametrize(("dataset", "metric"), [("wine", "accuracy"), ("diabetes", "rmse")])
def test_a_baseline_can_be_loaded_and_has_the_reported_score(
    run_search: Search, dataset: str, metric: str
) -> None:
    name = "svm" if dataset == "wine" else "logistic"
    result = run_search(dataset, metric=metric, folds=0, max_epochs=1, baselines=(name,))
    reported = result.baselines[name].test
    assert reported is not None
    model = automl.load_model(dataset, model=name)
    assert score(model, dataset, metric) == pytest.approx(reported.score, rel=1e-6)
    assert automl.load_model(f"{dataset}/{name}").info == model.info


def test_one_that_is_better_is_named_first_everywhere(
    run_search: Search, studies: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = run_search("digits", BAD, folds=0, max_epochs=1, baselines=("dummy",))
    assert result.headline is None
    result = compare_later("digits", ("logistic",))
    assert result.headline is not None
    assert "logistic is significantly better than the network" in result.headline
    assert "--model logistic" in result.headline
    for place in ("best", "baselines/logistic"):
        card = (studies / "digits" / place / "MODEL_CARD.md").read_text()
        assert f"# digits\n\n**{result.headline}**" in card
    page = automl.write_report("digits").read_text()
    assert page.index("logistic is significantly better") < page.index("test rows right")
    assert automl.load_model("digits").networks[0].recipe is not None
    assert automl.load_model("digits", model="logistic").networks[0].recipe is None


def test_a_baseline_is_exported_as_any_other_model(run_search: Search, tmp_path: Path) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    run_search("wine", folds=0, max_epochs=1, baselines=("svm", "boosting"))
    rows = load("wine").test.X.astype(np.float64)
    for name in ("svm", "boosting"):
        automl.export(f"wine/{name}", "onnx", to=tmp_path / f"{name}.onnx")
        session = onnxruntime.InferenceSession(tmp_path / f"{name}.onnx")
        (found,) = session.run(None, {"rows": rows})
        model = automl.load_model("wine", model=name)
        assert (model.classes_[found.argmax(axis=1)] == model.predict(rows)).all()
    automl.export("wine/svm", "zip", to=tmp_path / "svm.zip")
    model = automl.load_model(tmp_path / "svm.zip")
    assert model.info == automl.load_model("wine", model="svm").info


def test_a_model_that_is_not_there_is_answered_with_those_that_are(run_search: Search) -> None:
    run_search("wine", folds=0, max_epochs=1, baselines=("svm",))
    with pytest.raises(
        BundleError, match="one of the models of study 'wine', which are single, svm"
    ):
        automl.load_model("wine", model="boosting")
    with pytest.raises(ConfigError, match="has no probabilities"):
        automl.load_model("wine", model="svm").predict_proba(load("wine").test.X)


CHANGES: list[tuple[dict[str, Any], str]] = [
    ({"kind": "os.system"}, "is unknown"),
    ({"shapes": {"weight": [10**9, 10**9], "bias": [10**9]}}, "same reduction dim"),
    ({"shapes": {"weight": [10**9, 13], "bias": [10**9]}}, "must give 3 outputs"),
    ({"options": {"depth": 10**9}, "kind": "trees"}, "other arrays"),
]


def test_layers_from_anywhere_are_looked_at_before_memory_is_taken(
    run_search: Search, studies: Path
) -> None:
    run_search("wine", folds=0, max_epochs=1, baselines=("logistic",))
    path = studies / "wine" / "baselines" / "logistic" / "model.json"
    text = path.read_text()
    for change, why in CHANGES:
        info = json.loads(text)
        info["recipe"]["layers"][0] |= change
        path.write_text(json.dumps(info))
        with pytest.raises(BundleError, match=why):
            automl.load_model("wine", model="logistic")
