"""From a name to a `Dataset`: the source's values, checked, with the fixed split."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from automl.data.column_split import split_groups, split_times
from automl.data.columns import number_columns
from automl.data.dataset import Array, Dataset, LockedSplit, Split, fingerprint
from automl.data.options import NO_OPTIONS, DataOptions
from automl.data.sequences import find_lengths
from automl.data.sources import SOURCES, Raw
from automl.data.split import Rows, split_rows
from automl.errors import DataError
from automl.plugins import canonical_name
from automl.studies import IN_MEMORY, OPENML, default_name
from automl.task import InputKind, Task, TaskKind

SPLIT_SEED = 0
"""Seed of every split. It is not the study's: a data set comes with one split, so that studies
with different seeds are scored on the same rows."""

_FRACTIONS = (0.6, 0.2, 0.2)
_FRACTIONS_BESIDE_TEST = (5 / 6, 1 / 6)  # MNIST's customary 50,000 and 10,000 of 60,000


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What ``automl datasets`` shows of one source, known without loading it.

    Attributes
    ----------
    name : str
    rows : int
        All rows, the test split included.
    shape : tuple of int
        Shape of one row.
    task : {"binary", "multiclass", "regression"}
    on_disk : bool
        Whether it loads without a network.
    about : str
        One line: what it is, where it comes from, its licence.
    """

    name: str
    rows: int
    shape: tuple[int, ...]
    task: TaskKind
    on_disk: bool
    about: str


def describe() -> list[SourceInfo]:
    """Every known data set, by name."""
    return [_info(name) for name in SOURCES.names()]


def _info(name: str) -> SourceInfo:
    source = SOURCES.get(name)
    return SourceInfo(name, source.rows, source.shape, source.task, source.on_disk(), source.about)


def load(name: str, *, download: bool = False, options: DataOptions = NO_OPTIONS) -> Dataset:
    """Load a data set, always with the same split.

    An official test split is kept, and a sixth of the official training rows validates; any
    other data set is split 60/20/20. Classes are stratified.

    Parameters
    ----------
    name : str
        One of ``SOURCES.names()``, ``openml:ID``, or the path of a file or a folder.
    download : bool
        Whether missing files may be fetched from where they are published.
    options : DataOptions
        For data of the user's own.

    Raises
    ------
    UnknownNameError
        When there is no such data set; the message lists the known ones.
    ConfigError
        When an option does not fit the data.
    DataError
        When its files are missing, truncated or altered, or its values cannot be used.
    """
    return build(label(name), *load_raw(name, download=download, options=options))


def label(name: str) -> str:
    """What a data set is called: its name, or the last part of its path."""
    known = canonical_name(name)
    return known if known in SOURCES.names() else default_name(name)


def load_raw(name: str, *, download: bool, options: DataOptions) -> tuple[InputKind, Raw]:
    """The values of a data set before they are split; see `load`."""
    check(name, options)
    if name.startswith(OPENML):
        from automl.data.openml import load_openml

        return "vector", load_openml(name, options, download=download)
    if is_path(name):
        from automl.data.own_files import load_path

        return load_path(Path(name), options)
    source = SOURCES.get(name)
    return source.kind, source.load(download=download)


def load_again(config: Mapping[str, Any]) -> Dataset:
    """Load what an earlier search was made on.

    Parameters
    ----------
    config : mapping
        The options of that search, as the study keeps them.
    """
    return load(config["dataset"], options=DataOptions.of(config))


def check(name: str, options: DataOptions) -> None:
    """Refuse at once what cannot be loaded: an unknown name, a missing file, a wrong option.

    Raises
    ------
    UnknownNameError, ConfigError, DataError
        See `load`.
    """
    if name == IN_MEMORY:
        raise DataError(
            "this data was in the memory of a Python program, which only automl.search(X, y) has;"
            " save it with numpy.savez(FILE, X=X, y=y) to search it from anywhere"
        )
    if name.startswith(OPENML) or is_path(name):
        return
    SOURCES.get(name)
    options.refuse_all(f"is for data of your own, and {name!r} has its own target and split")


