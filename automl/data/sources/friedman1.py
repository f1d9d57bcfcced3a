"""Friedman 1: a smooth function of several variables, with noise."""

from __future__ import annotations

from typing import ClassVar

from automl.data.sources._generated import GeneratedSource


class Friedman1(GeneratedSource):
    """10 sin(pi x1 x2) + 20 (x3 - 1/2)^2 + 10 x4 + 5 x5, and five features that do not matter."""

    rows = 1000
    shape = (10,)
    task = "regression"
    about = "Friedman's function 1, 1,000 points; Friedman, 1991; generated, no licence needed"
    make = "make_friedman1"
    options: ClassVar = {"n_samples": 1000, "noise": 1.0, "n_features": 10}


SOURCE = Friedman1()
