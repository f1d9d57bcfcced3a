"""scikit-learn's own network with its defaults: what a search has to improve on."""

from __future__ import annotations

from typing import Any

from automl.baselines import Baseline
from automl.space.domains import Params
from automl.task import Task


class MLPSklearn(Baseline):
    """One hidden layer of 100 units, Adam, no early stopping."""

    def build(self, params: Params, task: Task, n_rows: int, n_features: int, seed: int) -> Any:
        from sklearn.neural_network import MLPClassifier, MLPRegressor

        from automl.baselines._scaling import with_scaled_target

        if task.is_classification:
            return MLPClassifier(random_state=seed)
        return with_scaled_target(MLPRegressor(random_state=seed))

    def describe(self, params: Params, task: Task, n_rows: int, n_features: int) -> str:
        return "scikit-learn's MLP with its defaults: one hidden layer of 100, at most 200 epochs"


BASELINE = MLPSklearn()
