"""Blobs: three round clouds of points, the easiest task here."""

from __future__ import annotations

import numpy as np

from automl.data.raw import Raw
from automl.data.sources import Source

# The corners of a triangle with sides of 4, four standard deviations of a cloud: neighbours
# touch, and hardly overlap.
_CENTRES = ((0.0, 0.0), (4.0, 0.0), (2.0, 3.464102))


class Blobs(Source):
    """Points around three centres, as far from each other as from the edge of a cloud."""

    rows = 300
    shape = (2,)
    kind = "vector"
    task = "multiclass"
    about = "three clouds of 100 points; generated, no licence needed"

    def load(self, *, download: bool = False) -> Raw:
        y = np.arange(self.rows) % 3
        # RandomState and rounding: as in xor.py.
        noise = np.random.RandomState(0).normal(0, 1, (self.rows, 2))
        return Raw(np.round(np.array(_CENTRES)[y] + noise, 6), y, (0, 1, 2))


SOURCE = Blobs()
