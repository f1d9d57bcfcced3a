"""Gradient-boosted trees: hard to beat on tables."""

from __future__ import annotations

from typing import Any

from automl.baselines import Baseline
from automl.space.domains import Domain, FloatDomain, IntDomain, Params
from automl.space.space import SearchSpace
from automl.task import Task


class Boosting(Baseline):
    """scikit-learn's HistGradientBoosting, tuned as the SVM is."""

    tuning_trials = 14
    tuning_rows = 10_000

    def space(self, task: Task, n_features: int) -> SearchSpace:
        """How many trees of which size, and how much of each counts; its defaults come first."""
        domains: dict[str, Domain] = {
            "learning_rate": FloatDomain(0.02, 0.3, log=True),
            "rounds": IntDomain(30, 300, log=True),
            "leaves": IntDomain(4, 63, log=True),
            "leaf_rows": IntDomain(2, 60, log=True),
            "l2": FloatDomain(0.001, 10.0, log=True),
        }
        default: Params = {
            "learning_rate": 0.1,
            "rounds": 100,
            "leaves": 31,
            "leaf_rows": 20,
            "l2": 0.001,
        }
        small: Params = {
            "learning_rate": 0.05,
            "rounds": 100,
            "leaves": 6,
            "leaf_rows": 10,
            "l2": 1.0,
        }
        return SearchSpace("boosting", domains, {}, (default, small))

    def build(self, params: Params, task: Task, n_rows: int, n_features: int, seed: int) -> Any:
        from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

        options = {
            "learning_rate": params["learning_rate"],
            "max_iter": params["rounds"],
            "max_leaf_nodes": params["leaves"],
            "min_samples_leaf": params["leaf_rows"],
            "l2_regularization": params["l2"],
            "random_state": seed,
        }
        if task.is_classification:
            return HistGradientBoostingClassifier(**options)
        from automl.baselines._scaling import one_a_target

        return one_a_target(HistGradientBoostingRegressor(**options), task)

    def describe(self, params: Params, task: Task, n_rows: int, n_features: int) -> str:
        return (
            f"gradient-boosted trees, at most {params['rounds']} rounds of {params['leaves']}"
            f" leaves, learning rate {float(params['learning_rate']):.3g}"
        )


BASELINE = Boosting()
