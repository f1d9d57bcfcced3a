"""A search on awkward data, with the options as they come, ends with a model that predicts."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from awkward_tables import AWKWARD, numbers

import automl
from automl.errors import DataError


@pytest.mark.parametrize("what", AWKWARD)
def test_awkward_data_ends_with_a_model(what: str, tmp_path: Path) -> None:
    frame, task = AWKWARD[what]
    path = tmp_path / "table.csv"
    frame.to_csv(path, index=False)
    result = automl.search(
        str(path), target="y", trials=2, max_epochs=2, finalists=1, executor="inline", onnx=False
    )
    assert result.status == "finished"
    assert result.task == task
    assert result.test is not None
    assert math.isfinite(result.test.score)
    assert result.baselines["svm"].test is not None
    predicted = automl.load_model("table").predict(frame.head(7))
    assert predicted.shape == (7,)
    if task != "regression":
        assert {str(label) for label in predicted} <= {str(label) for label in frame["y"]}


def test_columns_that_say_nothing_are_one_line(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    numbers(60).assign(x0=1.0, e=None, y=[0, 1] * 30).to_csv(path, index=False)
    with pytest.raises(DataError, match="column"):
        automl.search(str(path), target="y", trials=1, executor="inline", onnx=False)
