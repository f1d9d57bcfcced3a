"""Sequences of different lengths: padded with NaN, masked in what networks see."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl.data import DataOptions, Dataset, PreparedData, load
from automl.data.preprocess.standardise import Preprocessing
from automl.data.read.memory import from_memory
from automl.data.sequences import check_room, find_lengths, pad, stack
from automl.errors import AutomlError, ConfigError, DataError
from automl.task import Inputs

RANDOM = np.random.RandomState(0)
ROWS = 60
LENGTHS = RANDOM.randint(2, 6, ROWS)
X = RANDOM.normal(size=(ROWS, 9, 3)) * [1.0, 10.0, 100.0] + [0.0, 5.0, -7.0]
Y = RANDOM.randint(0, 2, ROWS)
LISTED = [row[:length] for row, length in zip(X, LENGTHS, strict=True)]


def opened(path: Path, **options: Any) -> Dataset:
    return load(str(path), options=DataOptions(**options))


@given(st.lists(st.integers(1, 6), min_size=1, max_size=8), st.integers(1, 3))
def test_lengths_are_found_again(lengths: list[int], features: int) -> None:
    sequences = [np.arange(float(n * features)).reshape(n, features) for n in lengths]
    stacked = stack(sequences)
    assert stacked.shape == (len(lengths), max(lengths), features)
    assert find_lengths(stacked).tolist() == lengths
    wider = np.full((len(lengths), 9, features), 4.0)
    wider[:, : stacked.shape[1]] = np.nan_to_num(stacked, nan=7.0)
    np.testing.assert_array_equal(pad(wider, np.array(lengths)), stacked)
    for row, values in zip(stacked, sequences, strict=True):
        np.testing.assert_array_equal(row[: len(values)], values)


def test_whole_numbers_stay_exact_and_what_was_given_stays_as_it_is() -> None:
    rows = np.full((2, 3, 1), 2**40 + 1)
    padded = pad(rows, np.array([3, 1]))
    assert padded.dtype == np.float64
    assert padded[0, 0, 0] == 2**40 + 1
    assert (rows == 2**40 + 1).all()
    assert pad(rows.astype(np.uint8), np.array([3, 1])).dtype == np.float32
    assert pad(rows, np.array([2, 2])).dtype == rows.dtype


def test_an_array_that_no_memory_holds_is_refused_before_it_is_made() -> None:
    with pytest.raises(DataError, match="must be at most 2,000,000,000 values; cut the longest"):
        check_room(100_000, 100_000, 1)


def test_padding_counts_for_nothing_in_the_preprocessing() -> None:
    rows = pad(X, LENGTHS)
    fitted = Preprocessing.fit(rows, "sequence", masked=True)
    steps = np.concatenate(LISTED)
    np.testing.assert_allclose(fitted.mean, steps.mean(axis=0, keepdims=True))
    np.testing.assert_allclose(fitted.scale, steps.std(axis=0, keepdims=True))
    assert fitted.inputs == Inputs("sequence", (5, 4), masked=True)
    out = fitted.transform(rows)
    there = np.arange(5) < LENGTHS[:, None]
    np.testing.assert_array_equal(out[:, :, 3], there)
    assert (out[~there] == 0).all()
    expected = (steps - steps.mean(axis=0)) / steps.std(axis=0)
    np.testing.assert_allclose(out[there][:, :3], expected, atol=1e-5)
    again = Preprocessing.from_json(fitted.to_json())
    np.testing.assert_array_equal(again.transform(rows), out)
    with pytest.raises(DataError, match="sequence 1 has NaN or infinity at step 0"):
        fitted.transform(np.where(np.arange(ROWS)[:, None, None] == 1, [np.nan, 1, 1], rows))


def test_without_padding_there_is_no_mask() -> None:
    for dtype, shape in ((np.float64, (1, 3)), (np.uint8, (1, 1))):
        fitted = Preprocessing.fit(np.abs(X).astype(dtype), "sequence")
        assert fitted.inputs == Inputs("sequence", (9, 3))
        assert fitted.mean.shape == shape
        assert "masked" not in fitted.to_json()


def test_every_split_is_padded_alike_and_baselines_get_what_networks_get() -> None:
    data = PreparedData.fit(from_memory(X, Y, lengths=LENGTHS))
    for rows in (data.train_X, data.valid_X, data.test_X):
        assert rows.shape[1:] == (5, 4)
        assert np.isfinite(rows).all()


def test_they_come_as_an_array_with_lengths_or_nan_or_as_a_list(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", X=X, y=Y, lengths=LENGTHS)
    np.savez(tmp_path / "b.npz", X=pad(X, LENGTHS), y=Y)
    made = [
        *(from_memory(LISTED, Y), from_memory(X, Y, lengths=LENGTHS)),
        *(opened(tmp_path / "a.npz"), opened(tmp_path / "b.npz"), from_memory(X[:, :5], Y)),
    ]
    assert {dataset.kind for dataset in made} == {"sequence"}
    assert [dataset.is_padded for dataset in made] == [True, True, True, True, False]
    assert len({dataset.fingerprint for dataset in made[:4]}) == 1


def test_a_test_split_may_have_other_lengths(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", X=X, y=Y, lengths=LENGTHS)
    np.savez(tmp_path / "t.npz", X=X[:, :8], y=Y, lengths=LENGTHS + 3)
    both = {"X_test": X[:9], "y_test": Y[:9], "lengths_test": LENGTHS[:9] + 1}
    np.savez(tmp_path / "both.npz", X=X, y=Y, lengths=LENGTHS, **both)
    apart = opened(tmp_path / "a.npz", test_data=str(tmp_path / "t.npz"))
    assert apart.train.X.shape[1:] == apart.test.X.shape[1:] == (8, 3)
    assert find_lengths(apart.test.X).max() == 8
    together = opened(tmp_path / "both.npz")
    assert find_lengths(together.test.X).tolist() == (LENGTHS[:9] + 1).tolist()
    np.savez(tmp_path / "c.npz", X=X, y=Y, X_test=X, y_test=Y, lengths=LENGTHS)
    with pytest.raises(DataError, match="must hold lengths and lengths_test, or none of them"):
        opened(tmp_path / "c.npz")


IMAGES = RANDOM.uniform(size=(ROWS, 9, 8))


def test_what_is_open_is_said_and_can_be_decided() -> None:
    for rows, kind in ((X, "sequence"), (IMAGES, "image")):
        guessed = from_memory(rows, Y)
        other: Any = "image" if kind == "sequence" else "sequence"
        assert guessed.kind == kind
        assert f"--kind {other}" in guessed.notes[0]
        assert from_memory(rows, Y, DataOptions(kind=other)).kind == other
    silent = from_memory((IMAGES * 255).astype(np.uint8), Y)
    assert (silent.kind, silent.notes) == ("image", ())
    with pytest.raises(ConfigError, match="holds vectors, but got sequence"):
        from_memory(X[:, 0], Y, DataOptions(kind="sequence"))


REFUSED: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "a gap": (
        {"X": np.where(np.arange(9)[:, None] == 1, np.nan, X)},
        {},
        "NaN or infinity at",
    ),
    "lengths of images": ({"X": X[:, 0]}, {}, "with lengths must have the shape (rows, steps, f"),
    "texts": ({"lengths": LENGTHS.astype(str)}, {}, "must be a whole number for each of 60 rows"),
    "long lengths": (
        {"lengths": LENGTHS + 9},
        {},
        "`1 <= length <= 9` must hold, as X has 9",
    ),
    "a kind": ({}, {"kind": "image"}, "kind: "),
    "a column": ({}, {"sequence": "who"}, "--sequence: needs a table with named columns"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_used_is_one_line(tmp_path: Path, what: str) -> None:
    arrays, options, said = REFUSED[what]
    np.savez(tmp_path / "a.npz", **{"X": X, "y": Y, "lengths": LENGTHS + 4, **arrays})
    with pytest.raises(AutomlError) as error:
        opened(tmp_path / "a.npz", **options)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_list_of_anything_else_is_one_line() -> None:
    with pytest.raises(DataError, match="but sequence 2 has"):
        from_memory([*LISTED[:2], np.ones((4, 2))], Y[:3])
    with pytest.raises(DataError, match="sequences must hold real numbers"):
        from_memory([np.array([["a"]]), np.array([["a"], ["b"]])], Y[:2])


def test_the_shipped_sequences_are_what_they_say() -> None:
    adding, sine = load("adding"), load("sine")
    assert len(adding.train) == 10_000
    marked = adding.train.X[:, :, 1] == 1
    assert (marked.sum(axis=1) == 2).all()
    sums = (adding.train.X[:, :, 0] * marked).sum(axis=1)
    np.testing.assert_allclose(sums, adding.train.y, atol=1e-6)
    lengths = find_lengths(sine.train.X)
    assert (lengths.min(), lengths.max()) == (20, 60)
    rows, image = load("mnist-rows"), load("mnist")
    assert np.array_equal(rows.train.X[:9], image.train.X[:9])
    assert rows.kind == "sequence"
