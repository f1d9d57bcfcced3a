"""Batches of pictures of a file: what a network sees is what it would see of rows in memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from automl.data.preprocess.standardise import Preprocessing
from automl.data.stored_rows import StoredRows, blocks, join, limits, take
from automl.training.picture_batches import BLOCK_ROWS, MIXED_BLOCKS, PictureBatches, block_order


@pytest.fixture
def rows(tmp_path: Path) -> np.ndarray:
    found = np.random.RandomState(0).randint(0, 256, (20, 3, 4, 5)).astype(np.uint8)
    (tmp_path / "rows.bin").write_bytes(found.tobytes())
    return found


@pytest.fixture
def stored(rows: np.ndarray, tmp_path: Path) -> StoredRows:
    """Return the rows of the file from the last to the first."""
    return StoredRows(tmp_path / "rows.bin", rows.dtype, rows.shape[1:], np.arange(20)[::-1])


def test_rows_are_chosen_and_joined_without_being_read(
    rows: np.ndarray, stored: StoredRows
) -> None:
    both = join(take(stored, slice(5)), take(stored, np.array([19, 3])))
    assert isinstance(both, StoredRows)
    assert both.shape == (7, 3, 4, 5)
    np.testing.assert_array_equal(np.asarray(both), rows[::-1][[0, 1, 2, 3, 4, 19, 3]])
    np.testing.assert_array_equal(stored[2], rows[17])
    assert limits(both) == (np.asarray(both).min(), np.asarray(both).max())
    np.testing.assert_array_equal(np.concatenate(list(blocks(stored))), rows[::-1])


@pytest.mark.parametrize("held", [False, True])
def test_a_batch_is_that_of_rows_in_memory(
    rows: np.ndarray, stored: StoredRows, held: bool
) -> None:
    preprocessing = Preprocessing.fit(stored, "image")
    batches = PictureBatches(stored, preprocessing, torch.device("cpu"))
    if held:
        batches.hold()
    expected = torch.as_tensor(preprocessing.transform(rows[::-1]))
    index = torch.tensor([3, 3, 19, 0])
    torch.testing.assert_close(batches.index_select(0, index), expected[index])
    torch.testing.assert_close(torch.cat(list(batches.split(7))), expected)
    torch.testing.assert_close(torch.cat(list(batches[index].split(3))), expected[index])
    torch.testing.assert_close(batches[::3].sample(4), expected[::3][[0, 2, 4, 6]])
    order = batches.shuffled(torch.Generator().manual_seed(0))
    assert sorted(order.tolist()) == list(range(20))


def test_a_file_larger_than_memory_is_read_in_blocks() -> None:
    places = torch.randperm(10_240, generator=torch.Generator().manual_seed(0))
    order = block_order(places, torch.Generator().manual_seed(1))
    assert sorted(order.tolist()) == list(range(10_240))
    at_once = places[order[: BLOCK_ROWS * MIXED_BLOCKS]]
    assert len(torch.unique(at_once // BLOCK_ROWS)) == MIXED_BLOCKS
    other = block_order(places, torch.Generator().manual_seed(2))
    assert (order != other).any()
