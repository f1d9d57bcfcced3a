"""S curve: where a point lies along a sheet that is bent like an S."""

from __future__ import annotations

from typing import ClassVar

from automl.data.sources._generated import GeneratedSource


class SCurve(GeneratedSource):
    """Points in space on a bent sheet; the target is the way along it."""

    rows = 1000
    shape = (3,)
    task = "regression"
    about = "position on a sheet bent like an S, 1,000 points; generated, no licence needed"
    make = "make_s_curve"
    options: ClassVar = {"n_samples": 1000, "noise": 0.1}


SOURCE = SCurve()
