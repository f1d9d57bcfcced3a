"""Which classes a model gets right, and which it takes for which.

Called for the winner on the test split.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.arrays import Array
from automl.evaluation.intervals import check_rows
from automl.task import Label


@dataclass(frozen=True, slots=True)
class ClassScore:
    """One class.

    Attributes
    ----------
    label : bool, int, float, str or bytes
        As users see it.
    precision : float
        Share of the rows predicted as this class that are of it; 0 when none was predicted.
    recall : float
        Share of the rows of this class that were found; 0 when there are none.
    f1 : float
        Harmonic mean of the two; 0 when both are 0.
    support : int
        Rows of this class.
    """

    label: Label
    precision: float
    recall: float
    f1: float
    support: int

    def to_json(self) -> dict[str, Any]:
        """Plain types for JSON."""
        return asdict(self)


def confusion_matrix(y_true: Array, y_pred: Array, n_classes: int) -> NDArray[np.int64]:
    """Count every pair of true and predicted class.

    Parameters
    ----------
    y_true, y_pred : int array of shape (rows,)
        Codes 0 to n_classes - 1.
    n_classes : int

    Returns
    -------
    int64 array of shape (n_classes, n_classes)
        Row: the true class. Column: the predicted one.

    Raises
    ------
    ValueError
        When a code is outside of the classes, or the shapes differ.
    """
    check_rows(y_true, y_pred)
    for codes in (y_true, y_pred):
        if codes.min() < 0 or codes.max() >= n_classes:
            raise ValueError(
                f"`0 <= code < {n_classes}` must hold, but got {codes.min()} to {codes.max()}"
            )
    pairs = y_true.astype(np.int64) * n_classes + y_pred.astype(np.int64)
    return np.bincount(pairs, minlength=n_classes**2).reshape(n_classes, n_classes)


def per_class(
    matrix: NDArray[np.int64], labels: tuple[Label, ...] | None = None
) -> list[ClassScore]:
    """Precision, recall, F1 and support of every class.

    Parameters
    ----------
    matrix : int array of shape (classes, classes)
        What `confusion_matrix` returns.
    labels : tuple, optional
        The classes as users see them, in the order of their codes; the codes without.
    """
    right = np.diag(matrix).astype(np.float64)
    predicted, support = matrix.sum(axis=0), matrix.sum(axis=1)
    precision = _ratio(right, predicted)
    recall = _ratio(right, support)
    f1 = _ratio(2 * right, predicted + support)
    return [
        ClassScore(label, float(precision[c]), float(recall[c]), float(f1[c]), int(support[c]))
        for c, label in enumerate(labels if labels is not None else range(len(matrix)))
    ]


def _ratio(part: Array, whole: Array) -> Array:
    """Part by whole, and 0 where the whole is 0."""
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)
