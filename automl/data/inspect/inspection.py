"""What a data set looks like before anything is trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from automl.arrays import Array
from automl.data.build import build
from automl.data.dataset import Dataset
from automl.data.inspect.suspicions import advice_on, duplicates, remarks_of
from automl.data.load import check, is_path, label, load_raw
from automl.data.names import OPENML
from automl.data.options import DataOptions
from automl.data.raw import Raw
from automl.data.schema import Column, number_columns
from automl.data.sequences import find_lengths
from automl.data.stored_rows import join
from automl.number_text import format_apart
from automl.task import label_text

SHOWN = 3
"""Categories of a column that are named."""


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """One feature.

    Attributes
    ----------
    name, kind : str
    missing, distinct : int
        Rows without a value, and different values.
    values : str
        The range of numbers or dates, or the most frequent categories.
    remarks : tuple of str
        What is suspicious, or will be done about it.
    """

    name: str
    kind: str
    missing: int
    distinct: int
    values: str
    remarks: tuple[str, ...]

    @property
    def advice(self) -> tuple[str, ...]:
        """What to do about each remark."""
        return tuple(advice_on(remark) for remark in self.remarks)


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was seen.

    Attributes
    ----------
    name : str
    rows : int
        All rows that can be used.
    shape : tuple of int
        Shape of one row.
    columns : tuple of ColumnFacts
        Empty for images.
    dataset : Dataset or None
        With task and split; None while a table's target is not named.
    why : str
        How the task was recognised.
    balance : dict of str to int
        Rows of each class; empty for a regression.
    ranges : dict of str to str
        Range of each target of a regression.
    split : str
        How the rows were split.
    by_column : bool
        Whether a group or the time decided on it.
    duplicates : tuple of int
        As `automl.data.inspect.suspicions.duplicates` gives them.
    notes : tuple of str
        What was assumed or left out.
    lengths : tuple of float
        Shortest, median and longest of sequences; empty for other rows.
    """

    name: str
    rows: int
    shape: tuple[int, ...]
    columns: tuple[ColumnFacts, ...]
    dataset: Dataset | None
    why: str
    balance: dict[str, int]
    ranges: dict[str, str]
    split: str
    by_column: bool
    duplicates: tuple[int, int, int]
    notes: tuple[str, ...]
    lengths: tuple[float, ...] = ()


def inspect(name: str, options: DataOptions, *, download: bool = False) -> Inspection:
    """Look at a data set.

    Parameters
    ----------
    name, options, download
        As in `automl.data.load`.

    Raises
    ------
    AutomlError
        When it cannot be used; see `automl.data.load`.
    """
    check(name, options)
    if not options.target and is_path(name) and _is_table(Path(name)):
        return _without_target(Path(name), options)
    kind, raw = load_raw(name, download=download, options=options)
    dataset = build(label(name), kind, raw)
    X = raw.X if raw.test_X is None else join(raw.X, raw.test_X)
    return Inspection(
        dataset.name,
        len(X),
        tuple(X.shape[1:]),
        _columns(np.asarray(X), raw.columns, dataset) if kind == "vector" else (),
        dataset,
        raw.why or "as published",
        _balance(raw),
        _ranges(raw),
        _split(name, raw, options),
        raw.groups is not None or raw.times is not None,
        duplicates(dataset) if raw.windows is None else (0, 0, 0),
        dataset.notes,
        _lengths(np.asarray(X)) if kind == "sequence" else (),
    )


def _lengths(X: Array) -> tuple[float, ...]:
    lengths = find_lengths(X)
    return float(lengths.min()), float(np.median(lengths)), float(lengths.max())


def _is_table(path: Path) -> bool:
    from automl.data.formats.sniff import file_kind

    return path.is_file() and file_kind(path) in ("text", "parquet")


