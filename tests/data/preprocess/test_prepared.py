from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_tables import COLUMNS, make_table_raw

from automl.data import Dataset, PreparedData, PreparedStore, Variant, build, load
from automl.data.dataset import LockedSplit
from automl.data.preprocess.standardise import PreprocessingSettings
from automl.data.preprocess.table import TablePreprocessing
from automl.data.preprocess.variants import BASELINE, DEFAULT
from automl.data.raw import Raw

ARRAYS = ("train_X", "train_y", "valid_X", "valid_y", "test_X")


@pytest.fixture(params=["iris", "digits", "diabetes"])
def dataset(request: pytest.FixtureRequest) -> Dataset:
    return load(request.param)


def test_preprocessing_is_fitted_on_the_training_rows(dataset: Dataset) -> None:
    prepared = PreparedData.fit(dataset)
    axes = (0, 2, 3) if dataset.kind == "image" else (0,)
    np.testing.assert_allclose(prepared.train_X.mean(axis=axes), 0, atol=1e-5)
    np.testing.assert_allclose(prepared.train_X.std(axis=axes), 1, atol=1e-5)
    for rows in (prepared.train_X, prepared.valid_X, prepared.test_X):
        assert rows.dtype == np.float32
        assert rows.shape[1:] == prepared.preprocessing.inputs.shape
    expected = prepared.preprocessing.transform(dataset.test.X)
    np.testing.assert_array_equal(prepared.test_X, expected)


def test_images_can_stay_as_they_are() -> None:
    raw, dataset = PreprocessingSettings(numeric="none"), load("digits")
    prepared = PreparedData.fit(dataset, Variant(raw))
    np.testing.assert_array_equal(prepared.train_X[:, 0], dataset.train.X)
    store = PreparedStore(dataset)
    assert store.get(Variant(raw)).train_X.max() == dataset.train.X.max()
    assert store.get(DEFAULT).train_X.max() < dataset.train.X.max()
    ranks = Variant(PreprocessingSettings(numeric="quantile"))
    assert store.get(ranks) is store.get(DEFAULT), "images have no ranks"


def test_targets_stay_in_their_own_units(dataset: Dataset) -> None:
    prepared = PreparedData.fit(dataset)
    np.testing.assert_array_equal(prepared.train_y, dataset.train.y)
    np.testing.assert_array_equal(prepared.valid_y, dataset.valid.y)
    scaled = prepared.target.transform(dataset.train.y)
    if dataset.task.is_classification:
        np.testing.assert_array_equal(scaled, dataset.train.y)
    else:
        assert scaled.mean() == pytest.approx(0, abs=1e-5)
        assert scaled.std() == pytest.approx(1, abs=1e-5)


def test_what_was_saved_is_opened(dataset: Dataset, tmp_path: Path) -> None:
    saved = PreparedData.fit(dataset)
    saved.save(tmp_path / "new" / "folder")
    opened = PreparedData.open(tmp_path / "new" / "folder")
    for name in ARRAYS:
        there, here = getattr(saved, name), getattr(opened, name)
        assert here.dtype == there.dtype
        np.testing.assert_array_equal(here, there)
    assert opened.task == saved.task
    assert opened.target == saved.target
    assert opened.preprocessing.to_json() == saved.preprocessing.to_json()


def test_what_was_opened_can_be_written_without_changing_the_files(
    dataset: Dataset, tmp_path: Path
) -> None:
    PreparedData.fit(dataset).save(tmp_path)
    opened = PreparedData.open(tmp_path)
    opened.train_X[:] = 0
    assert PreparedData.open(tmp_path).train_X.any()


def test_no_label_of_the_test_split_is_in_the_folder(dataset: Dataset, tmp_path: Path) -> None:
    PreparedData.fit(dataset).save(tmp_path)
    assert dataset.test.reads == 0
    files = sorted(file.name for file in tmp_path.iterdir())
    assert files == sorted([*(f"{name}.npy" for name in ARRAYS), "prepared.json"])
    labels = dataset.test.unlock().tobytes()
    assert not any(labels in file.read_bytes() for file in tmp_path.iterdir())


def test_no_label_of_the_test_split_is_in_what_workers_get(dataset: Dataset) -> None:
    prepared = PreparedData.fit(dataset)
    assert not hasattr(prepared, "test_y")
    assert dataset.test.reads == 0


