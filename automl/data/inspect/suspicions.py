"""What is suspicious about a data set: identifiers, giveaways, and rows on both sides."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np

from automl.arrays import Array
from automl.data.dataset import Dataset
from automl.data.schema import Column
from automl.data.stored_rows import AnyRows, StoredRows, blocks

GIVEAWAY = 0.98
"""A column that alone explains this share of the target gives it away, most likely."""

MIN_ROWS = 20
"""In fewer rows, any column can be different in every row, or tell the target, by chance."""

_MOST_ROWS = 5_000  # enough to tell 98 % from less


_ADVICE = {
    "constant": "has one value only, and is left out by the preprocessing",
    "empty": "has no value, and is left out by the preprocessing",
    "looks like an identifier": "is different in every row; --drop it if it only numbers them",
    "gives the target away": "predicts the target almost alone; --drop it if it is not known when"
    " you predict",
    "may mean a missing value": "has {}, far from all others; if that stands for a missing value:"
    " --missing=VALUE",
    "may be dates": "has {}, which may be dates; if they are: --date-format %Y%m%d",
}


def advice_on(remark: str) -> str:
    """Say what to do about a remark on a column, to be read behind its name."""
    what, _, detail = remark.partition(" (")
    return _ADVICE[what].replace("{}", detail.removesuffix(")"))


def remarks_of(
    values: Array, column: Column, dataset: Dataset | None, place: int
) -> tuple[str, ...]:
    """Return what is suspicious about a column.

    Parameters
    ----------
    values : float64 array of shape (rows,)
        As `Column` says.
    column : Column
    dataset : Dataset or None
        With the target, if that is known.
    place : int
        Place of the column in its rows.
    """
    values = values.astype(np.float64)
    distinct = np.unique(values[~np.isnan(values)])
    if len(distinct) < 2:
        return ("constant" if len(distinct) else "empty",)
    found = []
    if column.kind == "number" and is_identifier(values):
        found.append("looks like an identifier")
    if column.kind == "number":
        found += [
            f"may mean a missing value ({said})" for said in _nines(values[~np.isnan(values)])
        ]
        if _are_days(distinct):
            found.append(f"may be dates ({int(distinct[0])})")
    if dataset is not None:
        share = giveaway(dataset, place)
        if share >= GIVEAWAY:
            found.append(f"gives the target away ({100 * share:.1f} %)")
    return tuple(found)


def is_identifier(values: Array) -> bool:
    """Return whether a column numbers its rows: a different whole number in every row.

    A few rows may be there twice when the numbers leave hardly any out, as a count does.

    Parameters
    ----------
    values : array of shape (rows,)
    """
    if len(values) < MIN_ROWS or np.isnan(values).any() or (values != np.rint(values)).any():
        return False
    distinct = len(np.unique(values))
    is_count = values.max() - values.min() < 2 * distinct
    return distinct == len(values) or (is_count and distinct > 0.95 * len(values))


def _nines(values: Array) -> Iterator[str]:
    """Find numbers such as -9999 that are farther from all others than these are apart."""
    for value in (values.min(), values.max()):
        others = values[values != value]
        gap = np.abs(others - value).min()
        is_nines = value == np.rint(value) and set(f"{abs(value):.0f}") == {"9"} and abs(value) > 9
        if is_nines and gap > np.ptp(others):
            yield f"{value:.0f}"


def _are_days(distinct: Array) -> bool:
    """Return whether numbers are days, written as 20260423."""
    if (distinct != np.rint(distinct)).any() or distinct[0] < 19000101 or distinct[-1] > 21001231:
        return False
    month, day = distinct // 100 % 100, distinct % 100
    return bool(((month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)).all())


def giveaway(dataset: Dataset, column: int) -> float:
    """Measure how much of the target a single column tells about rows that it has not seen.

    Every validation row gets the target of the training rows that are nearest to it in this
    column alone (of a number's neighbour, or the most frequent one of a category), and every
    training row that of the validation rows; numbers may also lie on a line. The share is that of
    the errors of the best constant that this avoids: of wrong classes, or of squared deviations,
    the mean over targets.

    Parameters
    ----------
    dataset : Dataset
        Data set of vectors.
    column : int

    Returns
    -------
    float
        1 for all of it, 0 or less for nothing.
    """
    parts = [
        (np.nan_to_num(part.X[:_MOST_ROWS, column].astype(np.float64), nan=-np.inf), part.y)
        for part in (dataset.train, dataset.valid)
    ]
    (x, y), (other_x, other_y) = ((x, y[:_MOST_ROWS]) for x, y in parts)
    if len(x) + len(other_x) < MIN_ROWS:
        return 0.0
    errors = _class_errors if dataset.task.is_classification else _squared_errors
    there = errors(x, y, other_x, other_y)
    back = errors(other_x, other_y, x, y)
    left, whole = (a + b for a, b in zip(there, back, strict=True))
    return float(np.mean(1.0 - left / np.where(whole > 0, whole, np.inf)))


def _class_errors(x: Array, y: Array, new: Array, true: Array) -> tuple[Array, Array]:
    """Wrong classes by the column, and by the most frequent class."""
    places, group = np.unique(x, return_inverse=True)
    counts = np.zeros((len(places), int(max(y.max(), true.max())) + 1))
    np.add.at(counts, (group, y), 1)
    wrong = counts.argmax(axis=1)[_nearest(places, new)] != true
    return np.asarray(wrong.sum()), np.asarray((true != np.bincount(y).argmax()).sum())


def _squared_errors(x: Array, y: Array, new: Array, true: Array) -> tuple[Array, Array]:
    """Squared deviations from what the column tells, and from the mean, of each target."""
    places, group = np.unique(x, return_inverse=True)
    y, true = y.reshape(len(y), -1).astype(np.float64), true.reshape(len(true), -1)
    sums = np.zeros((len(places), y.shape[1]))
    np.add.at(sums, group, y)
    means = sums / np.bincount(group)[:, None]
    left = ((means[_nearest(places, new)] - true) ** 2).sum(axis=0)
    # Neighbours of a few large values are far away, but a line through them is not.
    left = np.minimum(left, ((_on_line(x, y, new) - true) ** 2).sum(axis=0))
    return left, ((y.mean(axis=0) - true) ** 2).sum(axis=0)


def _on_line(x: Array, y: Array, new: Array) -> Array:
    """Fit a line by least squares through the rows that have a value, and read it at others."""
    mean = y.mean(axis=0)
    there = np.isfinite(x)
    if not there.any() or x[there].min() == x[there].max():
        return np.broadcast_to(mean, (len(new), y.shape[1]))
    centre = x[there].mean()
    away = x[there] - centre
    mean = y[there].mean(axis=0)
    slope = away @ (y[there] - mean) / (away @ away)
    offset = np.where(np.isfinite(new), new, centre) - centre
    return np.asarray(mean + offset[:, None] * slope)


def _nearest(places: Array, new: Array) -> Array:
    """Find for each value which of the sorted places is nearest."""
    right = np.searchsorted(places, new).clip(0, len(places) - 1)
    left = (right - 1).clip(0)
    with np.errstate(invalid="ignore"):  # a missing value is as far from itself as from others
        to_left, to_right = np.abs(new - places[left]), np.abs(new - places[right])
    exact = places[right] == new
    return np.where(~exact & (to_left < to_right), left, right)


def duplicates(dataset: Dataset) -> tuple[int, int, int]:
    """Rows whose features an earlier row has, too.

    Returns
    -------
    train, valid, test : int
        Training rows that repeat another, validation rows that are among the training rows, and
        test rows that are among either.
    """
    train = _keys(dataset.train.X)
    known = set(train)
    within = len(train) - len(known)
    valid = _keys(dataset.valid.X)
    across = sum(key in known for key in valid)
    known.update(valid)
    return within, across, sum(key in known for key in _keys(dataset.test.X))


def _keys(X: AnyRows) -> list[bytes]:
    """Each row as bytes that are the same for the same values; of a file, their checksums."""
    if isinstance(X, StoredRows):
        return [hashlib.sha256(row.tobytes()).digest() for part in blocks(X) for row in part]
    plain = X + 0.0 if X.dtype.kind == "f" else X  # -0.0 becomes 0.0
    return [row.tobytes() for row in np.ascontiguousarray(plain)]