def is_path(name: str) -> bool:
    """Whether a name is a path. A known name stays what it is; ``./iris`` is the file."""
    if canonical_name(name) in SOURCES.names():
        return False
    path = Path(name)
    if path.exists():
        return True
    if path.suffix or "/" in name or os.sep in name:
        raise DataError(f"unknown data set {name!r}: there is no such file or folder")
    return False


def build(name: str, kind: InputKind, raw: Raw) -> Dataset:
    """Make a `Dataset` of raw values: check them, and split them as `load` says.

    Raises
    ------
    DataError
        When a value is infinite, or missing in what is no vector, rows and labels differ in
        number, a label is no class code, or there are too few rows or classes to split.
    """
    official = raw.test_X is not None and raw.test_y is not None
    y = _targets(name, raw.X, raw.y, raw.classes)
    has_missing = _has_missing(name, kind, raw.X)
    if raw.test_X is not None:
        has_missing |= _has_missing(name, kind, raw.test_X)
    parts = _split(raw, y, _FRACTIONS_BESIDE_TEST if official else _FRACTIONS)
    train, valid = (Split(raw.X[rows], y[rows]) for rows in parts[:2])
    if raw.test_X is not None and raw.test_y is not None:
        test_X, test_y = raw.test_X, _targets(name, raw.test_X, raw.test_y, raw.classes)
    else:
        test_X, test_y = raw.X[parts[2]], y[parts[2]]
    n_targets = 1 if y.ndim == 1 else y.shape[1]
    return Dataset(
        name,
        Task.classification(raw.classes) if raw.classes else Task("regression", (), n_targets),
        kind,
        train,
        valid,
        LockedSplit(test_X, test_y),
        fingerprint(train.X, train.y, valid.X, valid.y, test_X, test_y, text=_schema_text(raw)),
        raw.columns or (number_columns(raw.X.shape[1]) if has_missing else ()),
        raw.targets,
        raw.left_out,
        raw.notes,
        raw.long,
    )


def _split(raw: Raw, y: Array, fractions: Sequence[float]) -> tuple[Rows, ...]:
    stratify = bool(raw.classes)
    if raw.groups is not None:
        return split_groups(y, raw.groups, fractions, seed=SPLIT_SEED, stratify=stratify)
    if raw.times is not None:
        return split_times(raw.times, fractions, seed=SPLIT_SEED)
    return split_rows(y, fractions, seed=SPLIT_SEED, stratify=stratify)


def _schema_text(raw: Raw) -> str:
    """What the numbers stand for. Data sets known by name stand for themselves."""
    if not raw.targets:
        return ""
    columns = [column.to_json() for column in raw.columns]
    long = [] if raw.long is None else [raw.long.to_json()]
    return json.dumps([columns, raw.classes, raw.targets, *long])


def _has_missing(name: str, kind: InputKind, X: Array) -> bool:
    """Whether a vector lacks a value; any other that is not finite is refused."""
    if kind == "sequence":
        find_lengths(X)
        return False
    if np.isfinite(X).all():
        return False
    if kind != "vector" or np.isinf(X).any():
        rule = "finite or missing (NaN)" if kind == "vector" else "finite"
        what = "infinity" if kind == "vector" else "NaN or infinity"
        raise DataError(f"every value must be {rule}, but data set {name!r} has {what}")
    return True


def _targets(name: str, X: Array, y: Array, classes: tuple[int | str, ...]) -> Array:
    """The targets as `Split` wants them, once they and the values have been checked."""
    if len(X) != len(y) or not len(X):
        got = f"{len(X)} rows and {len(y)} labels"
        raise DataError(f"data set {name!r} must have rows, and a label for each, but has {got}")
    if not classes:
        y = np.asarray(y, dtype=np.float32).reshape(len(y), -1)
        if not y.shape[1] or not np.isfinite(y).all():
            raise DataError(f"data set {name!r} must have finite targets in every row")
        return y[:, 0] if y.shape[1] == 1 else y
    if y.ndim != 1 or y.dtype.kind not in "iu" or y.min() < 0 or y.max() >= len(classes):
        raise DataError(
            f"labels of data set {name!r} must be whole numbers from 0 to {len(classes) - 1}"
        )
    return y.astype(np.int64)
