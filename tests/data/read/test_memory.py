"""Arrays, frames and tensors of a Python program."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from automl.data import DataOptions
from automl.data.read.memory import from_memory
from automl.errors import AutomlError

RANDOM = np.random.RandomState(0)
X = RANDOM.normal(size=(60, 3))
Y = np.arange(60) % 2
FRAME = pd.DataFrame(X, columns=["a", "b", "c"], index=range(100, 160)).assign(
    d=["u", "v", "w"] * 20
)


class Tensor:
    """What is asked of a tensor; the real one is in tests/test_api.py."""

    def __init__(self, values: Any) -> None:
        self.values = values

    def detach(self) -> Tensor:
        return self

    cpu = detach

    def numpy(self) -> Any:
        return self.values


def test_arrays_lists_and_tensors_are_the_same_data() -> None:
    prints = {
        from_memory(*pair).fingerprint
        for pair in ((X, Y), (X.tolist(), Y.tolist()), (Tensor(X), Tensor(Y)), (X, Y[:, None]))
    }
    assert len(prints) == 1


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


class Sparse:
    def toarray(self) -> Any:
        return X


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
        ((Sparse(), Y), "must be dense"),
        (([[1, 2], [3]], [0, 1]), "rows of one shape"),
        ((X, Y, DataOptions(), X), "must be a pair"),
        ((X, Y, DataOptions(), (X[:, :2], Y)), "must have the shape"),
        ((FRAME, Y, DataOptions(), (X, Y)), "must be a frame"),
        ((X, [object()] * 60), "classes or numbers"),
        (({"a": 1}, Y), "real numbers"),
    ],
)
def test_what_does_not_fit_is_one_line(arguments: tuple[Any, ...], said: str) -> None:
    with pytest.raises(AutomlError) as error:
        from_memory(*arguments)
    assert said in str(error.value)
    assert "\n" not in str(error.value)
