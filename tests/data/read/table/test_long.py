"""Sequences as lines of a table: one column tells them apart, another their order."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from automl.data import DataOptions, Dataset, load
from automl.data.read.memory import from_memory
from automl.data.sequences import find_lengths
from automl.errors import AutomlError

RANDOM = np.random.RandomState(0)
LENGTHS = RANDOM.randint(1, 6, 30)


def _lines() -> pd.DataFrame:
    """Thirty walks of one to five days, whose lines are shuffled."""
    parts = [
        pd.DataFrame(
            {
                "walk": f"w{i:02d}",
                "day": pd.date_range("2026-01-01", periods=length).strftime("%Y-%m-%d"),
                "km": np.arange(length) + 100.0 * i,
                "wet": RANDOM.choice(["no", "yes"], length),
                "club": f"c{i % 7}",
                "kind": "hill" if i % 3 else "shore",
            }
        )
        for i, length in enumerate(LENGTHS)
    ]
    return pd.concat(parts).sample(frac=1, random_state=0).reset_index(drop=True)


TABLE = _lines()
WALKS = {"target": ("kind",), "sequence": "walk", "order": "day", "drop": ("club",)}
Read = Callable[..., Dataset]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Write a frame as CSV and load it, with other options than those of the walks."""

    def write_and_load(frame: pd.DataFrame, **options: Any) -> Dataset:
        frame.to_csv(tmp_path / "walks.csv", index=False)
        return load(str(tmp_path / "walks.csv"), options=DataOptions(**{**WALKS, **options}))

    return write_and_load


def test_lines_become_sequences_in_their_order(read: Read) -> None:
    dataset = read(TABLE)
    assert (dataset.kind, dataset.task.classes) == ("sequence", ("hill", "shore"))
    assert dataset.long is not None
    assert [column.kind for column in dataset.long.columns] == ["number", "boolean"]
    parts = (dataset.train, dataset.valid, dataset.test)
    X = np.concatenate([part.X for part in parts])
    assert X.shape == (30, 5, 2)
    walk = (X[:, 0, 0] // 100).astype(int)
    assert sorted(walk) == list(range(30))
    np.testing.assert_array_equal(find_lengths(X), LENGTHS[walk])
    there = np.arange(5) < LENGTHS[walk][:, None]
    expected = walk[:, None] * 100.0 + np.arange(5)
    np.testing.assert_array_equal(X[:, :, 0][there], expected[there])
    y = np.concatenate([dataset.train.y, dataset.valid.y, dataset.test.unlock()])
    np.testing.assert_array_equal(y, walk % 3 == 0)


def test_a_frame_is_read_as_a_file_is(read: Read) -> None:
    frame = from_memory(TABLE, None, DataOptions(**WALKS))
    assert frame.fingerprint == read(TABLE).fingerprint


def test_without_an_order_lines_are_in_order(read: Read) -> None:
    ordered = TABLE.sort_values(["walk", "day"], kind="stable").drop(columns="day")
    dataset, by_day = read(ordered, order=None), read(ordered.assign(day=np.arange(len(ordered))))
    np.testing.assert_array_equal(dataset.train.X, by_day.train.X)


def test_a_group_keeps_its_sequences_together(read: Read) -> None:
    dataset = read(TABLE, drop=(), group="club")
    clubs = [set((part.X[:, 0, 0] // 100) % 7) for part in (dataset.train, dataset.valid)]
    assert not clubs[0] & clubs[1]


def test_a_test_file_may_have_longer_ones(read: Read, tmp_path: Path) -> None:
    longer = TABLE.assign(walk="all of them", day=np.arange(len(TABLE)), kind="hill")
    longer.to_csv(tmp_path / "test.csv", index=False)
    dataset = read(TABLE, test_data=str(tmp_path / "test.csv"))
    assert dataset.train.X.shape[1] == dataset.test.X.shape[1] == len(TABLE)


def test_sequences_without_a_target_are_left_out(read: Read) -> None:
    dataset = read(TABLE.assign(kind=TABLE["kind"].where(TABLE["walk"] != "w03")))
    assert dataset.notes == ("1 of 30 sequences have no target and are left out",)


def _with(row: int, **values: Any) -> pd.DataFrame:
    frame = TABLE.astype(object)
    for name, value in values.items():
        frame.loc[row, name] = value
    return frame


LONG = int(np.flatnonzero(TABLE["day"] > "2026-01-01")[3])  # not the first of its sequence
OTHER = TABLE.loc[(TABLE["walk"] == TABLE["walk"][LONG]) & (TABLE.index != LONG), "day"].iloc[0]

REFUSED: dict[str, tuple[pd.DataFrame, dict[str, Any], str]] = {
    "another target": (
        _with(LONG, kind="marsh"),
        {},
        "column 'kind' must be the same",
    ),
    "a missing target": (_with(LONG, kind=None), {}, "column 'kind' must be the same"),
    "another group": (
        _with(LONG, club="x"),
        {"drop": (), "group": "club"},
        "column 'club' must be",
    ),
    "twice a day": (_with(LONG, day=OTHER), {}, f" {LONG + 1}"),
    "a gap": (_with(4, km=None), {}, "but column 'km' has none in row 5"),
    "no sequence": (
        _with(4, walk=None),
        {},
        "'walk' must be filled in every row, but row 5 is not",
    ),
    "no day": (
        _with(4, day=None),
        {},
        "'day' must be filled in every row, but row 5 is not",
    ),
    "texts": (TABLE, {"drop": ()}, "column 'club' holds texts; leave it out (--drop club)"),
    "an order of texts": (TABLE, {"order": "club", "drop": ("day",)}, "must hold dates or numbers"),
    "order alone": (TABLE, {"sequence": None}, "name these with --sequence COLUMN"),
    "by time": (TABLE, {"time": "km"}, "cannot split sequences"),
    "the target": (TABLE, {"sequence": "kind"}, "cannot be the target and --sequence or --order"),
    "no column": (TABLE, {"sequence": "wlak"}, "did you mean 'walk'"),
    "a kind": (TABLE, {"kind": "image"}, "the sequences of a table come with --sequence"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_used_is_one_line(read: Read, what: str) -> None:
    frame, options, said = REFUSED[what]
    with pytest.raises(AutomlError) as error:
        read(frame, **options)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_the_line_that_differs_is_named(read: Read) -> None:
    name = TABLE["walk"][LONG]
    said = rf"but row {LONG + 1} differs from the others of sequence '{name}'"
    with pytest.raises(AutomlError, match=said):
        read(_with(LONG, kind="marsh"))
