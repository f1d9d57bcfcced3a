"""Digits: handwritten digits of 8 x 8 pixels, small enough for a test."""

from __future__ import annotations

import numpy as np

from automl.data.raw import Raw
from automl.data.sources import Source


class Digits(Source):
    """Grey images whose pixels are whole numbers from 0 to 16."""

    rows = 1797
    shape = (8, 8)
    kind = "image"
    task = "multiclass"
    about = "small handwritten digits; Alpaydin and Kaynak, from UCI, in scikit-learn; CC BY 4.0"

    def load(self, *, download: bool = False) -> Raw:
        from sklearn.datasets import load_digits

        bunch = load_digits()
        # Whole numbers up to 16, which scikit-learn keeps in eight times the room.
        return Raw(bunch.images.astype(np.uint8), bunch.target, tuple(range(10)))


SOURCE = Digits()
