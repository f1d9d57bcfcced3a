"""LightGBM with its defaults (Ke et al. 2017), where it is installed."""

from __future__ import annotations

from typing import Any

from automl.baselines import Baseline
from automl.space.domains import Params
from automl.task import Task


class LightGBM(Baseline):
    """Trees that grow leaf by leaf."""

    needs = ("lightgbm",)

    def build(self, params: Params, task: Task, n_rows: int, n_features: int, seed: int) -> Any:
        from lightgbm import LGBMClassifier, LGBMRegressor

        from automl.baselines._scaling import one_a_target

        options: dict[str, Any] = {"random_state": seed, "n_jobs": 1, "verbose": -1}
        if task.is_classification:
            return LGBMClassifier(**options)
        return one_a_target(LGBMRegressor(**options), task)

    def describe(self, params: Params, task: Task, n_rows: int, n_features: int) -> str:
        return "LightGBM with its defaults, 100 rounds"


BASELINE = LightGBM()
