"""`PreparedData`: what workers get to see, preprocessed once and shared, not copied.

A search may try several ways of preprocessing, so there may be several of them: `PreparedStore`
makes each one when a job first asks for it. The labels of the test split are in none, so nothing
that a worker does can depend on them.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from automl.arrays import Array
from automl.data.dataset import Dataset
from automl.data.preprocess.standardise import TargetScaling
from automl.data.preprocess.variants import (
    DEFAULT,
    AnyPreprocessing,
    Fitted,
    Variant,
    canonical,
    category_counts,
    read_preprocessing,
)
from automl.data.stored_rows import AnyRows, StoredRows
from automl.task import Task

_ROWS = ("train_X", "valid_X", "test_X")
_TARGETS = ("train_y", "valid_y")
_PAST = ("past", "spans")
_STORED = "rows.bin"
_SEVERAL = "splits.json"
"""File with the names of the folders of several splits, in the folder that stands for them."""


@dataclass(frozen=True, slots=True, eq=False)
class PreparedData:
    """Preprocessed splits.

    Attributes
    ----------
    task : Task
    preprocessing : Preprocessing or TablePreprocessing
    target : TargetScaling
        Scaling of the numbers to predict; the identity for classes.
    train_X, valid_X, test_X : float32 array of shape (rows, *preprocessing.inputs.shape)
        `StoredRows` stay as they are: `preprocessing` is for whoever reads some.
    train_y, valid_y : int64 codes of shape (rows,), or float64 of shape (rows,) in own units
    past : float64 array or None
        Values of the series before the forecasts of the test rows; see
        `automl.data.series.form.Windows`. None where nothing is forecast.
    spans : int64 array of shape (test rows, 2) or None
    more : tuple of PreparedData
        Further splits of the same data, for a job that asked for several.
    """

    task: Task
    preprocessing: AnyPreprocessing
    target: TargetScaling
    train_X: AnyRows
    train_y: Array
    valid_X: AnyRows
    valid_y: Array
    test_X: AnyRows
    past: Array | None = None
    spans: Array | None = None
    more: tuple[PreparedData, ...] = ()

    @property
    def splits(self) -> tuple[PreparedData, ...]:
        """All of them, from this one on."""
        return (self, *self.more)

    @classmethod
    def fit(cls, dataset: Dataset, variant: Variant = DEFAULT) -> PreparedData:
        """Fit preprocessing on the training rows and apply it to every split."""
        return cls.transform(dataset, Fitted.fit(dataset, variant))

    @classmethod
    def transform(cls, dataset: Dataset, fitted: Fitted) -> PreparedData:
        """Apply what was fitted to every split."""
        preprocessing = fitted.preprocessing
        return cls(
            dataset.task,
            preprocessing,
            fitted.target,
            _transform(preprocessing, dataset.train.X),
            dataset.train.y,
            _transform(preprocessing, dataset.valid.X),
            dataset.valid.y,
            _transform(preprocessing, dataset.test.X),
            None if dataset.windows is None else dataset.windows.past,
            None if dataset.windows is None else dataset.windows.spans,
        )

    def save(self, folder: Path, targets: Path | None = None) -> None:
        """Write the arrays as files that any number of workers can map.

        Parameters
        ----------
        folder : Path
        targets : Path, optional
            A folder that holds the same targets already: they are not written again.
        """
        folder.mkdir(parents=True, exist_ok=True)
        for name in _ROWS if targets is not None else (*_ROWS, *_TARGETS):
            _save(folder, name, getattr(self, name))
        if self.past is not None:
            for name in _PAST:
                np.save(folder / f"{name}.npy", getattr(self, name))
        plain = {
            "task": self.task.to_json(),
            "preprocessing": self.preprocessing.to_json(),
            "target": self.target.to_json(),
            "targets": os.path.relpath(targets or folder, folder),
        }
        (folder / "prepared.json").write_text(json.dumps(plain))

    @classmethod
    def open(cls, folder: Path) -> PreparedData:
        """Map the arrays that `save` wrote: the pages are shared by every process.

        They are mapped copy-on-write, because torch wants arrays that it could write to.
        """
        several = folder / _SEVERAL
        if several.exists():
            first, *more = (
                cls.open(folder.parent / name) for name in json.loads(several.read_text())
            )
            return replace(first, more=tuple(more))
        plain = json.loads((folder / "prepared.json").read_text())
        places = dict.fromkeys(_ROWS, folder) | dict.fromkeys(_TARGETS, folder / plain["targets"])
        if plain["task"]["kind"] == "forecast":
            places |= dict.fromkeys(_PAST, folder)
        arrays = {name: _open(place, name) for name, place in places.items()}
        return cls(
            Task.from_json(plain["task"]),
            read_preprocessing(plain["preprocessing"]),
            TargetScaling.from_json(plain["target"]),
            **arrays,
        )


def _transform(preprocessing: AnyPreprocessing, X: AnyRows) -> AnyRows:
    return X if isinstance(X, StoredRows) else preprocessing.transform(X)


def _save(folder: Path, name: str, X: AnyRows) -> None:
    """Write rows, or where those of a file are: it is linked to, and not copied."""
    if not isinstance(X, StoredRows):
        np.save(folder / f"{name}.npy", X)
        return
    if not (folder / _STORED).exists():
        try:
            os.link(X.path, folder / _STORED)
        except OSError:  # on another disk
            (folder / _STORED).symlink_to(X.path.resolve())
    np.save(folder / f"{name}.order.npy", X.order)
    plain = {"dtype": X.dtype.str, "shape": X.shape[1:]}
    (folder / f"{name}.json").write_text(json.dumps(plain))


def _open(folder: Path, name: str) -> Any:
    about = folder / f"{name}.json"
    if not about.exists():
        return np.load(folder / f"{name}.npy", mmap_mode="c")
    plain = json.loads(about.read_text())
    order = np.load(folder / f"{name}.order.npy")
    return StoredRows(folder / _STORED, plain["dtype"], tuple(plain["shape"]), order)


class PreparedStore:
    """Every variant of a data set that jobs ask for, each made once.

    Parameters
    ----------
    *splits : Dataset
        The data set as it is split for fold 0, 1, ...; all have the same test rows.

    Attributes
    ----------
    task : Task
    """

    def __init__(self, *splits: Dataset) -> None:
        self.task = splits[0].task
        self._splits = splits
        self._counts: dict[int, tuple[int, ...]] = {}
        self._fitted: dict[Variant, Fitted] = {}
        self._data: dict[Variant, PreparedData] = {}
        self._saved: dict[tuple[Path, Variant], Path] = {}
        self._targets: dict[tuple[Path, int], Path] = {}

    def fitted(self, variant: Variant) -> Fitted:
        """Return what is fitted on the variant's training rows."""
        variant = self._canonical(variant)
        if variant not in self._fitted:
            self._fitted[variant] = Fitted.fit(self._splits[variant.fold], variant)
        return self._fitted[variant]

    def get(self, variant: Variant) -> PreparedData:
        """Return the variant's arrays, which this process keeps from then on."""
        if variant.folds > 1:
            first, *more = map(self.get, variant.each())
            return replace(first, more=tuple(more))
        variant = self._canonical(variant)
        if variant not in self._data:
            self._data[variant] = self._transform(variant)
        return self._data[variant]

    def save(self, variant: Variant, folder: Path) -> Path:
        """Save the variant's arrays for `PreparedData.open`, and return where in `folder` they lie.

        They are written at the first call, and not kept in this process.
        """
        if variant.folds > 1:
            return self._save_several([self.save(one, folder) for one in variant.each()], folder)
        variant = self._canonical(variant)
        key = (folder, variant)
        if key not in self._saved:
            path = folder / str(len(self._saved))
            first = self._targets.setdefault((folder, variant.fold), path)
            self._transform(variant).save(path, None if first is path else first)
            self._saved[key] = path
        return self._saved[key]

    def _save_several(self, places: list[Path], folder: Path) -> Path:
        names = [place.name for place in places]
        path = folder / "-".join(names)
        if not path.exists():
            path.mkdir()
            (path / _SEVERAL).write_text(json.dumps(names))
        return path

    def _transform(self, variant: Variant) -> PreparedData:
        return PreparedData.transform(self._splits[variant.fold], self.fitted(variant))

    def _canonical(self, variant: Variant) -> Variant:
        """Return the same one of all variants that prepare this data alike."""
        fold, dataset = variant.fold, self._splits[variant.fold]
        if fold not in self._counts:
            self._counts[fold] = category_counts(dataset)
        return canonical(variant, dataset, self._counts[fold])
