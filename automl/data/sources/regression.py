"""Regression: a linear function of some features, with noise."""

from __future__ import annotations

from typing import ClassVar

from automl.data.sources._generated import GeneratedSource


class Regression(GeneratedSource):
    """Twenty normal numbers, of which ten matter."""

    rows = 1000
    shape = (20,)
    task = "regression"
    about = "linear function, 10 of 20 features matter, 1,000 points; generated, no licence needed"
    make = "make_regression"
    options: ClassVar = {"n_samples": 1000, "n_features": 20, "n_informative": 10, "noise": 10.0}


SOURCE = Regression()
