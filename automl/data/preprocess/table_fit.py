"""What the columns of a table look like in the training rows, and what is made of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.arrays import Array
from automl.data.preprocess.standardise import PreprocessingSettings
from automl.data.schema import Column

Floats = NDArray[np.float64]

PERIODS = (365.2425 * 86_400.0, 7 * 86_400.0, 86_400.0)
"""Seconds of the mean Gregorian year, the week and the day. As a phase of the year, a month comes
with its day, and needs no calendar."""

MIN_TURN = 0.05
"""How far sine or cosine must come from each other: 3 days of a year, an hour of a week, 11
minutes of a day. Leap years move a yearly date by less."""

KNOTS = 1000
"""Quantiles of a column, as scikit-learn's QuantileTransformer has them by default."""

ALL_KNOTS = 500_000
"""Quantiles of all columns together: they are 20 MB of a bundle's ``model.json``."""

PIECES = 8
"""Pieces of a column. With 4 or 16 networks on tables of 200 to 900 rows did as well."""

ALL_PIECES = 10_000
"""Pieces of all columns together, each of which is an input of the network; 2 of each anyway."""

ONE_HOT_MOST = 100
"""Categories of a column that are one-hot for a baseline: the most frequent ones. The others are
all zeros, as unseen ones are."""

ONE_HOT_ALL = 2000
"""Categories of all columns together that are one-hot for a baseline; 10 of each column anyway."""


