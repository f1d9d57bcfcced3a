"""A model for a table takes its rows by the names of the columns, however they come."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from made_rows import make_rows
from made_tables import COLUMNS, by_name

from automl.bundle.format import sha256
from automl.bundle.inputs.rows import read_rows
from automl.bundle.model import Model, load_model
from automl.data.preprocess.standardise import PreprocessingSettings
from automl.errors import DataError, DataWarning

MakeBundle = Callable[..., Path]


@pytest.fixture
def model(make_bundle: MakeBundle) -> Model:
    return load_model(make_bundle("binary", kind="table"))


@pytest.mark.parametrize("numeric", ["standard", "piecewise", "quantile", "none"])
def test_rows_come_as_a_frame_as_dictionaries_or_as_numbers(
    make_bundle: MakeBundle, numeric: str
) -> None:
    model = load_model(make_bundle(kind="table", settings=PreprocessingSettings(numeric)))
    X = make_rows("table")
    expected = model.predict_proba(X)
    rows = by_name(X)
    frame = pd.DataFrame(rows)
    shuffled = frame[random.Random(0).sample(list(frame), len(COLUMNS))]
    listed = {column.name: frame[column.name].tolist() for column in COLUMNS}
    for same in (frame, shuffled, frame.assign(target=1), rows, listed, X.tolist()):
        np.testing.assert_array_equal(model.predict_proba(same), expected)
    np.testing.assert_array_equal(model.predict_proba(torch.tensor(X)), expected)
    assert set(model.predict(rows)) <= set(model.classes_)


def test_unseen_categories_and_missing_values_are_predicted(model: Model) -> None:
    row = by_name(make_rows("table"))[0]
    unseen = {**row, "town": "Utopia", "street": "street 99"}
    absent = {**row, "town": None, "street": None}
    with pytest.warns(DataWarning) as said:
        predicted = model.predict_proba([unseen])
    assert {str(w.message) for w in said} == {
        f"column '{name}': the model does not know '{unseen[name]}', and takes 1 row as if the"
        " value was missing"
        for name in ("town", "street")
    }
    np.testing.assert_array_equal(predicted, model.predict_proba([absent]))
    nothing = dict.fromkeys(row)
    assert np.isfinite(model.predict_proba([nothing])).all()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"age": "old"}, "age"),
        ({"age": np.inf}, "column 'age' must hold a finite number"),
        ({"shoe": 43}, "has not seen 'shoe'"),
    ],
)
def test_a_row_that_does_not_fit_is_refused(
    model: Model, change: dict[str, Any], said: str, one_line: Callable[[str], str]
) -> None:
    with pytest.raises(DataError) as refusal:
        model.predict([{**by_name(make_rows("table"))[0], **change}])
    assert said in one_line(str(refusal.value))


def test_a_row_without_a_column_is_refused(model: Model) -> None:
    row = by_name(make_rows("table"))[0]
    del row["age"]
    with pytest.raises(DataError, match="'age' is missing"):
        model.predict([row])


def test_files_of_rows_are_read_by_the_columns(model: Model, tmp_path: Path) -> None:
    X = make_rows("table")
    pd.DataFrame(by_name(X)).assign(target="yes").to_csv(tmp_path / "rows.csv", index=False)
    np.save(tmp_path / "rows.npy", X)
    expected = model.predict_proba(X)
    for name in ("rows.csv", "rows.npy"):
        rows, names = read_rows(tmp_path / name, model.inputs)
        assert names == []
        np.testing.assert_array_equal(model.predict_proba(rows), expected)


def test_the_card_names_the_columns_and_says_how_rows_come(make_bundle: MakeBundle) -> None:
    card = (make_bundle(kind="table") / "MODEL_CARD.md").read_text()
    assert "`age` (number), `town` (4 categories)" in card
    assert "`planet` (1 category)" in card
    assert "a list of one dictionary a row" in card
    assert "| preprocessing.embed_above | 20 |" in card
    plain = (make_bundle(kind="image") / "MODEL_CARD.md").read_text()
    assert "| preprocessing." not in plain


def test_a_bundle_of_before_there_were_tables_is_loaded(make_bundle: MakeBundle) -> None:
    bundle = make_bundle()
    expected = load_model(bundle).predict_proba(make_rows("vector"))
    path = bundle / "model.json"
    info = json.loads(path.read_text())
    del info["recipe"]["preprocessing"], info["input"]["columns"], info["input"]["ignored"]
    info["files"] = {name: sha256(bundle / name) for name in info["files"]}
    path.write_text(json.dumps(info))
    np.testing.assert_array_equal(load_model(bundle).predict_proba(make_rows("vector")), expected)
