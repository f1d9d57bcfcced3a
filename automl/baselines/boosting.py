"""Gradient-boosted trees: hard to beat on tables."""

from __future__ import annotations

from typing import Any

from automl.baselines import Baseline
from automl.space.domains import Params
from automl.task import Task


class Boosting(Baseline):
    """scikit-learn's HistGradientBoosting with its defaults."""

    def build(self, params: Params, task: Task, n_rows: int, n_features: int, seed: int) -> Any:
        from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

        if task.is_classification:
            return HistGradientBoostingClassifier(random_state=seed)
        from automl.baselines._scaling import one_a_target

        return one_a_target(HistGradientBoostingRegressor(random_state=seed), task)

    def describe(self, params: Params, task: Task, n_rows: int, n_features: int) -> str:
        return "gradient-boosted trees, at most 100 rounds"


BASELINE = Boosting()