def _without_target(path: Path, options: DataOptions) -> Inspection:
    """Only the columns of a table, for whoever wants to see what could be the target."""
    from automl.data.options import find_columns
    from automl.data.read.table.encode import encode
    from automl.data.read.table.file import read_table
    from automl.data.read.table.infer import column_names, infer_columns
    from automl.data.read.table.notes import describe_reading

    table = read_table(path, options=options)
    if table.number_format and options.decimal is None:
        options = replace(options, decimal=table.number_format)
    names = column_names(table.frame)
    dropped = find_columns(options.drop, names)
    frame = table.frame.set_axis(names, axis=1).drop(columns=dropped)
    columns = infer_columns(frame, options, table.number_format)
    notes = [*table.notes, *describe_reading(frame, columns)]
    X = encode(frame, columns)
    facts = tuple(_facts(X[:, i], column, None, i) for i, column in enumerate(columns))
    shape = (len(columns),)
    named = label(str(path))
    return Inspection(
        named, len(X), shape, facts, None, "", {}, {}, "", False, (0, 0, 0), tuple(notes)
    )


def _columns(X: Array, columns: Sequence[Column], dataset: Dataset) -> tuple[ColumnFacts, ...]:
    columns = columns or number_columns(X.shape[1])
    return tuple(_facts(X[:, i], column, dataset, i) for i, column in enumerate(columns))


def _facts(values: Array, column: Column, dataset: Dataset | None, place: int) -> ColumnFacts:
    values = values.astype(np.float64)
    present = values[~np.isnan(values)]
    distinct, counts = np.unique(present, return_counts=True)
    return ColumnFacts(
        column.name,
        column.kind,
        len(values) - len(present),
        len(distinct),
        _described(column, distinct, counts),
        remarks_of(values, column, dataset, place),
    )


def _described(column: Column, distinct: Array, counts: Array) -> str:
    """Describe the range of a column, or its most frequent values."""
    if not len(distinct):
        return ""
    if column.kind == "number":
        return " to ".join(format_apart([distinct[0], distinct[-1]], 6))
    if column.kind == "date":
        return f"{_date(distinct[0])} to {_date(distinct[-1])}"
    names = column.categories or ("no", "yes")
    order = np.argsort(-counts, kind="stable")[:SHOWN]
    shown = [f"{names[int(distinct[i])]:.30} ({counts[i]:,})" for i in order]
    return ", ".join(shown) + (", ..." if len(distinct) > SHOWN else "")


def _date(seconds: float) -> str:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=float(seconds))
    return moment.strftime("%Y-%m-%d" if seconds % 86_400 == 0 else "%Y-%m-%d %H:%M")


def _balance(raw: Raw) -> dict[str, int]:
    """Rows of each class; those of a test split that was given stay closed."""
    if not raw.classes:
        return {}
    counts = np.bincount(raw.y, minlength=len(raw.classes)).tolist()
    return {label_text(label): n for label, n in zip(raw.classes, counts, strict=True)}


def _ranges(raw: Raw) -> dict[str, str]:
    if raw.classes or raw.windows is not None:
        return {}
    y = raw.y.reshape(len(raw.y), -1)
    names = raw.targets or tuple(f"target {i + 1}" for i in range(y.shape[1]))
    return {name: _range(column) for name, column in zip(names, y.T, strict=True)}


def _range(column: Array) -> str:
    low, high, mean = format_apart([column.min(), column.max(), column.mean()], 6)
    return f"{low} to {high}, mean {mean}"


def _split(name: str, raw: Raw, options: DataOptions) -> str:
    if raw.windows is not None:
        return f"by the time in {options.time!r}: the last part of every series tests"
    if raw.validates is not None:
        return f"validation {'split' if raw.test_X is None else 'and test splits'}: given"
    if raw.test_X is not None:
        own = is_path(name) or name.startswith(OPENML)
        return f"test split: {options.test_data or ('given' if own else 'official')}"
    if raw.groups is not None:
        return f"by the groups of {options.group!r}"
    if raw.times is not None:
        return f"by the time in {options.time!r}: the latest rows test"
    return "stratified by class" if raw.classes else "at random, always the same"
