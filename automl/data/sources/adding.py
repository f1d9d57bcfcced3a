"""The adding problem: what stands at the two marked steps has to be remembered and summed.

Hochreiter and Schmidhuber 1997 ("Long short-term memory", Neural Computation 9, experiment 4), in
the form of Le, Jaitly and Hinton 2015 (arXiv 1504.00941, section 4.1): values from 0 to 1, one
mark in each half, and the sum as the target. To answer 1 always has a squared error of 1/6.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from automl.data.raw import Raw
from automl.data.sources import Source
from automl.task import InputKind, TaskKind

TRAIN_AND_VALID, TEST = 12_000, 2_000
"""10,000 rows train and 2,000 validate, as a sixth does beside a given test split."""


class Adding(Source):
    """50 steps of a value and a mark."""

    rows = TRAIN_AND_VALID + TEST
    shape: ClassVar[tuple[int, ...]] = (50, 2)
    kind: ClassVar[InputKind] = "sequence"
    task: ClassVar[TaskKind] = "regression"
    about = "the sum of two marked values of 50; Hochreiter and Schmidhuber, 1997; generated"

    def load(self, *, download: bool = False) -> Raw:
        random = np.random.RandomState(0)
        steps = self.shape[0]
        X = np.zeros((self.rows, steps, 2), np.float32)
        X[:, :, 0] = random.uniform(size=X.shape[:2])
        row = np.arange(self.rows)
        first = random.randint(0, steps // 2, self.rows)
        second = random.randint(steps // 2, steps, self.rows)
        X[row, first, 1] = X[row, second, 1] = 1.0
        y = (X[row, first, 0] + X[row, second, 0]).astype(np.float64)
        known = slice(TRAIN_AND_VALID)
        left = slice(TRAIN_AND_VALID, None)
        return Raw(X[known], y[known], test_X=X[left], test_y=y[left])


SOURCE = Adding()
