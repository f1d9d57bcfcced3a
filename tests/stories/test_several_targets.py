"""Several targets, from the rows to the predictions of a saved model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commands import Ran
from sklearn.datasets import load_linnerud

import automl
from automl.metrics import METRICS
from automl.result import SearchResult


@pytest.mark.parametrize(("folds", "named"), [(0, False), (2, True)])
def test_a_search_predicts_them_together(
    run_search: Callable[..., SearchResult],
    studies: Path,
    cli: Callable[..., Ran],
    folds: int,
    named: bool,
) -> None:
    X, targets = load_linnerud(return_X_y=True, as_frame=named)
    result = run_search(
        X,
        "training.loss=huber",
        y=targets,
        study="linnerud",
        folds=folds,
        trials=2,
        max_epochs=4,
        metric="mae",
        finalists=1,
        baselines=("svm", "logistic") if folds else ("boosting", "mlp-sklearn", "dummy"),
    )
    assert all(b.error is None and b.comparison for b in result.baselines.values())
    with np.load(studies / "linnerud" / "predictions" / "judged.npz") as judged:
        y, output = judged["y"], judged["output"]
    assert y.shape == output.shape == (4, 3)
    assert result.test is not None
    assert result.test.score == pytest.approx(METRICS["mae"].score(y, output))
    targets = np.asarray(targets)
    model = automl.load_model("linnerud")
    assert model.predict(X).shape == targets.shape
    assert model.predict(X[:0]).shape == (0, 3)
    assert model.score(X, targets) == pytest.approx(METRICS["r2"].score(targets, model.predict(X)))
    page = (studies / "linnerud" / "report.html").read_text()
    assert "Predicted against true, target 3" in page
    card = (studies / "linnerud" / "best" / "MODEL_CARD.md").read_text()
    names = ["Weight", "Waist", "Pulse"] if named else ["y0", "y1", "y2"]
    assert f"- out: 3 numbers: {', '.join(names)}" in card
    rows = studies / "rows.csv"
    pd.DataFrame(X[:2]).to_csv(rows, index=False, header=named)
    head, *lines = cli("predict", "linnerud", str(rows)).out.splitlines()
    assert head.split(",") == names
    assert np.array([line.split(",") for line in lines], dtype=np.float32) == pytest.approx(
        model.predict(X[:2])
    )
