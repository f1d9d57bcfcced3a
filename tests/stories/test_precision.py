"""Numbers that float32 cannot tell apart: what is learned, predicted, exported and reported."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commands import SMALL, Ran

import automl
from automl.study.view import read_study

OFFSET = 1.7e9
"""A time in seconds, as of 2023; float32 knows every 128th second of that year."""


def table(scale: float = 1.0, offset: float = OFFSET) -> pd.DataFrame:
    values = np.random.RandomState(0).normal(size=(300, 2))
    y = offset + scale * (10 * values[:, 0] + 5 * values[:, 1])
    return pd.DataFrame(values, columns=["a", "b"]).assign(y=y)


def test_a_target_far_from_zero_is_learned_and_told_digit_by_digit(
    cli: Callable[..., Ran], studies: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(studies.parent)
    table().to_csv("offset.csv", index=False)
    options = [option for option in SMALL if option not in ("--no-onnx", "--max-epochs", "2")]
    args = ("--dataset", "offset.csv", "--target", "y", "--trials", "2", "--max-epochs", "20")
    assert cli("search", *args, *options).code == 0
    result = read_study("offset").result
    assert result is not None
    assert result.test is not None
    assert 0 < result.test.score < 11, "predicting the mean has RMSE 11"
    assert result.test.low < result.test.high

    pd.DataFrame({"a": [2, -2], "b": [2, -2]}).to_csv("new.csv", index=False)
    ran = cli("predict", "offset", "new.csv")
    told = [float(line) for line in ran.out.splitlines()[1:]]
    assert told[0] - told[1] > 20
    rows = pd.DataFrame({"a": [2.0, -2.0], "b": [2.0, -2.0]})
    assert told == automl.load_model("offset").predict(rows).tolist()
    onnx = pytest.importorskip("onnxruntime")
    session = onnx.InferenceSession(studies / "offset" / "best" / "model.onnx")
    exported = session.run(None, {"rows": rows.to_numpy()})[0]
    np.testing.assert_allclose(exported, told, rtol=0, atol=1e-3)

    seen = cli("inspect", "offset.csv", "--target", "y").out
    low, high = map(float, re.search(r"target y: (\S+) to (\S+),", seen).groups())  # type: ignore[union-attr]
    y = table().y
    np.testing.assert_allclose([low, high], [y.min(), y.max()], rtol=0, atol=0.01)


@pytest.mark.parametrize("scale", [1e-120, 1e-20, 1e20, 1e120])
def test_the_unit_of_a_target_changes_nothing_but_the_unit(scale: float, studies: Path) -> None:
    scores = []
    for factor in (1.0, scale):
        frame = table(factor, 0.0)
        result = automl.search(
            frame,
            "y",
            study="plain" if factor == 1 else "scaled",
            trials=1,
            max_epochs=3,
            executor="inline",
            finalists=0,
            baselines=("dummy",),
            onnx=False,
            report=False,
            folds=0,
        )
        assert result.test is not None
        scores.append(result.test.score / factor)
    assert scores[0] == pytest.approx(scores[1], rel=1e-4)


def test_a_target_that_no_square_can_hold_is_refused_in_one_line() -> None:
    for factor, word in ((1e200, "below 1e\\+150"), (1e-200, "more than 1e-150")):
        with pytest.raises(automl.DataError, match=word):
            automl.search(table(factor, 0.0), "y", trials=1)


def test_an_old_fingerprint_is_that_of_a_target_which_float32_holds() -> None:
    from automl.data.dataset import fingerprint
    from automl.data.read.memory import from_memory

    def former(X: np.ndarray, y: np.ndarray) -> bool:
        data = from_memory(X, y)
        parts = (data.train.X, data.train.y), (data.valid.X, data.valid.y)
        arrays = [array for part in (*parts, (data.test.X, data.test.unlock())) for array in part]
        shortened = [a.astype(np.float32) if a.ndim == 1 else a for a in arrays]
        return data.fingerprint == fingerprint(*shortened, text='[[], [], ["y"]]')

    values = np.random.RandomState(0).normal(size=(100, 2))
    assert former(values, values[:, 0] * 0.1 + 3)
    assert not former(values, values[:, 0] * 0.1 + OFFSET)
