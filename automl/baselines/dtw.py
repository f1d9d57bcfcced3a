"""The nearest neighbour under dynamic time warping: long the rival that series had to beat.

Sakoe and Chiba 1978, with a band of a tenth of the steps (Ratanamahatana and Keogh 2005 found wider
ones seldom better). Rows of other kinds are read number by number.
"""

from __future__ import annotations

from typing import Any

from automl.baselines import Baseline
from automl.space.domains import Params
from automl.task import Inputs, Task

ROWS = 500
"""Rows that are remembered. A comparison of two takes some thousand operations."""


class TimeWarping(Baseline):
    """The class, or the number, of the most similar row."""

    def transformer(self, params: Params, inputs: Inputs, n_rows: int, seed: int) -> Any:
        from automl.baselines._warping import Shortened

        return Shortened(inputs.shape if inputs.kind == "sequence" else (inputs.n_features, 1))

    def row_limit(self, params: Params) -> int | None:
        return ROWS

    def build(self, params: Params, task: Task, n_rows: int, n_features: int, seed: int) -> Any:
        from automl.baselines._warping import NearestClassifier, NearestRegressor

        return NearestClassifier() if task.is_classification else NearestRegressor()

    def describe(self, params: Params, task: Task, n_rows: int, n_features: int) -> str:
        limit = f", of {ROWS:,} of {n_rows:,} rows" if n_rows > ROWS else ""
        return f"nearest neighbour under dynamic time warping{limit}"


BASELINE = TimeWarping()