@dataclass(slots=True)
class TableFit:
    """The numbers of a `TablePreprocessing`, as they are found."""

    fills: list[float] = field(default_factory=list)
    scaled: list[int] = field(default_factory=list)
    means: list[float] = field(default_factory=list)
    scales: list[float] = field(default_factory=list)
    ranked: list[tuple[int, Floats, Floats]] = field(default_factory=list)
    pieces: list[int] = field(default_factory=list)
    lows: list[float] = field(default_factory=list)
    highs: list[float] = field(default_factory=list)
    cyclic: list[int] = field(default_factory=list)
    periods: list[float] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)
    one_hot: list[int] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    embedded: list[tuple[int, Array]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Return what `TablePreprocessing.from_json` reads."""
        return asdict(self)

    def scale(self, i: int, mean: float, scale: float) -> None:
        """Let a column become ``(x - mean) / scale``."""
        self.scaled.append(i)
        self.means.append(mean)
        self.scales.append(scale)

    def cut(self, i: int, edges: Floats) -> None:
        """Let a column become how far it is into each of the pieces between these edges."""
        self.pieces += [i] * (len(edges) - 1)
        self.lows += edges[:-1].tolist()
        self.highs += edges[1:].tolist()


def seen_categories(values: Floats, column: Column) -> tuple[Array, Array]:
    """Places of the categories that the rows hold, ascending, and how many rows hold each."""
    known = values[values < len(column.categories)]  # neither NaN nor the unknown category
    places, counts = np.unique(known, return_counts=True)
    return places.astype(np.int64), counts


def one_hot_most(columns: Sequence[Column]) -> int:
    """Return how many categories of each column are one-hot at most, where none is embedded."""
    count = sum(column.kind == "category" for column in columns)
    return max(10, min(ONE_HOT_MOST, ONE_HOT_ALL // max(count, 1)))


def fit_table(
    X: Array, columns: Sequence[Column], settings: PreprocessingSettings, *, one_hot_only: bool
) -> TableFit:
    """Look at every column; see `TablePreprocessing.fit`."""
    fit = TableFit()
    knots = max(10, min(KNOTS, ALL_KNOTS // max(len(columns), 1)))
    pieces = max(2, min(PIECES, ALL_PIECES // max(len(columns), 1)))
    most = one_hot_most(columns) if one_hot_only else None
    for i, column in enumerate(columns):
        values = X[:, i].astype(np.float64)
        if column.kind == "category":
            fit.fills.append(0.0)
            _fit_category(fit, i, values, column, settings.embed_above, most)
            continue
        present = values[~np.isnan(values)]
        fill = float(np.median(present)) if len(present) else 0.0
        fit.fills.append(fill)
        if 0 < len(present) < len(values):
            fit.missing.append(i)
        if len(present) == 0 or present.min() == present.max():
            continue
        if column.kind == "boolean" or (column.kind == "number" and settings.numeric == "none"):
            fit.scale(i, 0.0, 1.0)
        elif column.kind == "number" and settings.numeric == "quantile":
            fit.ranked.append((i, *normal_scores(present, knots)))
        else:
            fit.scale(i, *_mean_and_deviation(np.where(np.isnan(values), fill, values)))
        if column.kind == "number" and settings.numeric == "piecewise":
            edges = piece_edges(present, pieces)
            if len(edges) > 2:  # one piece alone is the number itself
                fit.cut(i, edges)
        if column.kind == "date":
            _fit_periods(fit, i, present)
    return fit


def _fit_category(
    fit: TableFit, i: int, values: Floats, column: Column, embed_above: int, most: int | None
) -> None:
    """Fit one-hot or codes; `most` limits one-hot categories where nothing is embedded."""
    places, counts = seen_categories(values, column)
    if len(places) == 0 or counts.max() == len(values):
        return  # empty, or constant
    if most is None and len(places) > embed_above:
        codes = np.zeros(len(column.categories) + 1, np.int64)
        codes[places] = np.arange(1, len(places) + 1)
        fit.embedded.append((i, codes))
        return
    if most is not None and len(places) > most:
        places = np.sort(places[np.argsort(-counts, kind="stable")[:most]])
    fit.one_hot += [i] * len(places)
    fit.places += places.tolist()


def _fit_periods(fit: TableFit, i: int, seconds: Floats) -> None:
    """Return the periods in which the dates do not all stand at one place."""
    for period in PERIODS:
        turns = seconds / period
        angles = 2.0 * np.pi * (turns - np.floor(turns))
        if max(np.ptp(np.sin(angles)), np.ptp(np.cos(angles))) > MIN_TURN:
            fit.cyclic.append(i)
            fit.periods.append(period)


def _mean_and_deviation(values: Floats) -> tuple[float, float]:
    """Compute mean and deviation without overflow: a square of 1e200 is no float64."""
    size = float(np.abs(values).max())
    share = values / size
    return float(share.mean()) * size, float(share.std()) * size or 1.0


def piece_edges(values: Floats, pieces: int) -> Floats:
    """Return the edges of at most as many pieces of values that vary, ascending.

    They are quantiles, as in Gorishniy, Rubachev and Babenko (2022), On embeddings for numerical
    features in tabular deep learning, arXiv 2203.05556, section 3.2.1: their encoding, which the
    first layer of a network turns into an embedding that is linear in each piece.
    """
    shares = np.linspace(0.0, 1.0, pieces + 1)
    # Values that are there: between two of a column of zeros and ones is no third.
    edges = np.unique(np.quantile(values, shares, method="nearest"))
    # Halves, because a whole piece between the ends of float64 is infinitely long.
    return np.asarray(edges[np.concatenate([[True], np.diff(edges / 2.0) > 0.0])])


def normal_scores(values: Floats, knots: int) -> tuple[Floats, Floats]:
    """Quantiles of values that vary, ascending, and the normal score of each.

    The rank-based inverse normal transformation (Beasley, Erickson and Allison 2009, equation 1,
    with Hazen's c = 1/2: the score of rank r of n is the normal quantile of ``(r - 1/2) / n``).
    With more values than knots, the ranks between two knots are interpolated. Equal values share
    the mean of their scores.
    """
    n = min(knots, len(values))
    shares = (np.arange(n) + 0.5) / n
    quantiles = np.quantile(values, shares, method="hazen")
    # The extremes, or a few values among thousands of equal ones would leave no trace.
    quantiles[0], quantiles[-1] = values.min(), values.max()
    # Rounding may let an interpolated quantile fall below the one before.
    quantiles = np.maximum.accumulate(quantiles).clip(max=quantiles[-1])
    scores = np.array([NormalDist().inv_cdf(share) for share in shares])
    distinct, first, counts = np.unique(quantiles, return_index=True, return_counts=True)
    return distinct, np.add.reduceat(scores, first) / counts
