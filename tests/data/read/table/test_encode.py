"""Rows become numbers by the schema that was inferred, and what does not fit is named."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl.data.read.table.encode import encode, encode_file
from automl.data.read.table.infer import infer_columns
from automl.data.schema import Column
from automl.errors import DataError

NAN = float("nan")
DAY = 86_400.0

SERIES: dict[str, tuple[Any, Column, list[float]]] = {
    "whole numbers": ([3, 1, 2], Column("c", "number"), [3, 1, 2]),
    "numbers and nothing": ([1.5, None, 2], Column("c", "number"), [1.5, NAN, 2]),
    "numbers as text": (["1", " 2e3 ", None], Column("c", "number"), [1, 2000, NAN]),
    "numbers of any size": ([10**30, 1, 2], Column("c", "number"), [1e30, 1, 2]),
    "decimals": ([Decimal("0.5"), None], Column("c", "number"), [0.5, NAN]),
    "nullable numbers": (
        pd.array([1, None], dtype="Int64"),
        Column("c", "number"),
        [1, NAN],
    ),
    "durations": (pd.to_timedelta(["1h", None]), Column("c", "number"), [3600, NAN]),
    "nothing at all": ([None, None], Column("c", "number"), [NAN, NAN]),
    "booleans": ([True, False], Column("c", "boolean"), [1, 0]),
    "booleans and nothing": ([True, None, False], Column("c", "boolean"), [1, NAN, 0]),
    "yes and no": (["Yes", "no", None], Column("c", "boolean"), [1, 0, NAN]),
    "true and false as text": (["TRUE", "false"], Column("c", "boolean"), [1, 0]),
    "only yes": (["yes", "yes"], Column("c", "category", ("yes",)), [0, 0]),
    "dates": (
        pd.to_datetime(["1970-01-02", None]),
        Column("c", "date"),
        [DAY, NAN],
    ),
    "Python's dates": ([datetime.date(1970, 1, 3), None], Column("c", "date"), [2 * DAY, NAN]),
    "dates with a zone": (
        ["1970-01-01T01:00:00+01:00", "1970-01-01T00:00:10Z"],
        Column("c", "date"),
        [0, 10],
    ),
    "German dates": (
        ["3.1.1970", "02.01.1970"],
        Column("c", "date", format="%d.%m.%Y"),
        [2 * DAY, DAY],
    ),
    "American dates": (
        ["1/31/1970", "1/2/1970"],
        Column("c", "date", format="%m/%d/%Y"),
        [30 * DAY, DAY],
    ),
    "British dates with a time": (
        ["31/1/1970 00:00", "2/1/1970 06:00"],
        Column("c", "date", format="%d/%m/%Y %H:%M"),
        [30 * DAY, 1.25 * DAY],
    ),
    "dates of long ago": (
        ["0001-01-01", "9999-12-31"],
        Column("c", "date"),
        [-719_162 * DAY, 2_932_896 * DAY],
    ),
    "categories": (["b", "a", None, "b"], Column("c", "category", ("a", "b")), [1, 0, NAN, 1]),
    "spaces around": ([" a", "a ", "  "], Column("c", "category", ("a",)), [0, 0, NAN]),
    "numbers that are names": (
        pd.Categorical([10, 2, None]),
        Column("c", "category", ("10", "2")),
        [0, 1, NAN],
    ),
    "numbers and words": ([1, "4+", 1.0], Column("c", "category", ("1", "4+")), [0, 1, 0]),
}


@pytest.mark.parametrize("what", SERIES)
def test_a_column_is_recognised_and_written_as_numbers(what: str) -> None:
    values, column, encoded = SERIES[what]
    frame = pd.DataFrame({"c": values})
    assert infer_columns(frame) == (column,)
    np.testing.assert_array_equal(encode(frame, [column])[:, 0], encoded)


@pytest.mark.parametrize("what", SERIES)
def test_a_schema_survives_json(what: str) -> None:
    column = SERIES[what][1]
    assert Column.from_json(column.to_json()) == column


def words(count: int) -> list[str]:
    return [f"w{i}" for i in range(count)]


REFUSED: dict[str, tuple[Any, str]] = {
    "free text": ([f"this is comment number {i}" for i in range(50)], "free text"),
    "a name a row": (words(50), "names nearly every row differently (50 different texts in 50"),
    "a few wrong numbers": ([*range(50), "n/k"], "mixes numbers with texts such as 'n/k'"),
    "dates of two readings": (["1/2/2020", "3/4/2021"], "can be read in two ways"),
    "too many categories": (words(10_001) * 3, "10,001 different"),
    "lists": ([[1], [2]], "one value a row, but row 1 has [1] (list)"),
    "bytes": ([b"a", b"b"], "(bytes)"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_column_that_cannot_be_used_says_what_to_do(what: str) -> None:
    values, said = REFUSED[what]
    with pytest.raises(DataError) as error:
        infer_columns(pd.DataFrame({"a column": values}))
    assert said in str(error.value)
    assert "'a column'" in str(error.value)
    assert "\n" not in str(error.value)


def test_all_columns_that_cannot_be_used_are_named_at_once() -> None:
    frame = pd.DataFrame({"id no": words(50), "x": range(50), "code": words(50)})
    with pytest.raises(DataError, match=r"--drop 'id no' --drop code\)"):
        infer_columns(frame)


def test_two_columns_of_one_name_are_refused() -> None:
    with pytest.raises(DataError, match="'a' comes more than once"):
        infer_columns(pd.DataFrame([[1, 2]], columns=["a", "a"]))


SCHEMA = infer_columns(
    pd.DataFrame(
        {"n": [1.0, 2.0], "k": ["x", "y"], "b": [True, False], "d": ["2020-01-01", "2020-01-02"]}
    )
)
ROW = {"n": 3, "k": "y", "b": False, "d": "1970-01-02"}


def test_rows_come_as_a_frame_as_columns_or_as_dictionaries() -> None:
    expected = [[3.0, 1.0, 0.0, DAY]]
    shuffled = dict(reversed(ROW.items()))
    for rows in ([ROW], [shuffled], {k: [v] for k, v in ROW.items()}, pd.DataFrame([ROW])):
        np.testing.assert_array_equal(encode(rows, SCHEMA), expected)


def test_an_unknown_category_has_a_number_of_its_own() -> None:
    assert encode([{**ROW, "k": "new"}], SCHEMA)[0, 1] == 2.0


def test_a_column_that_is_to_be_ignored_may_be_there() -> None:
    np.testing.assert_array_equal(
        encode([{**ROW, "target": "?"}], SCHEMA, ignore=["target", "absent"]), encode([ROW], SCHEMA)
    )


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{"n": 1, "b": True, "d": ""}], "'k' is missing; the rows have 'n', 'b', 'd'"),
        ([{**ROW, "z": 1}], "has not seen 'z'"),
        ([ROW, {**ROW, "n": "many"}], "column 'n' must hold a number, but row 2 has 'many'"),
        ([{**ROW, "n": float("inf")}], "column 'n' must hold a finite number"),
        ([{**ROW, "n": 1j}], "'n' must hold real numbers"),
        ([{**ROW, "n": [1]}], "column 'n' must hold one value a row"),
        ([{**ROW, "b": "maybe"}], "column 'b' must hold yes or no, but row 1 has 'maybe'"),
        ([{**ROW, "b": 2}], "column 'b' must hold yes or no, but row 1 has '2'"),
        ([{**ROW, "d": "soon"}], "column 'd' must hold a date such as 2026-04-23, but row 1"),
        ([], "a list of one dictionary a row"),
        ([[1, 2, 3]], "a list of one dictionary a row"),
        ("rows.csv", "but got str"),
        ({"n": [1, 2], "k": ["x"]}, "one value a column"),
        ({"n": 1}, "one value a column"),
    ],
)  # fmt: skip
def test_rows_that_do_not_fit_are_one_line(rows: Any, said: str) -> None:
    with pytest.raises(DataError) as error:
        encode(rows, SCHEMA)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_category_of_a_file_stays_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("zip,n\n01,1\n1,2\nx,3\n")
    columns = (Column("zip", "category", ("01", "1")), Column("n", "number"))
    np.testing.assert_array_equal(encode_file(path, columns), [[0, 1], [1, 2], [2, 3]])
    with pytest.raises(DataError, match=r"rows\.csv: .*'N' is missing"):
        encode_file(path, (columns[0], Column("N", "number")), ignore=["n"])


CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=6),
    st.dates(),
    st.sampled_from(["1", "yes", "no", "2020-01-01", "1/2/2020", "NaN", "-"]),
    st.decimals(allow_nan=False),
    st.lists(st.integers(), max_size=1),
)


@given(st.lists(CELLS, min_size=1, max_size=30))
def test_any_column_is_encoded_or_refused_in_one_line(values: list[Any]) -> None:
    frame = pd.DataFrame({"c": pd.Series(values, dtype=object)})
    try:
        columns = infer_columns(frame)
        encoded = encode(frame, columns)
    except DataError as error:
        assert "\n" not in str(error)  # noqa: PT017 - most columns are encoded
        return
    assert encoded.shape == (len(values), 1)
    assert encoded.dtype == np.float64
    assert not np.isinf(encoded).any()
    assert np.isnan(encoded[frame["c"].isna().to_numpy(), 0]).all()
    again = encode(frame.iloc[::-1], columns)
    np.testing.assert_array_equal(again[::-1], encoded)


@given(st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=40))
def test_categories_are_found_again_by_their_place(values: list[str]) -> None:
    frame = pd.DataFrame({"c": values})
    (column,) = infer_columns(frame)
    codes = encode(frame, [column])[:, 0]
    if column.kind == "category":
        assert [column.categories[int(code)] for code in codes] == values