def test_a_store_makes_a_variant_once(dataset: Dataset, tmp_path: Path) -> None:
    store = PreparedStore(dataset)
    assert store.get(DEFAULT) is store.get(DEFAULT)
    path = store.save(DEFAULT, tmp_path)
    written = (path / "train_X.npy").stat().st_mtime_ns
    assert store.save(DEFAULT, tmp_path) == path
    assert (path / "train_X.npy").stat().st_mtime_ns == written
    opened, here = PreparedData.open(path), PreparedData.fit(dataset)
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(opened, name), getattr(here, name))


def test_every_fold_is_prepared_from_its_own_rows(tmp_path: Path) -> None:
    dataset = load("iris")
    other = replace(dataset, train=dataset.valid, valid=dataset.train)
    store = PreparedStore(dataset, other)
    opened = PreparedData.open(store.save(Variant(fold=1), tmp_path))
    np.testing.assert_array_equal(opened.train_y, dataset.valid.y)
    np.testing.assert_allclose(opened.train_X.mean(axis=0), 0, atol=1e-5)
    plain = PreparedData.open(store.save(DEFAULT, tmp_path))
    np.testing.assert_array_equal(plain.train_y, dataset.train.y)


@pytest.fixture
def table() -> Dataset:
    return build("made", "vector", make_table_raw("binary"))


def variant(numeric: str = "standard", embed_above: int = 20, **more: Any) -> Variant:
    return Variant(PreprocessingSettings(numeric, embed_above), **more)


def test_each_variant_is_what_its_settings_make_of_the_training_rows(table: Dataset) -> None:
    store = PreparedStore(table)
    for chosen in (variant(), variant("quantile", 4), variant("none", 3), BASELINE):
        expected = TablePreprocessing.fit(
            table.train.X, COLUMNS, chosen.settings, one_hot_only=chosen.one_hot_only
        )
        data = store.get(chosen)
        np.testing.assert_array_equal(data.train_X, expected.transform(table.train.X))
        np.testing.assert_array_equal(data.test_X, expected.transform(table.test.X))
        assert data.preprocessing.inputs == expected.inputs
        assert store.fitted(chosen).preprocessing.inputs == expected.inputs
    assert not store.get(BASELINE).preprocessing.inputs.categories


def test_variants_share_files_where_they_are_alike(table: Dataset, tmp_path: Path) -> None:
    store = PreparedStore(table)
    first = store.save(variant(embed_above=4), tmp_path)
    assert store.save(variant(embed_above=30), tmp_path) == first, "no column has 5 to 30"
    assert store.save(variant(embed_above=40), tmp_path) != first
    assert store.save(BASELINE, tmp_path) == store.save(variant(embed_above=100), tmp_path)
    assert len(list(tmp_path.rglob("train_X.npy"))) == 2
    assert len(list(tmp_path.rglob("train_y.npy"))) == 1, "targets are the same in all"
    again = PreparedData.open(store.save(variant(embed_above=40), tmp_path))
    np.testing.assert_array_equal(again.train_y, table.train.y)


@pytest.mark.parametrize("name", ["iris", "digits"])
def test_without_columns_there_is_one_variant_unless_numbers_are_ranked_or_left(
    name: str, tmp_path: Path
) -> None:
    dataset = load(name)
    store = PreparedStore(dataset)
    paths = {store.save(variant(embed_above=n), tmp_path) for n in (1, 20, 1000)}
    paths |= {store.save(BASELINE, tmp_path), store.save(DEFAULT, tmp_path)}
    assert len(paths) == 1
    ranked = PreparedData.open(store.save(variant("quantile"), tmp_path))
    same = ranked.train_X.tobytes() == store.get(DEFAULT).train_X.tobytes()
    assert same == (dataset.kind == "image")


@pytest.mark.parametrize("numeric", ["standard", "quantile", "none"])
def test_only_training_rows_decide(table: Dataset, numeric: str) -> None:
    other = np.random.RandomState(5).uniform(0, 2, table.valid.X.shape)
    changed = replace(
        table,
        valid=replace(table.valid, X=other),
        test=LockedSplit(other, table.valid.y),
    )
    for embed_above in (3, 20):
        one, two = (
            PreparedStore(dataset).fitted(variant(numeric, embed_above)).preprocessing.to_json()
            for dataset in (table, changed)
        )
        assert one == two


def test_a_plain_array_that_lacks_a_value_is_a_table_of_numbers() -> None:
    X = np.random.RandomState(0).normal(size=(40, 3))
    y = X[:, 0].copy()
    X[4, 1] = np.nan
    data = PreparedData.fit(build("made", "vector", Raw(X, y)))
    widths = {part.shape[1] for part in (data.train_X, data.valid_X, data.test_X)}
    assert widths <= {3, 4}
    assert len(widths) == 1
    assert all(np.isfinite(part).all() for part in (data.train_X, data.valid_X, data.test_X))
