"""Logistic regression: what a linear model can do; ridge regression for numbers."""

from __future__ import annotations

from typing import Any

from automl.baselines import Baseline
from automl.space.domains import ChoiceDomain, Domain, FloatDomain, Params
from automl.space.space import SearchSpace
from automl.task import Task

MOST_COLUMNS = 30
"""Columns up to which products of any two are tried: 435 of them."""


class Logistic(Baseline):
    """Linear model, with products of any two columns where that is cheap."""

    tuning_trials = 8
    tuning_rows = 10_000

    def space(self, task: Task, n_features: int) -> SearchSpace:
        """Return penalties, and whether there are products; scikit-learn's own comes first."""
        domains: dict[str, Domain] = {"C": FloatDomain(0.001, 100.0, log=True)}
        starts: list[Params] = [{"C": 1.0}]
        if n_features <= MOST_COLUMNS:
            domains["products"] = ChoiceDomain((False, True))
            starts = [{"C": 1.0, "products": False}, {"C": 0.1, "products": True}]
        return SearchSpace("logistic", domains, {}, tuple(starts))

    def build(self, params: Params, task: Task, n_rows: int, n_features: int, seed: int) -> Any:
        from sklearn.linear_model import LogisticRegression, Ridge
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import PolynomialFeatures, StandardScaler

        from automl.baselines._scaling import double, with_scaled_target

        C = float(params["C"])
        # The default of 100 iterations ends before it has converged on most data.
        linear: Any = (
            LogisticRegression(C=C, max_iter=1000, random_state=seed)
            if task.is_classification
            else Ridge(alpha=1.0 / C, random_state=seed)
        )
        if params.get("products"):
            products = PolynomialFeatures(2, interaction_only=True, include_bias=False)
            linear = make_pipeline(products, StandardScaler(), linear)
        # In single precision, columns that are nearly the same leave ridge regression no digits.
        linear = make_pipeline(double(), linear)
        return linear if task.is_classification else with_scaled_target(linear)

    def describe(self, params: Params, task: Task, n_rows: int, n_features: int) -> str:
        C = float(params["C"])
        products = ", with products of any two columns" if params.get("products") else ""
        if task.is_classification:
            return f"logistic regression, C={C:.3g}{products}"
        return f"ridge regression, alpha={1.0 / C:.3g}, because the target is a number{products}"


BASELINE = Logistic()
