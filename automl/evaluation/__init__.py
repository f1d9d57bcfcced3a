"""How good a model is, and whether it is better than another one.

Called once a search, on the test split, after every choice has been made; `ensemble` alone works
on the validation split. Everything here takes plain arrays and needs numpy, and scipy for one
distribution function.
"""

from automl.evaluation.classes import ClassScore, confusion_matrix, per_class
from automl.evaluation.ensemble import Ensemble, average, select
from automl.evaluation.formatting import format_score
from automl.evaluation.intervals import Interval, bootstrap, score_with_interval, wilson
from automl.evaluation.paired import Comparison, compare, mcnemar_exact, paired_bootstrap
from automl.evaluation.verdict import ALPHA, Entry, Verdict

__all__ = [
    "ALPHA",
    "ClassScore",
    "Comparison",
    "Ensemble",
    "Entry",
    "Interval",
    "Verdict",
    "average",
    "bootstrap",
    "compare",
    "confusion_matrix",
    "format_score",
    "mcnemar_exact",
    "paired_bootstrap",
    "per_class",
    "score_with_interval",
    "select",
    "wilson",
]
