"""Two configurations over the folds of one cross-validation."""

from __future__ import annotations

import numpy as np

from automl.arrays import Array
from automl.evaluation.paired import Comparison


def compare_folds(differences: Array, count: int, *, level: float = 0.95) -> Comparison:
    """Compare by the corrected resampled t test.

    Folds share most of their training rows, so that their scores vary less than those of
    independent trainings; the plain t test takes that for certainty.

    Parameters
    ----------
    differences : array of shape (folds,)
        Gain of the first one in each fold, of all repeats.
    count : int
        Folds of one repeat; a fold's validation rows are that share of all.
    level : float
        Level of the interval.

    References
    ----------
    C. Nadeau and Y. Bengio (2003), Inference for the generalization error, Machine Learning 52,
    239-281; R. R. Bouckaert and E. Frank (2004) on repeated folds.
    """
    from scipy.special import stdtr, stdtrit

    freedom = len(differences) - 1
    mean = float(differences.mean())
    spread = float(differences.std(ddof=1) * np.sqrt(1 / len(differences) + 1 / (count - 1)))
    reach = float(stdtrit(freedom, (1 + level) / 2)) * spread
    p_value = float(2 * stdtr(freedom, -abs(mean) / spread)) if spread > 0 else float(mean == 0)
    return Comparison(mean, mean - reach, mean + reach, p_value, "corrected t test over folds")
