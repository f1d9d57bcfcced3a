"""Arrays, IDX files and folders of images, by path."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from automl.data import DataOptions, Dataset, load
from automl.errors import AutomlError, ConfigError, DataError

RANDOM = np.random.RandomState(0)
X = RANDOM.normal(size=(60, 3))
Y = np.arange(60) % 3
IMAGES = RANDOM.randint(0, 256, (60, 5, 4)).astype(np.uint8)


def opened(path: Path, **options: Any) -> Dataset:
    return load(str(path), options=DataOptions(**options))


@pytest.mark.parametrize(
    ("names", "target"),
    [
        (("X", "y"), ()),
        (("x_train", "y_train"), ()),
        (("rows", "labels"), ("labels",)),
    ],
)
def test_a_pair_of_arrays_is_found_by_its_names(
    tmp_path: Path, names: tuple[str, str], target: tuple[str, ...]
) -> None:
    np.savez(tmp_path / "mine.npz", **dict(zip(names, (X, Y), strict=True)))
    dataset = opened(tmp_path / "mine.npz", target=target)
    assert (dataset.name, dataset.kind, dataset.task.kind) == ("mine", "vector", "multiclass")
    assert len(dataset.train) == 36
    assert dataset.columns == ()


def test_a_test_split_may_lie_in_the_same_file_or_in_another(tmp_path: Path) -> None:
    test = {"x_test": X[:7], "y_test": Y[:7]}
    np.savez(tmp_path / "both.npz", x_train=X, y_train=Y, **test)
    np.savez(tmp_path / "train.npz", X=X, y=Y)
    np.savez(tmp_path / "test.npz", X=X[:7], y=Y[:7])
    both = opened(tmp_path / "both.npz")
    other = opened(tmp_path / "train.npz", test_data=str(tmp_path / "test.npz"))
    assert len(both.test) == len(other.test) == 7
    np.testing.assert_array_equal(both.test.X, other.test.X)
    with pytest.raises(ConfigError, match="has a test split of its own"):
        opened(tmp_path / "both.npz", test_data=str(tmp_path / "test.npz"))


def test_rows_and_targets_may_lie_in_two_files(
    tmp_path: Path, to_idx: Callable[[Any], bytes]
) -> None:
    np.save(tmp_path / "X.npy", IMAGES)
    np.save(tmp_path / "y.npy", Y)
    (tmp_path / "images-idx").write_bytes(to_idx(IMAGES))
    (tmp_path / "labels-idx.gz").write_bytes(gzip.compress(to_idx(Y.astype(np.uint8))))
    arrays = opened(tmp_path / "X.npy", target=(str(tmp_path / "y.npy"),))
    idx = opened(tmp_path / "images-idx", target=(str(tmp_path / "labels-idx.gz"),))
    assert arrays.kind == idx.kind == "image"
    np.testing.assert_array_equal(arrays.train.X, idx.train.X)
    with pytest.raises(ConfigError, match="must name the file with the targets"):
        opened(tmp_path / "X.npy")
    with pytest.raises(DataError, match="there is no such file"):
        opened(tmp_path / "X.npy", target=("z.npy",))


def test_a_folder_of_idx_files_is_read_as_mnist_is(
    tmp_path: Path, small_images: dict[str, bytes]
) -> None:
    for name, content in small_images.items():
        (tmp_path / name.removesuffix(".gz")).write_bytes(content)
    dataset = opened(tmp_path)
    assert (len(dataset.train), len(dataset.valid), len(dataset.test)) == (50, 10, 20)
    assert dataset.train.X.shape[1:] == (28, 28)


def test_pickles_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", X=np.array([Path()] * 9), y=Y[:9], allow_pickle=True)
    with pytest.raises(DataError, match="numbers, but"):
        opened(tmp_path / "a.npz")


ARRAYS: dict[str, tuple[dict[str, Any], str]] = {
    "no pair": ({"a": X, "b": Y}, "--target names one, but has ['a', 'b']"),
    "texts for rows": ({"X": X.astype(str), "y": Y}, "X must hold real numbers"),
    "complex rows": ({"X": X + 1j, "y": Y}, "X must hold real numbers"),
    "flat rows": ({"X": X[:, 0], "y": Y}, "X must have the shape"),
    "no rows": ({"X": X[:0], "y": Y[:0]}, "X must have rows that are not empty"),
    "no columns": ({"X": X[:, :0], "y": Y}, "X must have rows that are not empty"),
    "too few targets": ({"X": X, "y": Y[:-1]}, "one target a row (60 rows), but has the shape"),
    "dates for targets": ({"X": X, "y": Y.astype("M8[s]")}, "classes or numbers"),
    "one-hot targets": ({"X": X, "y": np.eye(3)[Y]}, "y.argmax(axis=1)"),
    "infinite rows": (
        {"X": np.full_like(X, np.inf), "y": Y},
        "inf at X[0, 0] (counted from 0), and ",
    ),
    "missing pixels": ({"X": IMAGES * np.nan, "y": Y}, "NaN"),
    "missing targets": ({"X": X, "y": Y * np.nan}, "missing in every row"),
    "a constant": ({"X": X, "y": Y * 0}, "at least 2 different values"),
}


@pytest.mark.parametrize("what", ARRAYS)
def test_arrays_that_cannot_be_used_are_one_line(tmp_path: Path, what: str) -> None:
    arrays, said = ARRAYS[what]
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(AutomlError) as error:
        opened(tmp_path / "a.npz")
    assert said in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("option", [{"group": "a"}, {"time": "a"}, {"drop": ("a",)}])
def test_columns_need_names(tmp_path: Path, option: dict[str, Any]) -> None:
    np.savez(tmp_path / "a.npz", X=X, y=Y)
    with pytest.raises(ConfigError, match="needs a table with named columns"):
        opened(tmp_path / "a.npz", **option)


def test_texts_and_several_targets_come_as_arrays_too(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", X=X, y=np.array(["b", "a"] * 30))
    assert opened(tmp_path / "a.npz").task.classes == ("a", "b")
    np.savez(tmp_path / "b.npz", X=X, y=X[:, :2])
    assert opened(tmp_path / "b.npz").task.n_targets == 2
    y = Y.astype(np.float64)
    y[:5] = np.nan
    np.savez(tmp_path / "c.npz", X=X, y=y)
    dataset = opened(tmp_path / "c.npz")
    assert dataset.task.classes == (0, 1, 2)
    assert dataset.notes == ("5 of 60 rows have no target and are left out",)


def test_missing_values_make_an_array_a_table(tmp_path: Path) -> None:
    gaps = X.copy()
    gaps[0, 0] = np.nan
    np.savez(tmp_path / "a.npz", X=gaps, y=Y)
    assert [column.name for column in opened(tmp_path / "a.npz").columns] == ["x0", "x1", "x2"]


def test_channels_may_come_last(tmp_path: Path) -> None:
    colour = RANDOM.randint(0, 256, (60, 8, 9, 3)).astype(np.uint8)
    np.savez(tmp_path / "a.npz", X=colour, y=Y)
    assert opened(tmp_path / "a.npz").train.X.shape[1:] == (3, 8, 9)


def draw(folder: Path, mode: str = "L", classes: str = "ab", count: int = 5) -> None:
    for label in classes:
        (folder / label).mkdir(parents=True)
        for i in range(count):
            pixels = np.full((6, 5, 3), ord(label) + i, np.uint8)
            suffix = "png" if i else "jpg"
            Image.fromarray(pixels).convert(mode).save(folder / label / f"{i}.{suffix}")


@pytest.mark.parametrize(("mode", "shape"), [("L", (6, 5)), ("RGB", (3, 6, 5))])
def test_images_are_read_with_a_folder_a_class(
    tmp_path: Path, mode: str, shape: tuple[int, ...]
) -> None:
    draw(tmp_path / "pets", mode)
    (tmp_path / "pets" / "readme.txt").write_text("no image")
    dataset = opened(tmp_path / "pets")
    assert (dataset.name, dataset.kind) == ("pets", "image")
    assert dataset.task.classes == ("a", "b")
    assert dataset.train.X.dtype == np.uint8
    assert dataset.train.X.shape[1:] == shape
    is_b = dataset.train.X.reshape(len(dataset.train), -1)[:, 0] >= ord("b") + 4
    assert (dataset.train.y[is_b] == 1).all()


def test_a_test_split_of_images_is_a_folder_too(tmp_path: Path) -> None:
    draw(tmp_path / "pets" / "train", count=6)
    draw(tmp_path / "pets" / "test", count=2)
    inside = opened(tmp_path / "pets")
    beside = opened(tmp_path / "pets" / "train", test_data=str(tmp_path / "pets" / "test"))
    assert len(inside.test) == len(beside.test) == 4
    draw(tmp_path / "more", classes="abc")
    with pytest.raises(DataError, match="'c' is new"):
        opened(tmp_path / "pets" / "train", test_data=str(tmp_path / "more"))


def test_one_class_of_images_is_refused(tmp_path: Path) -> None:
    draw(tmp_path, classes="a")
    with pytest.raises(DataError, match="at least two folders with images"):
        opened(tmp_path)


def test_data_that_was_in_memory_says_how_to_keep_it() -> None:
    with pytest.raises(DataError, match=r"numpy\.savez"):
        load("arrays")
