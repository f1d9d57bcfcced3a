"""Friedman 3: a smooth function of several variables, with noise."""

from __future__ import annotations

from typing import ClassVar

from automl.data.sources._generated import GeneratedSource


class Friedman3(GeneratedSource):
    """The phase of an impedance, from resistance, frequency, inductance and capacity."""

    rows = 1000
    shape = (4,)
    task = "regression"
    about = "Friedman's function 3, 1,000 points; Friedman, 1991; generated, no licence needed"
    make = "make_friedman3"
    options: ClassVar = {"n_samples": 1000, "noise": 0.1}


SOURCE = Friedman3()
