"""The last season of a series, again and again: what every forecast has to beat."""

from __future__ import annotations

import numpy as np

from automl.arrays import Array
from automl.baselines import Baseline, OfSeries
from automl.space.domains import Params
from automl.task import Task


class SeasonalNaive(OfSeries):
    """The seasonal naive forecast; without a season, the last value."""

    def forecast(self, params: Params, task: Task, past: Array, spans: Array) -> Array:
        from automl.baselines._windows import repeat_season

        return np.concatenate(
            [repeat_season(past[None, a:b], task.season, task.n_targets) for a, b in spans.tolist()]
        )

    def describe(self, params: Params, task: Task, n_rows: int, n_features: int) -> str:
        return (
            f"always the last {task.season} steps" if task.season > 1 else "always the last value"
        )


BASELINE: Baseline = SeasonalNaive()
