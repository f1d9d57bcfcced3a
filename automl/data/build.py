"""From raw values to a `Dataset`: checked, and split."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np

from automl.arrays import Array
from automl.data.dataset import Dataset, LockedSplit, Split, fingerprint
from automl.data.labels import find_alike, former_label
from automl.data.raw import Raw
from automl.data.schema import number_columns
from automl.data.sequences import find_lengths
from automl.data.split.by_column import split_groups, split_times
from automl.data.split.random import Rows, split_rows
from automl.data.stored_rows import AnyRows, take
from automl.errors import DataError
from automl.task import InputKind, Label, Task

SPLIT_SEED = 0
"""Seed of every split. It is not the study's: a data set comes with one split, so that studies
with different seeds are scored on the same rows."""

MAX_ROUNDING = 1e-6
"""Share of a target's range that float32 may lose and still tell its numbers apart: it keeps 24
bits, so a target that begins at 0 loses 6e-8 at most."""

_FRACTIONS = (0.6, 0.2, 0.2)
_FRACTIONS_BESIDE_VALID = (0.8, 0.2)
_FRACTIONS_BESIDE_TEST = (5 / 6, 1 / 6)  # MNIST's customary 50,000 and 10,000 of 60,000


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
    parts = _split(raw, y, official=official)
    train, valid = (Split(take(raw.X, rows), y[rows]) for rows in parts[:2])
    if raw.test_X is not None and raw.test_y is not None:
        test_X, test_y = raw.test_X, _targets(name, raw.test_X, raw.test_y, raw.classes)
    else:
        test_X, test_y = take(raw.X, parts[2]), y[parts[2]]
    n_targets = 1 if y.ndim == 1 else y.shape[1]
    windows = raw.windows
    if windows is not None:
        rows = np.concatenate(parts[:2])
        windows = replace(windows, series=windows.series[rows], first=windows.first[rows])
    return Dataset(
        name,
        _task(raw, n_targets),
        kind,
        train,
        valid,
        LockedSplit(test_X, test_y),
        _fingerprint(raw, train, valid, Split(test_X, test_y)),
        raw.columns or (number_columns(raw.X.shape[1]) if has_missing else ()),
        raw.targets,
        raw.left_out,
        (*raw.notes, *_target_notes(raw)),
        raw.long,
        raw.pictures,
        raw.validates is not None,
        raw.form,
        raw.why,
        windows,
    )


def _task(raw: Raw, n_targets: int) -> Task:
    if raw.windows is not None:
        return Task("forecast", (), n_targets, raw.windows.form.season)
    return Task.classification(raw.classes) if raw.classes else Task("regression", (), n_targets)


def _fingerprint(raw: Raw, *parts: Split) -> str:
    """Return the fingerprint of the values, the labels and the split.

    Numbers are hashed as float32, as they were when networks and metrics saw no more of them; and
    as they are, too, where float32 does more than round them, so that no study of such data goes
    on with numbers that its trials have not seen.
    """
    text = _schema_text(raw)
    if raw.classes:
        return fingerprint(*(array for part in parts for array in (part.X, part.y)), text=text)
    exact = [part.y for part in parts]
    with np.errstate(over="ignore"):
        short = [y.astype(np.float32) for y in exact]
    spread = MAX_ROUNDING * np.ptp(np.concatenate(exact), axis=0)
    pairs = zip(exact, short, strict=True)
    is_rounding = all(bool((np.abs(y - rounded) <= spread).all()) for y, rounded in pairs)
    arrays: list[AnyRows] = [
        array for part, y in zip(parts, short, strict=True) for array in (part.X, y)
    ]
    return fingerprint(*arrays, *(() if is_rounding else exact), text=text)


def _split(raw: Raw, y: Array, *, official: bool) -> tuple[Rows, ...]:
    """Return the rows that train, those that validate and, unless `official`, those that test."""
    fractions = _FRACTIONS_BESIDE_TEST if official else _FRACTIONS
    stratify = bool(raw.classes)
    if raw.groups is not None:
        return split_groups(y, raw.groups, fractions, seed=SPLIT_SEED, stratify=stratify)
    if raw.times is not None:
        return split_times(raw.times, fractions, seed=SPLIT_SEED)
    if raw.validates is None:
        return split_rows(y, fractions, seed=SPLIT_SEED, stratify=stratify)
    order = np.random.RandomState(SPLIT_SEED).permutation(len(y)).astype(np.int64)
    left, valid = order[~raw.validates[order]], order[raw.validates[order]]
    if official:
        return left, valid
    train, test = split_rows(y[left], _FRACTIONS_BESIDE_VALID, seed=SPLIT_SEED, stratify=stratify)
    return left[train], valid, left[test]


def _schema_text(raw: Raw) -> str:
    """Describe what the numbers stand for; data sets known by name stand for themselves."""
    if not raw.targets:
        return ""
    columns = [column.to_json() for column in raw.columns]
    classes = [former_label(label) for label in raw.classes]
    long = [] if raw.long is None else [raw.long.to_json()]
    if raw.windows is not None:
        long.append(raw.windows.form.to_json())
    return json.dumps([columns, classes, raw.targets, *long])


def _has_missing(name: str, kind: InputKind, X: AnyRows) -> bool:
    """Return whether a vector lacks a value; refuse any other that is not finite."""
    if X.dtype.kind in "bui":
        return False
    X = np.asarray(X)
    if kind == "sequence":
        find_lengths(X)
        return False
    if np.isfinite(X).all():
        return False
    if kind != "vector" or np.isinf(X).any():
        rule = "finite or missing (NaN)" if kind == "vector" else "finite"
        wrong = np.isinf(X) if kind == "vector" else ~np.isfinite(X)
        first = np.argwhere(wrong)[0].tolist()
        raise DataError(
            f"every value must be {rule}, but data set {name!r} has {X[tuple(first)]} at X{first}"
            f" (counted from 0){_and_more(wrong)}"
        )
    return True


def _and_more(wrong: Array) -> str:
    more = int(wrong.sum()) - 1
    return f", and {more:,} more" if more else ""


def _target_notes(raw: Raw) -> tuple[str, ...]:
    """Say what a person could have meant otherwise with the targets."""
    name = " and ".join(raw.targets[:3]) or "the target"
    if alike := find_alike(raw.classes):
        return (f"{name} has {alike}, which are different classes",)
    if not raw.classes and raw.y.ndim == 2 and np.isin(raw.y, (0, 1)).all():
        return (
            f"{name} are 0 or 1 in every row, and are learned as numbers: classes of which a row"
            " may have several are not supported",
        )
    return ()


def _targets(name: str, X: AnyRows, y: Array, classes: tuple[Label, ...]) -> Array:
    """Return the targets as `Split` wants them, once they and the values have been checked."""
    if len(X) != len(y) or not len(X):
        got = f"{len(X)} rows and {len(y)} labels"
        raise DataError(f"data set {name!r} must have rows, and a label for each, but has {got}")
    if not classes:
        y = np.asarray(y, dtype=np.float64).reshape(len(y), -1)
        if not y.shape[1] or not np.isfinite(y).all():
            raise DataError(f"data set {name!r} must have finite targets in every row")
        return y[:, 0] if y.shape[1] == 1 else y
    if y.ndim != 1 or y.dtype.kind not in "iu" or y.min() < 0 or y.max() >= len(classes):
        raise DataError(
            f"labels of data set {name!r} must be whole numbers from 0 to {len(classes) - 1}"
        )
    return y.astype(np.int64)
