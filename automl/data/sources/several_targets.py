"""Several targets: three linear functions of the same features, with noise."""

from __future__ import annotations

from typing import ClassVar

from automl.data.sources._generated import GeneratedSource


class SeveralTargets(GeneratedSource):
    """Ten normal numbers, of which six matter."""

    rows = 1000
    shape = (10,)
    task = "regression"
    about = "three linear targets of 10 features, 1,000 points; generated, no licence needed"
    make = "make_regression"
    options: ClassVar = {
        "n_samples": 1000,
        "n_features": 10,
        "n_informative": 6,
        "n_targets": 3,
        "noise": 5.0,
    }


SOURCE = SeveralTargets()
