"""Gaussian quantiles: shells around one centre, which no plane tells apart."""

from __future__ import annotations

from typing import ClassVar

from automl.data.sources._generated import GeneratedSource


class GaussianQuantiles(GeneratedSource):
    """A cloud in four dimensions, cut into three shells with as many points each."""

    rows = 900
    shape = (4,)
    task = "multiclass"
    about = "three shells of a cloud, 900 points; generated, no licence needed"
    make = "make_gaussian_quantiles"
    options: ClassVar = {"n_samples": 900, "n_features": 4, "n_classes": 3}
    classes = (0, 1, 2)


SOURCE = GaussianQuantiles()
