"""The last value of a series, again and again: hard to beat where it is a random walk."""

from __future__ import annotations

import numpy as np

from automl.arrays import Array
from automl.baselines import Baseline, OfSeries
from automl.space.domains import Params
from automl.task import Task


class LastValue(OfSeries):
    """The naive forecast."""

    def forecast(self, params: Params, task: Task, past: Array, spans: Array) -> Array:
        return np.tile(past[spans[:, 1] - 1, None], (1, task.n_targets))

    def describe(self, params: Params, task: Task, n_rows: int, n_features: int) -> str:
        return "always the last value"


BASELINE: Baseline = LastValue()
