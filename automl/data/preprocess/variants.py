"""`Variant` and `Fitted`: which preprocessing a data set gets, and what was fitted for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

import numpy as np

from automl.data.dataset import Dataset
from automl.data.preprocess.standardise import Preprocessing, PreprocessingSettings, TargetScaling
from automl.data.preprocess.table import TablePreprocessing
from automl.data.preprocess.table_fit import one_hot_most, seen_categories
from automl.data.schema import Column, number_columns
from automl.data.series.form import ForecastForm
from automl.task import Centre, Window

AnyPreprocessing = Preprocessing | TablePreprocessing
"""Preprocessing of plain arrays, or of tables."""


@dataclass(frozen=True, slots=True)
class Variant:
    """Which of the ways to prepare a data set.

    Attributes
    ----------
    settings : PreprocessingSettings
    fold : int
        Which split into training and validation rows, counted from 0.
    one_hot_only : bool
        Whether no column becomes codes for an embedding: baselines have none.
    folds : int
        How many splits are asked for, `fold` and those that follow; see `PreparedData.more`.
    """

    settings: PreprocessingSettings = field(default_factory=PreprocessingSettings)
    fold: int = 0
    one_hot_only: bool = False
    folds: int = 1

    def each(self) -> list[Variant]:
        """Return one variant for every split."""
        return [replace(self, fold=self.fold + i, folds=1) for i in range(self.folds)]


DEFAULT = Variant()
BASELINE = Variant(one_hot_only=True)
"""What every baseline gets: standardised numbers, and categories one-hot."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """What was fitted on training rows.

    Attributes
    ----------
    preprocessing : Preprocessing or TablePreprocessing
    target : TargetScaling
        Scaling of the numbers to predict; the identity for classes.
    """

    preprocessing: AnyPreprocessing
    target: TargetScaling

    @classmethod
    def fit(cls, dataset: Dataset, variant: Variant = DEFAULT) -> Fitted:
        """Fit on the training rows of `dataset`, which is that of the variant's fold."""
        scaled = dataset.task.kind == "regression"  # windows are scaled row by row
        target = TargetScaling.fit(dataset.train.y) if scaled else TargetScaling()
        X = dataset.train.X
        columns = _table_columns(dataset, variant.settings)
        if not columns:
            fitted = Preprocessing.fit(X, dataset.kind, masked=dataset.is_padded)
            raw = variant.settings.numeric == "none"
            fitted = fitted.without_scaling() if raw else fitted
            if dataset.windows is not None:
                fitted = fitted.of_window(read_window(variant.settings, dataset.windows.form))
            return cls(fitted, target)
        table = TablePreprocessing.fit(
            np.asarray(X), columns, variant.settings, one_hot_only=variant.one_hot_only
        )
        return cls(table, target)


def read_window(settings: PreprocessingSettings, form: ForecastForm) -> Window:
    """Return how a network reads windows: at least as much as it must see of what is ahead."""
    least = max(2, form.horizon if form.known else 0)
    steps = max(least, round(settings.lookback * form.lookback))
    return Window(cast(Centre, settings.centre), form.season, min(steps, form.lookback))


def _table_columns(dataset: Dataset, settings: PreprocessingSettings) -> tuple[Column, ...]:
    """Return the columns to look at one by one; none where all may be standardised alike."""
    if dataset.columns or dataset.kind != "vector" or settings.numeric == "standard":
        return dataset.columns
    return number_columns(dataset.train.X.shape[1])


def read_preprocessing(values: Mapping[str, Any]) -> AnyPreprocessing:
    """Read what ``to_json`` of either kind wrote."""
    is_table = values["kind"] == "table"
    return (TablePreprocessing if is_table else Preprocessing).from_json(values)


def category_counts(dataset: Dataset) -> tuple[int, ...]:
    """Return how many categories each column of categories has in the training rows."""
    return tuple(
        len(seen_categories(dataset.train.X[:, i].astype(np.float64), column)[0])
        for i, column in enumerate(dataset.columns)
        if column.kind == "category"
    )


def canonical(variant: Variant, dataset: Dataset, counts: tuple[int, ...]) -> Variant:
    """Return the same one of all variants that prepare this data alike.

    Parameters
    ----------
    variant : Variant
    dataset : Dataset
    counts : tuple of int
        Its `category_counts`.
    """
    settings = variant.settings
    if settings.numeric not in different_numeric(dataset):
        settings = replace(settings, numeric="standard")
    if dataset.windows is None:
        plain = PreprocessingSettings()
        settings = replace(settings, centre=plain.centre, lookback=plain.lookback)
    most = max(counts, default=0)
    if variant.one_hot_only and most > one_hot_most(dataset.columns):
        return replace(variant, settings=replace(settings, embed_above=0))
    embed_above = most if variant.one_hot_only else settings.embed_above
    border = embedding_border(counts, embed_above)
    return Variant(replace(settings, embed_above=border), variant.fold)


def embedding_border(counts: tuple[int, ...], embed_above: int) -> int:
    """Return the most categories that are one-hot; counts between two limits embed alike."""
    return max((count for count in counts if count <= embed_above), default=0)


def different_numeric(dataset: Dataset) -> tuple[str, ...]:
    """Values of ``preprocessing.numeric`` that make a difference."""
    if dataset.columns and not any(column.kind == "number" for column in dataset.columns):
        return ("standard",)
    if dataset.kind == "vector":
        return ("standard", "piecewise", "quantile", "none")
    return ("standard", "none")
