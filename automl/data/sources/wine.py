"""Wine: the chemistry of wines from three cultivars."""

from __future__ import annotations

from automl.data.raw import Raw
from automl.data.sources import Source


class Wine(Source):
    """Thirteen chemical measurements of a wine, in very different units."""

    rows = 178
    shape = (13,)
    kind = "vector"
    task = "multiclass"
    about = "wines of three cultivars; Forina et al., from UCI, comes with scikit-learn; CC BY 4.0"

    def load(self, *, download: bool = False) -> Raw:
        from sklearn.datasets import load_wine

        bunch = load_wine()
        return Raw(bunch.data, bunch.target, tuple(map(str, bunch.target_names)))


SOURCE = Wine()
