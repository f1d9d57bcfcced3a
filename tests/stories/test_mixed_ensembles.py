"""With ``--ensemble all`` the average is over networks and baselines, and is called that."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import automl
from automl.data import load
from automl.metrics import METRICS
from automl.result import SearchResult

Search = Callable[..., SearchResult]

OPTIONS = {
    "ensemble": "all",
    "prefer": "ensemble",
    "finalists": 1,
    "max_epochs": 1,
    "baselines": ("logistic", "dummy"),
}


@pytest.mark.parametrize(
    ("dataset", "folds", "metric"), [("wine", 2, "accuracy"), ("diabetes", 0, "rmse")]
)
def test_the_average_has_the_reported_score_and_says_what_it_is(
    run_search: Search, studies: Path, dataset: str, folds: int, metric: str
) -> None:
    result = run_search(dataset, folds=folds, trials=2, **OPTIONS)
    together = result.ensemble
    assert together is not None
    assert together.handed_over
    # A network of one epoch is far behind, and is in it for a share of the weight at most.
    assert together.baselines == ["logistic"]
    assert "logistic" in together.made_of
    assert str(result.verdict).startswith("The ensemble of networks and baselines has")
    assert "of baselines" in automl.describe_model(dataset).card
    model, test = automl.load_model(dataset), load(dataset).test
    X = test.X.astype(np.float64)
    output = model.predict_proba(X) if model.task.is_classification else model.predict(X)
    score = METRICS[metric].score(test.unlock(), METRICS[metric].takes(output))
    assert result.test is not None
    assert score == pytest.approx(result.test.score, rel=1e-6)
    left = {path.suffix for path in (studies / dataset / "predictions").iterdir()}
    assert left == {".npz"}


def test_networks_alone_are_the_default(run_search: Search) -> None:
    options = {**OPTIONS, "ensemble": "networks"}
    result = run_search("wine", folds=2, trials=1, **options)
    assert result.ensemble is not None
    assert (result.ensemble.baselines, result.ensemble.others) == ([], 0)
