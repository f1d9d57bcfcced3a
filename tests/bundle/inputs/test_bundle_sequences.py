"""A model of sequences takes them in any form, and says the same however far they are padded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from made_rows import make_rows

from automl.bundle.inputs.rows import read_rows
from automl.bundle.inputs.schema import InputSchema
from automl.bundle.model import Model, load_model
from automl.data.schema import Column, LongForm
from automl.data.sequences import find_lengths
from automl.errors import BundleError, DataError
from automl.models import FAMILIES

MakeBundle = Callable[..., Path]

X = make_rows("sequence", 12)
LENGTHS = find_lengths(X)
LIST = [row[:length] for row, length in zip(X, LENGTHS, strict=True)]
LONG = LongForm("who", "day", (Column("a", "number"), Column("b", "number")))
TABLE = InputSchema("sequence", (7, 2), "float64", 0, 1, (), ("y",), padded=True, long=LONG)


def padded(steps: int, rest: float) -> np.ndarray:
    rows = np.full((len(X), steps, 2), rest)
    for row, values in zip(rows, LIST, strict=True):
        row[: len(values)] = values
    return rows


@pytest.mark.parametrize("family", FAMILIES.names())
def test_a_prediction_does_not_depend_on_the_padding(make_bundle: MakeBundle, family: str) -> None:
    model = load_model(make_bundle("multiclass", kind="sequence", family=family))
    expected = model.predict_proba(X)
    for steps, rest in ((7, 0.0), (9, 1e6), (20, np.nan)):
        np.testing.assert_array_equal(model.predict_proba(padded(steps, rest), LENGTHS), expected)
    np.testing.assert_array_equal(model.predict_proba(padded(9, np.nan)), expected)
    np.testing.assert_array_equal(model.predict_proba(LIST), expected)
    np.testing.assert_array_equal(
        model.predict_proba([torch.as_tensor(row) for row in LIST]), expected
    )
    # Nor on the sequences beside it; a list of short ones need not have the longest.
    np.testing.assert_allclose(model.predict_proba(LIST[:3]), expected[:3], atol=1e-6)
    assert model.predict([]).shape == (0,)
    assert model.score(LIST, model.predict(LIST)) == 1.0
    assert model.score(padded(9, 7.0), model.predict(LIST), lengths=LENGTHS) == 1.0


@pytest.fixture(scope="module")
def plain() -> InputSchema:
    return InputSchema("sequence", (7, 2), "float64", 0.0, 1.0)


@pytest.fixture
def model(make_bundle: MakeBundle) -> Model:
    return load_model(make_bundle("regression", kind="sequence", family="gru"))


REFUSED: dict[str, tuple[Any, Any, str]] = {
    "too long": ([*LIST, np.ones((8, 2))], None, "was trained on (7), but sequence 12 has 8"),
    "other features": (np.ones((3, 7, 3)), None, "the shape (rows, steps, 2), but got (3, 7, 3)"),
    "one of the list": ([*LIST, np.ones((2, 1))], None, "but sequence 12 has (2, 1)"),
    "flat": (np.ones((3, 14)), None, "the shape (rows, steps, 2), but got (3, 14)"),
    "numbers": ([1.0, 2.0], None, "but sequence 0 has ()"),
    "a gap": (np.where(np.arange(7)[:, None] == 2, np.nan, X[6:7]), None, "NaN or infinity at"),
    "infinity": (X[6:7] * [1.0, np.inf], None, "but sequence 0 has NaN or infinity at step 0"),
    "nothing": (np.full((2, 7, 2), np.nan), None, "but sequence 0 is all NaN"),
    "no step": (X, LENGTHS * 0, "`1 <= length <= 7` must hold, as X has 7 steps, but row 0 has"),
    "beyond": (X, LENGTHS + 1, "but row 6 has length 8"),
    "too few lengths": (X, LENGTHS[1:], "a whole number for each of 12 rows"),
    "lengths that are none": (X, LENGTHS / 2, "a whole number for each of 12 rows"),
    "lengths of a list": (LIST, LENGTHS, "lengths are for an array"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_sequence_of_the_model_is_one_line(model: Model, what: str) -> None:
    rows, lengths, said = REFUSED[what]
    with pytest.raises(DataError) as error:
        model.predict(rows, lengths)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_model_of_one_length_takes_no_other(make_bundle: MakeBundle) -> None:
    rows = np.nan_to_num(make_rows("sequence"))
    model = load_model(make_bundle("binary", kind="sequence", family="lstm", rows=rows))
    assert not model.inputs.padded
    assert np.array_equal(model.predict(rows, np.full(len(rows), 7)), model.predict(rows))
    with pytest.raises(DataError, match=r"trained on \(7\), but sequence 0 has 6"):
        model.predict(rows[:, :6])
    vectors = load_model(make_bundle("binary"))
    with pytest.raises(DataError, match="lengths are for sequences"):
        vectors.predict(make_rows("vector"), np.ones(40, int))


def test_files_of_sequences(tmp_path: Path) -> None:
    schema = InputSchema.measure(X, "sequence", padded=True)
    np.savez(tmp_path / "a.npz", X=padded(9, 3.0), lengths=LENGTHS, y=LENGTHS)
    np.save(tmp_path / "a.npy", padded(8, np.nan))
    for name in ("a.npz", "a.npy"):
        np.testing.assert_array_equal(read_rows(tmp_path / name, schema)[0], X)
    np.savez(tmp_path / "b.npz", X=padded(9, 3.0))
    with pytest.raises(DataError, match=r"b.npz: every sequence must have at most as many steps"):
        read_rows(tmp_path / "b.npz", schema)


def test_a_long_table_of_sequences_to_predict(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("b,who,day,a\n1,01,2,10\n2,1,1,20\n3,01,1,30\n")
    rows, names = read_rows(tmp_path / "a.csv", TABLE)
    assert names == ["01", "1"]
    assert rows.shape == (2, 7, 2)
    np.testing.assert_array_equal(rows[:, :2], [[[30, 3], [10, 1]], [[20, 2], [np.nan, np.nan]]])
    (tmp_path / "b.csv").write_text("b,day,a\n1,2,10\n")
    with pytest.raises(DataError, match=r"b.csv: the table must have one column 'who'"):
        read_rows(tmp_path / "b.csv", TABLE)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("kind", "vector", "input.padded and input.long are for sequences"),
        ("padded", False, "input.padded and preprocessing.masked must be the same"),
        ("long", {"sequence": "a", "order": None, "columns": []}, "input.long.columns"),
    ],
)
def test_a_bundle_that_lies_about_its_sequences(
    make_bundle: MakeBundle, tamper: Callable[..., Path], field: str, value: Any, said: str
) -> None:
    bundle = make_bundle("binary", kind="sequence", family="gru")
    with pytest.raises(BundleError, match=said):
        load_model(tamper(bundle, lambda info: info["input"].update({field: value})))
    masked = make_bundle("binary", kind="sequence", family="gru")
    with pytest.raises(BundleError, match="and a mask cannot have shape"):
        load_model(tamper(masked, lambda info: info["preprocessing"].update(shape=[7, 4])))
