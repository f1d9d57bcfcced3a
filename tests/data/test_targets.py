"""What the task is, is told by the target, or said by the user."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from automl.data.options import DataOptions
from automl.data.targets import Target, encode_labels, read_target
from automl.errors import DataError


def texts(*values: str) -> Any:
    return np.array(values)


def read(values: Any, task: Any = None, *, from_text: bool = False, **more: Any) -> Target:
    return read_target("t", values, DataOptions(task=task, **more), from_text=from_text)


INFERRED = {
    "two words": (texts("no", "yes", "no"), ("no", "yes"), [0, 1, 0]),
    "three words": (texts("b", "a", "c") .repeat(5), ("a", "b", "c"), [1, 1, 1, 1, 1, 0]),
    "truth": (np.array([True, False]), (False, True), [1, 0]),
    "two numbers": (np.array([1, 0, 1]), (0, 1), [1, 0, 1]),
    "two decimal numbers": (np.array([1.0, 0.0, 1.0]), (0.0, 1.0), [1, 0, 1]),
    "two numbers apart": (np.array([-1, 1], np.int8), (-1, 1), [0, 1]),
    "large numbers": (np.array([2**60 + 1, 2**60]), (2**60, 2**60 + 1), [1, 0]),
    "few whole numbers": (np.arange(5).repeat(5), (0, 1, 2, 3, 4), [0, 0, 0, 0, 0, 1]),
    "numbers as text": (texts("10", "9", "10"), ("10", "9"), [0, 1, 0]),
    "decimals as text": (texts("0.5", "1.5"), ("0.5", "1.5"), [0, 1]),
    "numbers with zeros": (texts("01", "1", "01"), ("01", "1"), [0, 1, 0]),
    "bytes": (np.array([b"x", b"a"]), (b"a", b"x"), [1, 0]),
}  # fmt: skip


@pytest.mark.parametrize("what", INFERRED)
def test_these_are_classes(what: str) -> None:
    values, classes, codes = INFERRED[what]
    target = read(values)
    assert target.classes == classes
    assert {type(label) for label in classes} == {type(label) for label in target.classes}
    assert target.y.dtype == np.int64
    assert target.y[: len(codes)].tolist() == codes


@pytest.mark.parametrize(
    "values",
    [
        np.linspace(0, 1, 50),
        np.arange(21.0).repeat(5),  # more than 20 different ones
        np.arange(10.0).repeat(4),  # fewer than 5 rows of each
    ],
    ids=["decimals", "many whole numbers", "few rows of each"],
)
def test_these_are_a_regression(values: Any) -> None:
    target = read(values)
    assert target.classes == ()
    np.testing.assert_array_equal(target.y, values)


FROM_FILES = {
    "whole numbers": (texts("10", "9", "10"), (9, 10)),
    "decimal numbers": (texts("1.0", "2.0", "1.0"), (1.0, 2.0)),
    "one number in two ways": (texts("1", "1.0", "2"), (1, 2)),
    "codes": (texts("001", "010", "001"), ("001", "010")),
    "truth": (texts("True", "False"), (False, True)),
    "other truth": (texts("true", "false"), ("false", "true")),
    "a class None": (texts("None", "Apnea"), ("Apnea", "None")),
    "fractions": (texts("0.5", "1.5", "0.5"), ()),
    "thousands": (texts("1,200", "900", "3,100"), ()),
}


@pytest.mark.parametrize("what", FROM_FILES)
def test_the_texts_of_a_file_are_what_they_write(what: str) -> None:
    values, classes = FROM_FILES[what]
    target = read(values.repeat(7), from_text=True, task=None if classes else "regression")
    assert target.classes == classes
    assert [type(label) for label in target.classes] == [type(label) for label in classes]


def test_prices_are_numbers_however_they_are_written() -> None:
    prices = np.array([f"${number:,}" for number in range(900, 1200)])
    for from_text in (True, False):
        target = read(prices, from_text=from_text)
        assert target.classes == ()
        np.testing.assert_array_equal(target.y, np.arange(900, 1200))
        assert "'$1,000' for 1000" in target.why


def test_the_user_decides_otherwise() -> None:
    counts = np.arange(30)
    assert read(counts, "multiclass").classes == tuple(range(30))
    assert read(np.array([0, 1]), "regression").classes == ()
    assert read(np.array([0.5, 1.0, 0.5]), "binary").classes == (0.5, 1.0)
    many = texts(*map(str, range(200)))
    assert read(many, "multiclass", from_text=True).classes == tuple(range(200))


def test_a_metric_implies_its_task() -> None:
    ratings = np.arange(5).repeat(9)
    assert read(ratings).classes == (0, 1, 2, 3, 4)
    assert read(ratings, metric="rmse").classes == ()
    assert "the metric rmse" in read(ratings, metric="rmse").why
    halves = np.array([1.0, 1.5, 2.0]).repeat(9)
    assert read(halves).classes == ()
    assert read(halves, metric="accuracy").classes == (1.0, 1.5, 2.0)
    assert read(np.linspace(0, 1, 99), metric="accuracy").classes == ()
    assert read(ratings, "multiclass", metric="rmse").classes == (0, 1, 2, 3, 4)


@pytest.mark.parametrize(
    ("values", "task", "said"),
    [
        (np.ones(9), None, "at least 2 different values, but every row has 1"),
        (np.full(9, 12345678901234567), None, "has 12345678901234567"),
        (texts("a", "a"), None, "every row has 'a'"),
        (texts("a", "b"), "regression", "must hold numbers for a regression"),
        (texts("a", "b"), "multiclass", "must have more than 2 classes"),
        (texts("a", "b", "c"), "binary", "must have exactly 2 classes for the task binary"),
        (texts(*(f"w{i}" for i in range(50))), None, "50 different texts in 50 rows"),
        (np.array([1.0, np.inf]), None, "must be finite"),
        (np.array([0.5, 1e200]), None, "must stay below 1e+150, but goes to 1e+200"),
    ],
)
def test_a_target_that_does_not_fit_is_one_line(values: Any, task: Any, said: str) -> None:
    with pytest.raises(DataError) as error:
        read(values, task)
    assert said in str(error.value)
    assert "target 't'" in str(error.value)
    assert "\n" not in str(error.value)


def test_labels_of_other_rows_get_the_codes_of_the_classes() -> None:
    assert encode_labels("t", np.array([7.0, 5.0]), (5, 7)).tolist() == [1, 0]
    assert encode_labels("t", texts("7", "5"), (5, 7)).tolist() == [1, 0]
    assert encode_labels("t", texts("7.0", "5"), (5, 7)).tolist() == [1, 0]
    assert encode_labels("t", texts("True"), (False, True)).tolist() == [1]
    assert encode_labels("t", np.array([True]), ("False", "True")).tolist() == [1]
    assert encode_labels("t", texts("x"), (b"x", b"y")).tolist() == [0]
    assert encode_labels("t", texts("1", "1"), ("1", "x")).tolist() == [0, 0]
    for unknown in (texts("x", "z"), texts("x", "01")):
        with pytest.raises(DataError, match="is new"):
            encode_labels("t", unknown, ("1", "x"))
