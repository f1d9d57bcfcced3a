"""Breast cancer: malignant or benign, from measurements of cell nuclei."""

from __future__ import annotations

from automl.data.raw import Raw
from automl.data.sources import Source


class BreastCancer(Source):
    """Thirty measurements of the cell nuclei in a fine needle aspirate."""

    rows = 569
    shape = (30,)
    kind = "vector"
    task = "binary"
    about = "Wisconsin diagnoses; Wolberg et al., from UCI, comes with scikit-learn; CC BY 4.0"

    def load(self, *, download: bool = False) -> Raw:
        from sklearn.datasets import load_breast_cancer

        bunch = load_breast_cancer()
        return Raw(bunch.data, bunch.target, tuple(map(str, bunch.target_names)))


SOURCE = BreastCancer()
