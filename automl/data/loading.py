"""From a name to a `Dataset`: the source's values, checked, with the fixed split."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from automl.data.columns import number_columns
from automl.data.dataset import Array, Dataset, LockedSplit, Split, fingerprint
from automl.data.sources import SOURCES, Raw
from automl.data.split import split_rows
from automl.errors import DataError
from automl.plugins import canonical_name
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


def load(name: str, *, download: bool = False) -> Dataset:
    """Load a data set by name, always with the same split.

    An official test split is kept, and a sixth of the official training rows validates; any
    other data set is split 60/20/20. Classes are stratified.

    Parameters
    ----------
    name : str
        One of ``SOURCES.names()``.
    download : bool
        Whether missing files may be fetched from where they are published.

    Raises
    ------
    UnknownNameError
        When there is no such data set; the message lists the known ones.
    DataError
        When its files are missing, truncated or altered, or its values cannot be used.
    """
    source = SOURCES.get(name)
    return build(canonical_name(name), source.kind, source.load(download=download))


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
    parts = split_rows(
        y,
        _FRACTIONS_BESIDE_TEST if official else _FRACTIONS,
        seed=SPLIT_SEED,
        stratify=bool(raw.classes),
    )
    train, valid = (Split(raw.X[rows], y[rows]) for rows in parts[:2])
    if raw.test_X is not None and raw.test_y is not None:
        test_X, test_y = raw.test_X, _targets(name, raw.test_X, raw.test_y, raw.classes)
    else:
        test_X, test_y = raw.X[parts[2]], y[parts[2]]
    return Dataset(
        name,
        Task.classification(raw.classes) if raw.classes else Task("regression"),
        kind,
        train,
        valid,
        LockedSplit(test_X, test_y),
        fingerprint(train.X, train.y, valid.X, valid.y, test_X, test_y),
        raw.columns or (number_columns(raw.X.shape[1]) if has_missing else ()),
    )


def _has_missing(name: str, kind: InputKind, X: Array) -> bool:
    """Whether a vector lacks a value; any other that is not finite is refused."""
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
        if y.shape[1] != 1 or not np.isfinite(y).all():
            raise DataError(f"data set {name!r} must have one finite target a row")
        return y[:, 0]
    if y.ndim != 1 or y.dtype.kind not in "iu" or y.min() < 0 or y.max() >= len(classes):
        raise DataError(
            f"labels of data set {name!r} must be whole numbers from 0 to {len(classes) - 1}"
        )
    return y.astype(np.int64)
