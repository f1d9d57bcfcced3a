"""Iris: Fisher's flowers, the smallest of the classics."""

from __future__ import annotations

from automl.data.raw import Raw
from automl.data.sources import Source


class Iris(Source):
    """Lengths and widths of sepals and petals, in cm, of three species."""

    rows = 150
    shape = (4,)
    kind = "vector"
    task = "multiclass"
    about = "iris flowers; Fisher, 1936, from UCI, comes with scikit-learn; CC BY 4.0"

    def load(self, *, download: bool = False) -> Raw:
        from sklearn.datasets import load_iris

        bunch = load_iris()
        return Raw(bunch.data, bunch.target, tuple(map(str, bunch.target_names)))


SOURCE = Iris()
