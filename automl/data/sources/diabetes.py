"""Diabetes: progression of the disease after a year, a regression."""

from __future__ import annotations

from automl.data.raw import Raw
from automl.data.sources import Source


class Diabetes(Source):
    """Age, sex, body mass index, blood pressure and six blood values, in their own units."""

    rows = 442
    shape = (10,)
    kind = "vector"
    task = "regression"
    about = (
        "progression of diabetes; Efron et al., 2004, comes with scikit-learn; no licence stated"
    )

    def load(self, *, download: bool = False) -> Raw:
        from sklearn.datasets import load_diabetes

        # In their own units: scikit-learn's scaled values were scaled with the test rows.
        bunch = load_diabetes(scaled=False)
        return Raw(bunch.data, bunch.target)


SOURCE = Diabetes()
