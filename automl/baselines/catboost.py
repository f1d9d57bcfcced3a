"""CatBoost with its defaults (Prokhorenkova et al. 2018), where it is installed.

It gets categories one-hot, as every baseline does.
"""

from __future__ import annotations

from typing import Any

from automl.baselines import Baseline
from automl.space.domains import Params
from automl.task import Task


class CatBoost(Baseline):
    """Trees that ask the same question at all nodes of a level."""

    needs = ("catboost",)

    def build(self, params: Params, task: Task, n_rows: int, n_features: int, seed: int) -> Any:
        from automl.baselines._catboost import Classifier, Regressor
        from automl.baselines._scaling import one_a_target

        options = {
            "random_seed": seed,
            "thread_count": 1,
            "verbose": 0,
            "allow_writing_files": False,
        }
        if task.is_classification:
            return Classifier(**options)
        return one_a_target(Regressor(**options), task)

    def describe(self, params: Params, task: Task, n_rows: int, n_features: int) -> str:
        return "CatBoost with its defaults, 1,000 rounds"


BASELINE = CatBoost()
