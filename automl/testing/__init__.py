"""Contract suites for plug-ins: a function for each kind, as `check_estimator` of scikit-learn.

Each raises AssertionError with what is broken. They need no test framework, and automl's own
files are held to the same functions.

    >>> from automl.testing import check_family
    >>> check_family(Mine())  # doctest: +SKIP
"""

from automl.testing.baselines import check_baseline
from automl.testing.devices import check_device
from automl.testing.executors import check_executor
from automl.testing.families import check_family
from automl.testing.sections import check_section
from automl.testing.sources import check_source

__all__ = [
    "check_baseline",
    "check_device",
    "check_executor",
    "check_family",
    "check_section",
    "check_source",
]
