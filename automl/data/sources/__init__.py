"""The contract of a data source: one file here is one ``--dataset`` name.

`automl.data.load` calls `Source.load` once, in the parent process, and makes the split;
``automl datasets`` reads the other attributes without loading anything.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from automl.data.raw import Raw
from automl.registry import Registry
from automl.task import InputKind, TaskKind


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
        """Return whether `load` works without a network."""
        return True


SOURCES: Registry[Source] = Registry("automl.data.sources", "SOURCE", "data set")
