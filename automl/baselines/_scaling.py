"""What estimators need around them; imports scikit-learn, so only `Baseline.build` imports it."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import TransformedTargetRegressor
from sklearn.multioutput import MultiOutputRegressor
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from automl.arrays import Array
from automl.task import Task


class UnitNorm(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Divide by one number, so that rows have a mean squared norm of 1.

    A kernel's parameters then mean the same for four columns and for four hundred:
    ``gamma=1`` is what scikit-learn calls ``gamma="scale"``, and C weighs errors against a
    linear kernel as it does against an RBF one, whose ``k(x, x)`` is 1 as well.

    Attributes
    ----------
    scale_ : float
        Root of the mean squared norm of the rows that were fitted; 1 when they are all zero.
    """

    def fit(self, X: Array, y: Array | None = None) -> UnitNorm:
        """Measure the norm."""
        squared = np.einsum("ij,ij->i", X, X, dtype=np.float64)
        self.scale_ = float(np.sqrt(squared.mean())) or 1.0
        return self

    def transform(self, X: Array) -> Array:
        """Scale rows, as float64."""
        return np.asarray(X, dtype=np.float64) / self.scale_


def double() -> Any:
    """Make a step that turns rows into float64."""
    return FunctionTransformer(np.asarray, kw_args={"dtype": np.float64})


def one_a_target(regressor: Any, task: Task) -> Any:
    """Make a regressor of one that predicts a single target: one is fitted for each."""
    return regressor if task.n_targets == 1 else MultiOutputRegressor(regressor)


def with_scaled_target(regressor: Any) -> Any:
    """Make a regressor that sees a target of mean 0 and standard deviation 1.

    Networks get their targets like this, and penalties such as C and alpha assume it.
    """
    return TransformedTargetRegressor(regressor, transformer=StandardScaler(), check_inverse=False)
