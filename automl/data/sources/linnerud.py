"""Linnerud: three measures of a body from three exercises, a regression with three targets."""

from __future__ import annotations

from automl.data.raw import Raw
from automl.data.sources import Source


class Linnerud(Source):
    """Chin-ups, sit-ups and jumps of twenty men; their weight, waist and pulse."""

    rows = 20
    shape = (3,)
    kind = "vector"
    task = "regression"
    about = "exercise and body, 3 targets; Linnerud, comes with scikit-learn; no licence stated"

    def load(self, *, download: bool = False) -> Raw:
        from sklearn.datasets import load_linnerud

        bunch = load_linnerud()
        return Raw(bunch.data, bunch.target)


SOURCE = Linnerud()
