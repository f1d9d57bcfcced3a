"""XOR as the textbooks have it: its truth table."""

from __future__ import annotations

import numpy as np

from automl.data.raw import Raw
from automl.data.sources import Source

REPEATS = 6
"""Copies of the table among the training rows: each point stays there when a sixth validates."""


class XorTable(Source):
    """Two bits and their exclusive or; the four rows to learn are also those of the test."""

    rows = 4 * REPEATS + 4
    shape = (2,)
    kind = "vector"
    task = "binary"
    about = "truth table of XOR, to learn by heart: the test rows are the rows; no licence needed"

    def load(self, *, download: bool = False) -> Raw:
        X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
        y = np.array([0, 1, 1, 0])
        return Raw(np.tile(X, (REPEATS, 1)), np.tile(y, REPEATS), (0, 1), X, y)


SOURCE = XorTable()
