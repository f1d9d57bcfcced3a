"""The contract of a data source: one file here is one ``--dataset`` name.

`automl.data.load` calls `Source.load` once, in the parent process, and makes the split;
``automl datasets`` reads the other attributes without loading anything.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

from numpy.typing import NDArray

from automl.data.columns import Column, LongForm
from automl.plugins import Registry
from automl.task import InputKind, TaskKind

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Raw:
    """What a source holds, before any split.

    Attributes
    ----------
    X : array of shape (rows, features), (rows, height, width) or (rows, steps, features)
        Behind the end of a sequence that is shorter than others there is NaN.
    y : array of shape (rows,) or (rows, targets)
        Class codes 0, 1, ... or numbers.
    classes : tuple of int or str
        The label of each code; empty for regression.
    test_X, test_y : array, optional
        The official test split, when there is one.
    columns : tuple of Column
        For a table, whose `X` is written as `Column` says; empty for plain arrays.
    targets : tuple of str
        Names of what is predicted; empty for a data set that is known by name.
    left_out : tuple of str
        Columns of the table that are no features.
    groups : int64 array of shape (rows,), optional
        Rows of one number stay together when the rows are split.
    times : float64 array of shape (rows,), optional
        The latest rows are the test split, and those before them validate.
    notes : tuple of str
        What was assumed or left out, a sentence each.
    why : str
        What the task was told by.
    long : LongForm or None
        Of sequences that were lines of a table.
    """

    X: Array
    y: Array
    classes: tuple[int | str, ...] = ()
    test_X: Array | None = None
    test_y: Array | None = None
    columns: tuple[Column, ...] = ()
    targets: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    groups: Array | None = None
    times: Array | None = None
    notes: tuple[str, ...] = ()
    why: str = ""
    long: LongForm | None = None


class Source(ABC):
    """A data set known by name. A file assigns an instance to ``SOURCE``.

    Attributes
    ----------
    rows : int
        All rows, the test split included.
    shape : tuple of int
        Shape of one row.
    kind : {"vector", "image", "sequence"}
    task : {"binary", "multiclass", "regression"}
    about : str
        One line: what it is, where it comes from, its licence.
    """

    rows: ClassVar[int]
    shape: ClassVar[tuple[int, ...]]
    kind: ClassVar[InputKind]
    task: ClassVar[TaskKind]
    about: ClassVar[str]

    @abstractmethod
    def load(self, *, download: bool = False) -> Raw:
        """Read the values.

        Parameters
        ----------
        download : bool
            Whether a missing file may be fetched from its published address.

        Raises
        ------
        DataError
            When a file is missing, truncated or altered; the message says what to put where.
        """

    def on_disk(self) -> bool:
        """Whether `load` works without a network."""
        return True


SOURCES: Registry[Source] = Registry("automl.data.sources", "SOURCE", "data set")
