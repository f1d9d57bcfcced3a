"""`Dataset`: arrays, the task, and a fixed split into train, validation and test."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import numpy as np

from automl.arrays import Array
from automl.data.formats.pictures import PictureForm
from automl.data.schema import USUAL_FORM, Column, LongForm, TableForm
from automl.data.sequences import is_padded
from automl.data.series.form import Windows
from automl.data.stored_rows import AnyRows, blocks, join
from automl.task import InputKind, Task


@dataclass(frozen=True, slots=True)
class Split:
    """Rows with their targets.

    Attributes
    ----------
    X : array of shape (rows, ...)
        Raw values as the source has them: ``(rows, features)``, ``(rows, height, width)``, or
        ``(rows, steps, features)`` with NaN behind the end of a sequence. Many pictures are
        `StoredRows`, in a file.
    y : array of shape (rows,) or (rows, targets)
        int64 class codes, or float64 numbers for regression.
    """

    X: AnyRows
    y: Array

    def __len__(self) -> int:
        return len(self.X)

    @property
    def n_classes(self) -> int:
        """How many classes have rows here."""
        return len(np.unique(self.y))


class LockedSplit:
    """The test split: rows in the open, labels behind a lock that counts.

    Parameters
    ----------
    X, y : array
        As in `Split`.

    Attributes
    ----------
    reads : int
        How often the labels were read through this object.
    """

    def __init__(self, X: AnyRows, y: Array) -> None:
        self.X = X
        self._y = y
        self.reads = 0

    def __len__(self) -> int:
        return len(self.X)

    @property
    def n_classes(self) -> int:
        """How many classes have rows here, which tells nothing of any row."""
        return len(np.unique(self._y))

    def unlock(self) -> Array:
        """Read the labels. Called once a search, after every choice has been made."""
        self.reads += 1
        return self._y


@dataclass(frozen=True, slots=True)
class Dataset:
    """Everything a search knows of the data.

    Attributes
    ----------
    name : str
    task : Task
    kind : {"vector", "image", "sequence"}
        How a row is laid out.
    train, valid : Split
    test : LockedSplit
    fingerprint : str
        SHA-256 over the values, the labels and the split, in hexadecimal.
    columns : tuple of Column
        What the columns of a table hold; empty for plain arrays.
    targets : tuple of str
        Names of what is predicted; empty for a data set that is known by name.
    left_out : tuple of str
        Columns of the table that are no features.
    notes : tuple of str
        What was assumed or left out when the data was read, a sentence each.
    long : LongForm or None
        Form of a table whose lines were the steps of sequences.
    pictures : PictureForm or None
        What the files of pictures were brought to.
    has_own_valid : bool
        Whether the validation rows came as such, and were not drawn.
    form : TableForm
        How files with rows of this table are to be read.
    why : str
        What the task was told by; empty for a data set that is known by name.
    windows : Windows or None
        Where the rows of a forecast come from, those of training and then of validation.
    """

    name: str
    task: Task
    kind: InputKind
    train: Split
    valid: Split
    test: LockedSplit
    fingerprint: str
    columns: tuple[Column, ...] = ()
    targets: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    long: LongForm | None = None
    pictures: PictureForm | None = None
    has_own_valid: bool = False
    form: TableForm = USUAL_FORM
    why: str = ""
    windows: Windows | None = None

    @property
    def is_padded(self) -> bool:
        """Whether its rows are sequences of which some are shorter than others."""
        parts = (self.train.X, self.valid.X, self.test.X)
        return self.kind == "sequence" and any(is_padded(np.asarray(X)) for X in parts)

    @property
    def blocks(self) -> Array | None:
        """The block of each test row, of those of a forecast; see `Windows`."""
        return None if self.windows is None else self.windows.blocks

    def with_all_rows(self) -> Dataset:
        """Return the same data with the validation rows among the training rows.

        For a training that validates nothing: scores on `valid` are scores on rows it has seen.
        """
        both = Split(
            join(self.train.X, self.valid.X),
            np.concatenate([self.train.y, self.valid.y]),
        )
        return replace(self, train=both)


def fingerprint(*arrays: AnyRows, text: str = "") -> str:
    """SHA-256 over `text` and dtype, shape and bytes of every array, in hexadecimal."""
    digest = hashlib.sha256(text.encode())
    for array in arrays:
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        for block in blocks(array):
            digest.update(np.ascontiguousarray(block).tobytes())
    return digest.hexdigest()
