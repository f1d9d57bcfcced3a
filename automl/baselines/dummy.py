"""What one gets without looking at the features: the floor that every model has to clear."""

from __future__ import annotations

from typing import Any

from automl.baselines import Baseline
from automl.space.domains import Params
from automl.task import Task


class Dummy(Baseline):
    """The most frequent class, or the mean."""

    def build(self, params: Params, task: Task, n_rows: int, n_features: int, seed: int) -> Any:
        from sklearn.dummy import DummyClassifier, DummyRegressor

        if task.is_classification:
            return DummyClassifier(strategy="prior")
        return DummyRegressor(strategy="mean")

    def describe(self, params: Params, task: Task, n_rows: int, n_features: int) -> str:
        if task.is_classification:
            return "always the most frequent class"
        return "always the mean"


BASELINE = Dummy()
