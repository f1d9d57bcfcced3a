"""Circles: one ring inside another."""

from __future__ import annotations

from typing import ClassVar

from automl.data.sources._generated import GeneratedSource


class Circles(GeneratedSource):
    """Points on two rings with one centre, with noise."""

    rows = 400
    shape = (2,)
    task = "binary"
    about = "two rings, one inside the other, 400 points; generated, no licence needed"
    make = "make_circles"
    options: ClassVar = {"n_samples": 400, "noise": 0.1, "factor": 0.5}
    classes = (0, 1)


SOURCE = Circles()
