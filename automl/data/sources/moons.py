"""Moons: two half circles that reach into each other."""

from __future__ import annotations

import numpy as np

from automl.data.raw import Raw
from automl.data.sources import Source


class Moons(Source):
    """Points on two half circles of radius 1, with noise."""

    rows = 400
    shape = (2,)
    kind = "vector"
    task = "binary"
    about = "two interleaved half circles with noise, 400 points; generated, no licence needed"

    def load(self, *, download: bool = False) -> Raw:
        y = np.arange(self.rows) % 2
        angle = np.pi * (np.arange(self.rows) // 2) / (self.rows // 2 - 1)
        upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        # The lower moon is the upper one turned half a circle about (0.5, 0.25).
        points = np.where(y[:, None] == 1, (1.0, 0.5) - upper, upper)
        # RandomState and rounding: as in xor.py.
        noise = np.random.RandomState(0).normal(0, 0.2, points.shape)
        return Raw(np.round(points + noise, 6), y, (0, 1))


SOURCE = Moons()
