"""XOR: the smallest task that no straight line solves, made noisy."""

from __future__ import annotations

import numpy as np

from automl.data.raw import Raw
from automl.data.sources import Source


class Xor(Source):
    """Points in a square; 1 where the signs of the coordinates differ."""

    rows = 400
    shape = (2,)
    kind = "vector"
    task = "binary"
    about = "noisy continuous XOR, 400 points in a square; generated, no licence needed"

    def load(self, *, download: bool = False) -> Raw:
        # RandomState's numbers never change (NEP 19). Rounding takes off the last bits, in which
        # the logarithms and roots of different processors differ, so the fingerprint is one.
        random = np.random.RandomState(0)
        points = random.uniform(-1, 1, (self.rows, 2))
        y = (points[:, 0] * points[:, 1] < 0).astype(np.int64)
        # Moved after they were labelled: about 4 % end up on the other side of an axis.
        moved = points + random.normal(0, 0.05, points.shape)
        return Raw(np.round(moved, 6), y, (0, 1))


SOURCE = Xor()
