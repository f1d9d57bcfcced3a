"""Folds: several splits of the rows outside of the test split, for cross-validation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from automl.data.dataset import Dataset, Split
from automl.data.series.form import Windows
from automl.data.split.random import Rows
from automl.data.stored_rows import join, take
from automl.errors import ConfigError

FOLD_SEED = 0
"""Seed of every partition. It is not the study's, as that of the test split is not: studies with
different seeds are compared on the same rows."""


@dataclass(frozen=True, slots=True)
class Folds:
    """How a data set is cross-validated.

    Attributes
    ----------
    count : int
        Parts of a partition; each validates once, while the others train.
    repeats : int
        Partitions.
    """

    count: int
    repeats: int = 1

    @property
    def total(self) -> int:
        """Trainings of a candidate."""
        return self.count * self.repeats

    def __str__(self) -> str:
        return f"{self.count} x {self.repeats}"

    @classmethod
    def parse(cls, text: str) -> Folds | None:
        """Read what `str` wrote; None for ``"none"``."""
        if text == "none":
            return None
        count, _, repeats = text.partition(" x ")
        return cls(int(count), int(repeats))


def make_splits(dataset: Dataset, folds: Folds | None) -> tuple[Dataset, ...]:
    """Make what a `PreparedStore` takes: `split_folds`, or the one split without folds.

    Of a forecast's one split, training rows that have a step in common with validation rows are
    left out; in cross-validation they are of use in other folds.

    Raises
    ------
    ConfigError
        When a forecast is left without windows to train on.
    """
    if folds is not None:
        return split_folds(dataset, folds)
    if dataset.windows is None:
        return (dataset,)
    check_windows(dataset, None)
    ((rows, _),) = window_splits(dataset, None)
    return (replace(dataset, train=Split(take(dataset.train.X, rows), dataset.train.y[rows])),)


def split_folds(dataset: Dataset, folds: Folds) -> tuple[Dataset, ...]:
    """Split the data set for each fold, and once more with every row in training.

    Parameters
    ----------
    dataset : Dataset
        Its training and validation rows are put together and split anew; its test rows stay.
    folds : Folds

    Returns
    -------
    tuple of Dataset
        ``folds.total`` splits, then one for the model that is handed over at the end: there all
        rows train, and validation holds the same ones, so that nothing is to be learned from it.

    Raises
    ------
    ConfigError
        When there are fewer rows than folds, or a fold has no window to train on.
    """
    X = join(dataset.train.X, dataset.valid.X)
    y = np.concatenate([dataset.train.y, dataset.valid.y])
    if folds.count > len(y):
        raise ConfigError(
            f"folds: `folds <= rows outside of the test split` must hold, but got"
            f" {folds.count} folds and {len(y)} rows"
        )
    check_windows(dataset, folds)
    everything = Split(X, y)
    made = [
        replace(
            dataset,
            train=Split(take(X, train), y[train]),
            valid=Split(take(X, valid), y[valid]),
        )
        for train, valid in window_splits(dataset, folds)
    ]
    return (*made, replace(dataset, train=everything, valid=everything))


def window_splits(dataset: Dataset, folds: Folds | None) -> Iterator[tuple[Rows, Rows]]:
    """Yield the rows that train and those that validate: of each fold, or of the one split.

    Of a forecast no training row has a step in common with a validation row.
    """
    train, count = len(dataset.train), len(dataset.train) + len(dataset.valid)
    valids = [np.arange(train, count)] if folds is None else dataset_folds(dataset, folds)
    for valid in valids:
        rest = np.delete(np.arange(count), valid)
        yield rest if dataset.windows is None else apart_from(dataset.windows, rest, valid), valid


def fitting_folds(dataset: Dataset, folds: Folds | None) -> Folds | None:
    """Return the folds, or None where one of them would leave a forecast nothing to train on.

    A long horizon beside short series does that in the middle of them: the windows on both sides
    of a block have steps in common with it. One split at the end has more left.
    """
    return None if folds is not None and _lacks_windows(dataset, folds) else folds


def check_windows(dataset: Dataset, folds: Folds | None) -> None:
    """Check that a forecast has windows to train on, in each fold or in the one split.

    Raises
    ------
    ConfigError
        When it has not.
    """
    if dataset.windows is None or not _lacks_windows(dataset, folds):
        return
    where = "" if folds is None else " in one of the folds"
    raise ConfigError(
        f"horizon: must leave windows to train on, but a forecast of {dataset.windows.form.horizon}"
        f" steps leaves none{where}: all have steps in common with those that validate; forecast"
        " fewer steps, or give longer series"
    )


def _lacks_windows(dataset: Dataset, folds: Folds | None) -> bool:
    return dataset.windows is not None and any(
        not len(train) for train, _ in window_splits(dataset, folds)
    )


def dataset_folds(dataset: Dataset, folds: Folds) -> Iterator[Rows]:
    """Yield the rows that validate in each fold, among those of training and then of validation.

    Those of a forecast are blocks of time: `block_rows`. Others are drawn: `fold_rows`.
    """
    if dataset.windows is not None:
        return block_rows(dataset.windows.first, folds)
    y = np.concatenate([dataset.train.y, dataset.valid.y])
    return fold_rows(y, folds, stratify=dataset.task.is_classification)


def block_rows(times: Rows, folds: Folds) -> Iterator[Rows]:
    """Yield the validation rows of each fold, sorted: one block of time after the other.

    A second partition has its borders in the middle of the blocks of the first, and one block of
    the beginning and the end.

    Bergmeir, Hyndman and Koo (2018), A note on the validity of cross-validation for evaluating
    autoregressive time series prediction, show when later blocks may train for earlier ones: the
    test split, which nothing is chosen by, is later than all of them.
    """
    order = np.argsort(times, kind="stable").astype(np.int64)
    for repeat in range(folds.repeats):
        shift = repeat * len(order) // folds.total
        yield from map(np.sort, np.array_split(np.roll(order, -shift), folds.count))


def apart_from(windows: Windows, train: Rows, valid: Rows) -> Rows:
    """Return the training rows that forecast no step that a validation row forecasts."""
    span = 2 * int(np.ptp(windows.first)) + 4 * windows.form.horizon  # series do not touch
    keys = windows.series * span + windows.first
    judged = np.sort(keys[valid])
    at = np.searchsorted(judged, keys[train])
    padded = np.concatenate([[judged[0] - span], judged, [judged[-1] + span]])
    nearest = np.minimum(keys[train] - padded[at], padded[at + 1] - keys[train])
    return np.asarray(train[nearest >= windows.form.horizon])


def fold_rows(y: np.ndarray, folds: Folds, *, stratify: bool) -> Iterator[Rows]:
    """Yield the validation rows of each fold, sorted; each partition holds every row once.

    Parameters
    ----------
    y : array of shape (rows,) or (rows, targets)
    folds : Folds
    stratify : bool
        Whether each fold holds the classes of `y` in the proportions of the whole: of a class
        with as many rows as there are folds or more, every fold has some.
    """
    for repeat in range(folds.repeats):
        # RandomState, whose numbers numpy promises never to change; see `automl.data.split.random`.
        order = np.random.RandomState([FOLD_SEED, repeat]).permutation(len(y)).astype(np.int64)
        if stratify:
            order = order[np.argsort(y[order], kind="stable")]
        # Dealt like cards, class after class: no two folds differ by more than a row of a class.
        for fold in range(folds.count):
            yield np.sort(order[fold :: folds.count])
