"""What a metric reads of a fitted scikit-learn estimator, in the form that networks have."""

from __future__ import annotations

from typing import Any

import numpy as np

from automl.arrays import Array
from automl.metrics import Metric, Uses

CALIBRATION_FOLDS = 5
"""scikit-learn's default for `CalibratedClassifierCV`."""

KEPT_AS: dict[Uses, str] = {
    "classes": "pred",
    "numbers": "pred",
    "scores": "scores",
    "probabilities": "proba",
}
"""The name in a baseline's file of predictions."""


def read_output(estimator: Any, X: Array, metric: Metric, n_classes: int) -> Array:
    """Compute what the metric takes; see `automl.metrics.Metric.score`.

    Scores are probabilities where the estimator has them, and decision values otherwise: their
    order is all that such a metric looks at.
    """
    if metric.uses in ("classes", "numbers"):
        return np.asarray(estimator.predict(X))
    if hasattr(estimator, "predict_proba"):
        found = np.asarray(estimator.predict_proba(X))
        return _all_classes(found, estimator.classes_, n_classes, 0.0)
    decisions = np.asarray(estimator.decision_function(X))
    if decisions.ndim == 1:  # of two classes, that of the second
        decisions = np.column_stack([-decisions, decisions])
    return _all_classes(decisions, estimator.classes_, n_classes, -np.inf)


def _all_classes(found: Array, classes: Array, n_classes: int, missing: float) -> Array:
    """Return a column for every class, those that the fit never saw included."""
    output = np.full((len(found), n_classes), missing)
    output[:, classes] = found
    return output


def with_probabilities(estimator: Any, y: Array) -> tuple[Any, str]:
    """Make an estimator that has probabilities, and say how it came by them.

    An SVM has none of its own. Platt's sigmoid (1999) is fitted to decision values that
    cross-validation gives each row, and the SVM itself on all rows: five more fits.

    Raises
    ------
    ValueError
        When a class has but one row: no fold could be left without it.
    """
    if hasattr(estimator, "predict_proba"):
        return estimator, ""
    from sklearn.calibration import CalibratedClassifierCV

    fewest = int(np.bincount(y)[np.unique(y)].min())
    if fewest < 2:
        raise ValueError("probabilities need two rows of every class, but one class has one row")
    folds = min(CALIBRATION_FOLDS, fewest)
    calibrated = CalibratedClassifierCV(estimator, ensemble=False, cv=folds)
    return calibrated, f", probabilities by Platt scaling over {folds} folds"
