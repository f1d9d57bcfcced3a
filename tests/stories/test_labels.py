"""A model gives back the labels that it was given, in type and in spelling."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from commands import SMALL, Ran

import automl
from automl.bundle.model import Model

X = np.random.RandomState(0).normal(size=(150, 3))
IS_HIGH = X[:, 0] > 0
TINY: dict[str, Any] = {
    **{"trials": 1, "executor": "inline", "max_epochs": 8, "finalists": 0, "folds": 0},
    **{"baselines": (), "onnx": False, "report": False, "study": "labels"},
}

LABELS = {
    "truth": IS_HIGH,
    "digits": np.where(IS_HIGH, "2", "1"),
    "codes": np.where(IS_HIGH, "01", "1"),
    "bytes": np.where(IS_HIGH, b"x", b"y"),
    "decimals": np.where(IS_HIGH, 0.5, 1.0),
    "large": np.where(IS_HIGH, 2**60, 2**60 + 1),
    "objects": np.array([np.int64(v) for v in IS_HIGH], dtype=object),
}


@pytest.mark.parametrize("what", LABELS)
def test_a_program_gets_its_own_labels_back(what: str, studies: Path) -> None:
    y = LABELS[what]
    options = TINY | ({"task": "binary"} if what == "decimals" else {})
    automl.search(X, y, **options)
    model = automl.load_model("labels")
    plain = np.array(y.tolist())
    np.testing.assert_array_equal(model.classes_, np.unique(plain))
    assert model.classes_.dtype.kind == plain.dtype.kind
    predicted = model.predict(X)
    assert predicted.dtype == model.classes_.dtype
    share = float(np.mean(predicted == plain))
    assert share > 0.7, "or no label would have to be right for the score below"
    for given in (y, y.tolist(), pd.Series(y.tolist()), y[:, None]):
        assert model.score(X, given) == pytest.approx(share)


def spellings(cli: Callable[..., Ran], path: Path, column: list[str]) -> tuple[Model, set[str]]:
    """Classes of a model that was trained on such a column, and the labels that it writes."""
    rows = io.StringIO()
    writer = csv.writer(rows)
    writer.writerow(["a", "b", "label"])
    writer.writerows([*map(str, x[:2]), label] for x, label in zip(X, column, strict=True))
    (path / "labels.csv").write_text(rows.getvalue())
    where = str(path / "labels.csv")
    assert cli("search", "--dataset", where, "--target", "label", "--trials", "1", *SMALL).code == 0
    ran = cli("predict", "labels", where)
    assert ran.code == 0, ran.err
    return automl.load_model("labels"), set(ran.out.splitlines()[1:])


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (("001", "010"), ["001", "010"]),
        (("1", "10"), [1, 10]),
        (("1.0", "2.0"), [1.0, 2.0]),
        (("None", "Apnea"), ["Apnea", "None"]),
        (("True", "False"), [False, True]),
        (("yes", "no"), ["no", "yes"]),
    ],
)
def test_a_file_gets_its_own_spelling_back(
    cli: Callable[..., Ran], studies: Path, labels: tuple[str, str], classes: list[Any]
) -> None:
    column = [labels[int(high)] for high in IS_HIGH]
    model, written = spellings(cli, studies.parent, column)
    assert model.classes_.tolist() == classes
    assert written <= set(labels)
    assert model.score(pd.DataFrame(X[:, :2], columns=["a", "b"]), column) > 0.6
