"""Options that nobody gave, from the size of the data."""

from __future__ import annotations

import math

from automl.data import Dataset
from automl.data.fitting import category_counts, different_numeric, embedding_border
from automl.data.preprocessing import PreprocessingSettings
from automl.space import Params, SearchSpace

SMALL_ROWS = 5_000
"""Training rows up to which full batches are cheap, so that L-BFGS has its chance."""


def default_space(dataset: Dataset) -> str:
    """The name of the space for such data."""
    name = "mlp-table" if dataset.columns else "mlp"
    return f"{name}-small" if len(dataset.train) <= SMALL_ROWS else name


def fit_space(space: SearchSpace, dataset: Dataset) -> SearchSpace:
    """The space without choices of preprocessing that make no difference on this data."""
    same: Params = {}
    if len(different_numeric(dataset)) == 1:
        same["preprocessing.numeric"] = PreprocessingSettings().numeric
    if (embed := space.domains.get("preprocessing.embed_above")) is not None:
        counts, values = category_counts(dataset), embed.corners()
        if len({embedding_border(counts, int(value)) for value in values}) == 1:
            same["preprocessing.embed_above"] = values[0]
    return space.fix({name: value for name, value in same.items() if name in space.domains})


def default_max_epochs(rows: int) -> int:
    """The full budget of a trial: 12 epochs of MNIST's 50,000 rows, more on fewer rows.

    Small data needs more passes but not as many rows in all: the budget grows with the root of
    the shrinking, up to 120. Early stopping ends most trainings before.
    """
    return max(12, min(120, round(12 * math.sqrt(50_000 / rows))))


def default_patience(max_epochs: int) -> int:
    """Epochs without progress that a trial is allowed: an eighth of its budget, at least 4."""
    return max(4, max_epochs // 8)
