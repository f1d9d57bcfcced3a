from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from automl.data import Dataset, LockedSplit, build
from automl.data.dataset import fingerprint
from automl.data.raw import Raw
from automl.errors import DataError

X = np.arange(40.0).reshape(20, 2)
Y = np.arange(20) % 2


def built(X: Any = X, y: Any = Y, classes: Any = (0, 1), **test: Any) -> Dataset:
    return build("mine", "vector", Raw(X, y, classes, **test))


def test_importing_the_package_costs_numpy_only() -> None:
    heavy = "{'torch', 'sklearn', 'scipy', 'pandas', 'rich', 'optuna'}"
    code = f"import sys, automl.data; automl.data.describe(); print({heavy} & set(sys.modules))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout.strip() == "set()", result.stderr


def test_without_a_test_split_a_fifth_each_validates_and_tests() -> None:
    dataset = built()
    assert (len(dataset.train), len(dataset.valid), len(dataset.test)) == (12, 4, 4)
    assert dataset.task.kind == "binary"


def test_with_a_test_split_a_sixth_validates() -> None:
    dataset = built(test_X=X[:5], test_y=Y[:5])
    assert (len(dataset.train), len(dataset.valid), len(dataset.test)) == (17, 3, 5)
    np.testing.assert_array_equal(dataset.test.X, X[:5])


def test_a_regression_has_float64_targets_of_one_dimension() -> None:
    dataset = built(y=np.arange(20.0).reshape(20, 1), classes=())
    assert dataset.task.kind == "regression"
    assert dataset.train.y.dtype == np.float64
    assert dataset.train.y.shape == (12,)
    np.testing.assert_array_equal(dataset.train.X[:, 0], dataset.train.y * 2)


def test_the_fingerprint_depends_on_values_labels_and_split() -> None:
    plain = built().fingerprint
    assert built().fingerprint == plain
    assert built(X=np.vstack([X[:-1], X[-1:] + 1])).fingerprint != plain
    assert built(y=1 - Y).fingerprint != plain
    assert built(X=X[::-1], y=Y[::-1]).fingerprint != plain


def test_a_fingerprint_tells_shapes_and_types_apart() -> None:
    values = np.zeros(4, np.int32)
    others: list[Any] = [values.reshape(2, 2), values.astype(np.float32), values.view(np.int16)]
    assert len({fingerprint(array) for array in [values, *others]}) == 4


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"y": Y[:-1]}, "a label for each, but has 20 rows and 19 labels"),
        (
            {"X": np.where(X == 7, np.inf, X)},
            r"finite or missing \(NaN\), but .* has inf at X\[3, 1\]",
        ),
        ({"y": Y + 1}, "whole numbers from 0 to 1"),
        ({"y": Y - 1}, "whole numbers from 0 to 1"),
        ({"y": Y[:, None]}, "whole numbers from 0 to 1"),
        ({"y": Y / 2}, "whole numbers from 0 to 1"),
        ({"y": Y * 0}, "at least 2 classes"),
        ({"y": np.full(20, np.inf), "classes": ()}, "finite targets in every row"),
        ({"y": np.zeros((20, 0)), "classes": ()}, "finite targets in every row"),
        ({"X": X[:2], "y": Y[:2]}, "at least 3 rows"),
        ({"X": X[:0], "y": Y[:0]}, "must have rows"),
        ({"test_X": X[:5], "test_y": Y[:4]}, "5 rows and 4 labels"),
    ],
)
def test_values_that_cannot_be_used_are_refused(change: dict[str, Any], match: str) -> None:
    with pytest.raises(DataError, match=match):
        built(**change)


def test_a_locked_split_counts_how_often_its_labels_were_read() -> None:
    locked = LockedSplit(X, Y)
    assert len(locked) == 20
    assert locked.reads == 0
    np.testing.assert_array_equal(locked.unlock(), Y)
    locked.unlock()
    assert locked.reads == 2
