"""What the task is, is told by the target, or said by the user."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from automl.data.targets import encode_labels, read_target
from automl.errors import DataError


def texts(*values: str) -> Any:
    return np.array(values, dtype=object)


INFERRED = {
    "two words": (texts("no", "yes", "no"), ("no", "yes"), [0, 1, 0]),
    "three words": (texts("b", "a", "c") .repeat(5), ("a", "b", "c"), [1, 1, 1, 1, 1, 0]),
    "two numbers": (np.array([1.0, 0.0, 1.0]), (0, 1), [1, 0, 1]),
    "two numbers apart": (np.array([-1.0, 1.0]), (-1, 1), [0, 1]),
    "few whole numbers": (np.arange(5.0).repeat(5), (0, 1, 2, 3, 4), [0, 0, 0, 0, 0, 1]),
    "numbers as text": (texts("10", "9", "10"), (9, 10), [1, 0, 1]),
    "numbers with zeros": (texts("01", "1", "01"), ("01", "1"), [0, 1, 0]),
}  # fmt: skip


@pytest.mark.parametrize("what", INFERRED)
def test_these_are_classes(what: str) -> None:
    values, classes, codes = INFERRED[what]
    target = read_target("t", values, None)
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
    target = read_target("t", values, None)
    assert target.classes == ()
    np.testing.assert_array_equal(target.y, values)


def test_the_user_decides_otherwise() -> None:
    counts = np.arange(30.0)
    assert read_target("t", counts, "multiclass").classes == tuple(range(30))
    assert read_target("t", np.array([0.0, 1.0]), "regression").classes == ()
    assert read_target("t", np.array([0.5, 1.0, 0.5]), "binary").classes == ("0.5", "1.0")
    assert read_target("t", texts(*map(str, range(200))), "multiclass").classes == tuple(range(200))


@pytest.mark.parametrize(
    ("values", "task", "said"),
    [
        (np.ones(9), None, "at least 2 different values, but every row has 1"),
        (np.full(9, 12345678901234567.0), None, "has the same number, about 1.23457e+16"),
        (texts("a", "a"), None, "every row has 'a'"),
        (texts("a", "b"), "regression", "must hold numbers for a regression"),
        (texts("a", "b"), "multiclass", "must have more than 2 classes"),
        (texts("a", "b", "c"), "binary", "must have exactly 2 classes for the task binary"),
        (texts(*(f"w{i}" for i in range(50))), None, "50 different texts in 50 rows"),
        (np.array([1.0, np.inf]), None, "must be finite"),
        (np.array([0.5, 1e39]), None, "must stay below 3.4e38, but goes to 1e+39"),
    ],
)
def test_a_target_that_does_not_fit_is_one_line(values: Any, task: Any, said: str) -> None:
    with pytest.raises(DataError) as error:
        read_target("t", values, task)
    assert said in str(error.value)
    assert "target 't'" in str(error.value)
    assert "\n" not in str(error.value)


def test_labels_of_other_rows_get_the_codes_of_the_classes() -> None:
    assert encode_labels("t", np.array([7.0, 5.0]), (5, 7)).tolist() == [1, 0]
    assert encode_labels("t", texts("1", "1"), ("1", "x")).tolist() == [0, 0]
    with pytest.raises(DataError, match="'z' is new"):
        encode_labels("t", texts("x", "z"), ("x", "y"))
