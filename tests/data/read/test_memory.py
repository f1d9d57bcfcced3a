"""Arrays, frames and tensors of a Python program."""

from __future__ import annotations

import json
import warnings
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse
import torch

from automl.data import DataOptions
from automl.data.read.memory import from_memory
from automl.errors import AutomlError
from automl.task import Task

RANDOM = np.random.RandomState(0)
X = RANDOM.normal(size=(60, 3))
Y = np.arange(60) % 2
FRAME = pd.DataFrame(X, columns=["a", "b", "c"], index=range(100, 160)).assign(
    d=["u", "v", "w"] * 20
)


def test_arrays_lists_and_tensors_are_the_same_data() -> None:
    prints = {
        from_memory(*pair).fingerprint
        for pair in (
            (X, Y),
            (X.tolist(), Y.tolist()),
            (torch.tensor(X), torch.tensor(Y)),
            (X, Y[:, None]),
            (X.astype(object), Y.astype(object)),
            (np.ma.masked_equal(X, 99.0), np.ma.masked_equal(Y, 99)),
            (scipy.sparse.csr_matrix(X), Y),
            (pl.Series(X.tolist()).to_numpy().tolist(), pl.Series(Y)),
        )
    }
    assert len(prints) == 1


def test_half_precision_is_read() -> None:
    short = torch.tensor(X).to(torch.bfloat16)
    assert from_memory(short, Y).fingerprint == from_memory(short.float(), Y).fingerprint


LABELS: dict[str, tuple[Any, Any]] = {
    "bool": (np.array([False, True]), lambda y: y),
    "int8": (np.array([3, 7], np.int8), lambda y: y),
    "large": (np.array([2**60, 2**60 + 1]), lambda y: y),
    "huge": (np.array([2**63, 2**63 + 1], np.uint64), lambda y: y),
    "float": (np.array([0.0, 1.0]), lambda y: y),
    "digits": (np.array(["10", "9"]), lambda y: y),
    "codes": (np.array(["001", "01"]), lambda y: y),
    "bytes": (np.array([b"x", b"y"]), lambda y: y),
    "spaces": (np.array(["a", "a "]), lambda y: y),
    "objects": (np.array([3, 7]), lambda y: y.astype(object)),
    "truths": (np.array([False, True]), lambda y: np.array(list(y), dtype=object)),
    "list": (np.array(["a", "b"]), lambda y: y.tolist()),
    "tensor": (np.array([False, True]), torch.tensor),
    "nullable int": (np.array([3, 7]), lambda y: pd.Series(y, dtype="Int64")),
    "nullable truth": (np.array([False, True]), lambda y: pd.Series(y, dtype="boolean")),
    "nullable text": (np.array(["a", "b"]), lambda y: pd.Series(y, dtype="string")),
    "category": (np.array(["9", "10"]), lambda y: pd.Series(y, dtype="category")),
    "number category": (np.array([3, 7]), lambda y: pd.Series(y, dtype="category")),
    "arrow": (np.array([3, 7]), lambda y: pd.Series(y, dtype="int64[pyarrow]")),
    "arrow text": (np.array(["1", "2"]), lambda y: pd.Series(y, dtype="string[pyarrow]")),
    "polars": (np.array(["1", "2"]), pl.Series),
    "polars truth": (np.array([False, True]), pl.Series),
}


@pytest.mark.parametrize("what", LABELS)
@pytest.mark.parametrize("rows", [X, FRAME], ids=["array", "frame"])
def test_labels_are_classes_in_their_own_type_and_spelling(what: str, rows: Any) -> None:
    labels, make = LABELS[what]
    labels = np.sort(labels)
    y = make(labels[Y])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dataset = from_memory(rows, y)
    found = np.asarray(dataset.task.classes)
    assert found.dtype.kind == ("i" if labels.dtype.kind == "i" else labels.dtype.kind)
    np.testing.assert_array_equal(found, np.unique(labels))
    again = Task.from_json(json.loads(json.dumps(dataset.task.to_json())))
    assert again == dataset.task
    assert [type(c) for c in again.classes] == [type(c) for c in dataset.task.classes]


MISSING: dict[str, Any] = {
    "nullable int": pd.Series(Y, dtype="Int64").where(np.arange(60) != 3),
    "nullable truth": pd.Series(Y == 1, dtype="boolean").where(np.arange(60) != 3),
    "nullable text": pd.Series(Y.astype(str), dtype="string").where(np.arange(60) != 3),
    "category": pd.Series(Y.astype(str), dtype="category").where(np.arange(60) != 3),
    "float": np.where(np.arange(60) != 3, Y, np.nan),
    "objects": np.array([None if i == 3 else v for i, v in enumerate(Y.tolist())], dtype=object),
    "masked": np.ma.masked_array(Y, np.arange(60) == 3),
    "masked text": np.ma.masked_array(Y.astype(str), np.arange(60) == 3),
    "polars": pl.Series([None if i == 3 else v for i, v in enumerate(Y.tolist())]),
}


