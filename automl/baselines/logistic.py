"""Logistic regression: what a linear model can do; ridge regression for numbers."""

from __future__ import annotations

from typing import Any

from automl.baselines import Baseline
from automl.space.domains import Params
from automl.task import Task


class Logistic(Baseline):
    """Linear model with scikit-learn's default penalty."""

    def build(self, params: Params, task: Task, n_rows: int, n_features: int, seed: int) -> Any:
        from sklearn.linear_model import LogisticRegression, Ridge

        from automl.baselines._scaling import with_scaled_target

        if task.is_classification:
            # The default of 100 iterations ends before it has converged on most data.
            return LogisticRegression(max_iter=1000, random_state=seed)
        return with_scaled_target(Ridge(random_state=seed))

    def describe(self, params: Params, task: Task, n_rows: int, n_features: int) -> str:
        if task.is_classification:
            return "logistic regression, C=1"
        return "ridge regression, alpha=1, because the target is a number"


BASELINE = Logistic()
