"""Hastie: whether a sum of squares is large."""

from __future__ import annotations

from typing import ClassVar

from automl.data.sources._generated import GeneratedSource


class Hastie(GeneratedSource):
    """Ten independent normal numbers; 1 where the sum of their squares is above its median."""

    rows = 2000
    shape = (10,)
    task = "binary"
    about = "sum of ten squares, 2,000 points; Hastie et al., 2009; generated, no licence needed"
    make = "make_hastie_10_2"
    options: ClassVar = {"n_samples": 2000}
    classes = (-1, 1)


SOURCE = Hastie()