@pytest.mark.parametrize("what", MISSING)
@pytest.mark.parametrize("rows", [X, FRAME], ids=["array", "frame"])
def test_a_missing_label_is_a_row_left_out_and_said(what: str, rows: Any) -> None:
    dataset = from_memory(rows, MISSING[what])
    assert len(dataset.train) + len(dataset.valid) + len(dataset.test) == 59
    assert dataset.notes == ("1 of 60 rows have no target and are left out",)
    assert len(dataset.task.classes) == 2


def test_what_a_mask_hides_is_missing() -> None:
    hidden = np.ma.masked_array(np.where(X > 1, -99999.0, X), X > 1)
    dataset = from_memory(hidden, Y)
    assert np.nanmin(dataset.train.X) > -99
    assert np.isnan(dataset.train.X).any()


def test_a_frame_of_polars_is_a_frame() -> None:
    theirs = pl.DataFrame({name: FRAME[name].tolist() for name in FRAME.columns})
    ours = from_memory(FRAME.reset_index(drop=True).astype(theirs.to_pandas().dtypes), Y)
    assert from_memory(theirs, pl.Series("target", Y)).fingerprint == ours.fingerprint


def test_a_frame_comes_with_its_target_beside_it_or_in_it() -> None:
    inside = FRAME.assign(t=Y)
    data = [
        from_memory(inside, "t"),
        from_memory(inside, None, DataOptions(target=("t",))),
        from_memory(FRAME, pd.Series(Y, name="t", index=FRAME.index)),
        from_memory(FRAME, pd.DataFrame({"t": Y})),
    ]
    assert len({d.fingerprint for d in data}) == 1
    assert data[0].targets == ("t",)
    assert [c.kind for c in data[0].columns] == ["number", "number", "number", "category"]
    assert from_memory(FRAME, Y.tolist()).targets == ("target",)
    assert from_memory(FRAME, pd.Series(Y, name="a")).targets == ("a (target)",)


def test_targets_belong_to_rows_by_their_place_whatever_the_index() -> None:
    y = pd.Series(X[:, 0], index=range(60))
    dataset = from_memory(FRAME, y)
    np.testing.assert_allclose(dataset.train.X[:, 0], dataset.train.y, rtol=1e-6)


def test_a_test_split_is_a_pair() -> None:
    assert len(from_memory(X, Y, test=(X[:7], Y[:7])).test) == 7
    assert len(from_memory(FRAME, Y, test=(FRAME[:7], Y[:7])).test) == 7
    inside = FRAME.assign(t=Y)
    assert len(from_memory(inside, "t", test=inside[:7]).test) == 7


def test_groups_and_dropped_columns_are_those_of_the_frame() -> None:
    groups = FRAME.assign(who=np.arange(60) // 4, t=Y)
    dataset = from_memory(groups, "t", DataOptions(group="who", drop=("a",)))
    assert dataset.left_out == ("who", "a")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((X,), "needs y"),
        ((FRAME,), "--target NAME"),
        ((FRAME, "z"), "unknown column 'z'"),
        ((FRAME, Y, DataOptions(target=("a",))), "y is given already"),
        ((X, Y, DataOptions(target=("a",))), "y is given already"),
        ((X, Y, DataOptions(group="a")), "needs a table"),
        ((FRAME, Y[:-1]), "X has 60 rows and y 59"),
        ((X, Y[:-1]), "one target a row"),
        ((scipy.sparse.csr_matrix((10**6, 10**6)), Y), "must fit into 4 GB as an array"),
        ((X, [1, "a"] * 30), "labels of one type, but has 1 and 'a'"),
        ((X, pd.Series(pd.date_range("2026-01-01", periods=60))), "classes or numbers"),
        ((FRAME, pd.Series(pd.date_range("2026-01-01", periods=60))), "but holds dates"),
        (([[1, 2], [3]], [0, 1]), "rows of one shape"),
        ((X, Y, DataOptions(), X), "must be a pair"),
        ((X, Y, DataOptions(), (X[:, :2], Y)), "must have the shape"),
        ((FRAME, Y, DataOptions(), (X, Y)), "must be a frame"),
        ((FRAME, Y, DataOptions(decimal=",")), "is for text files"),
        ((X, Y, DataOptions(missing=("-",))), "needs a table"),
        ((X, Y, DataOptions(kind="image")), "holds vectors, but got image"),
        ((X, [object()] * 60), "classes or numbers"),
        (({"a": 1}, Y), "one value a column"),
        ((FRAME, 3), "one target a row, or name a column, but is 3"),
        ((iter(X), Y), "an array, a list or a frame, but is <"),
        ((X[:, 0], Y), "of one feature: X[:, None]"),
    ],
)
def test_what_does_not_fit_is_one_line(arguments: tuple[Any, ...], said: str) -> None:
    with pytest.raises(AutomlError) as error:
        from_memory(*arguments)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_column_may_be_named_by_a_number() -> None:
    dataset = from_memory(pd.DataFrame(np.column_stack([X, Y])), X.shape[1])
    assert dataset.targets == (str(X.shape[1]),)
    assert dataset.train.X.shape[1:] == X.shape[1:]
