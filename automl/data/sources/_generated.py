"""What data sets from scikit-learn's generators share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from automl.data.raw import Raw
from automl.data.sources import Source
from automl.task import InputKind


class GeneratedSource(Source):
    """Points that a function of `sklearn.datasets` makes, from seed 0.

    Attributes
    ----------
    make : str
        Name of the function.
    options : mapping
        Its arguments.
    classes : tuple of int
        The labels that it gives, sorted; empty for a regression.
    """

    kind: ClassVar[InputKind] = "vector"
    make: ClassVar[str]
    options: ClassVar[Mapping[str, Any]]
    classes: ClassVar[tuple[int, ...]] = ()

    def load(self, *, download: bool = False) -> Raw:
        import sklearn.datasets

        X, y, *_ = getattr(sklearn.datasets, self.make)(random_state=0, **self.options)
        # The last bits differ from processor to processor, and the fingerprint must not.
        X = np.round(X, 6)
        if self.classes:
            return Raw(X, np.searchsorted(self.classes, y), self.classes)
        return Raw(X, np.round(y, 6))
