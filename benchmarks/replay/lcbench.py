"""Learning curves of LCBench's surrogate, the space they are drawn from, and what is reachable.

LCBench (Zimmer, Lindauer and Hutter 2020, arXiv 2006.13799) trained small networks on tables of
OpenML; the surrogate is that of YAHPO Gym (Pfisterer et al. 2022), from slds-lmu/yahpo_data under
the Apache License 2.0. It is not part of this repository: the program takes its folder.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from automl.space.domains import FloatDomain, IntDomain
from automl.space.space import SearchSpace

EPOCHS = 51
"""Epochs of a full training. The surrogate's first of 52 seems to be the untrained network."""

DEVELOPMENT = (3945, 126026, 167149, 167181, 167200, 168331, 168910, 189866, 189908)
"""Tasks on which the engine is developed: every other one of the 17 that may be looked at."""

REPORTING = (34539, 146212, 167161, 167185, 168329, 168868, 189862, 189905)
"""Tasks on which nothing is chosen. The surrogate's other 17 are left for somebody else's check."""

SPACE = SearchSpace(
    "lcbench",
    {
        "batch_size": IntDomain(16, 512, log=True),
        "learning_rate": FloatDomain(1e-4, 1e-1, log=True),
        "momentum": FloatDomain(0.1, 0.99),
        "weight_decay": FloatDomain(1e-5, 1e-1),
        "num_layers": IntDomain(1, 5),
        "max_units": IntDomain(64, 1024, log=True),
        "max_dropout": FloatDomain(0.0, 1.0),
    },
    {},
)
"""In the order of the surrogate's inputs, after the epoch."""

SECONDS, ACCURACY = 0, 1
"""Of the surrogate's outputs: seconds so far, and the accuracy on validation rows in per cent."""

CHUNK = 1_000
"""Rows a call: onnxruntime keeps the memory of its largest, half a gigabyte for 50,000."""


class Task:
    """One table of OpenML: the curve of any configuration.

    Parameters
    ----------
    folder : Path
        With ``model.onnx`` and ``encoding.json``.
    number : int
        OpenML's.
    """

    def __init__(self, folder: Path, number: int) -> None:
        self._session = _session(folder)
        codes = json.loads((folder / "encoding.json").read_text(encoding="utf-8"))
        self._code = codes["OpenML_task_id"][str(number)]
        self.number = number

    def curve(self, params: Mapping[str, Any]) -> NDArray[np.float64]:
        """Return the accuracy after each of `EPOCHS` epochs, in per cent."""
        rows = np.empty((EPOCHS, 1 + len(SPACE.domains)), np.float32)
        rows[:, 0] = np.arange(2, EPOCHS + 2)
        rows[:, 1:] = [float(params[name]) for name in SPACE.domains]
        return self._predict(rows, ACCURACY)

    def seconds(self, params: Mapping[str, Any]) -> float:
        """Return the mean seconds of an epoch: the surrogate's sums are not quite ascending."""
        row = [EPOCHS + 1.0, *(float(params[name]) for name in SPACE.domains)]
        return float(self._predict(np.array([row], np.float32), SECONDS)[0]) / EPOCHS

    def usual_seconds(self, tries: int = 1_000) -> float:
        """Return the mean seconds of an epoch of random configurations."""
        units = np.random.default_rng(0).random((tries, len(SPACE.domains)))
        return float(self._last(units, SECONDS).mean()) / EPOCHS

    def best(self, tries: int = 50_000, rounds: int = 8) -> float:
        """Return an accuracy that hardly any configuration surpasses after all epochs.

        The best of random configurations, and then of ever smaller steps away from the best 100.
        """
        rng = np.random.default_rng(0)
        units = rng.random((tries, len(SPACE.domains)))
        scores = self._last(units)
        for i in range(rounds):
            ahead = np.argsort(-scores)[:100]
            steps = rng.normal(0.0, 0.1 / 1.6**i, (100, 20, units.shape[1]))
            near = np.clip(units[ahead][:, None] + steps, 0.0, 1.0).reshape(-1, units.shape[1])
            units = np.concatenate([units[ahead], near])
            scores = np.concatenate([scores[ahead], self._last(near)])
        return float(scores.max())

    def _last(self, units: NDArray[np.float64], output: int = ACCURACY) -> NDArray[np.float64]:
        """Return what the surrogate says after all epochs of points of the unit cube."""
        columns = [np.full(len(units), EPOCHS + 1.0)]
        for unit, domain in zip(units.T, SPACE.domains.values(), strict=True):
            assert isinstance(domain, IntDomain | FloatDomain)
            low, high = float(domain.low), float(domain.high)
            value = low * (high / low) ** unit if domain.log else low + (high - low) * unit
            columns.append(np.round(value) if isinstance(domain, IntDomain) else value)
        return self._predict(np.stack(columns, axis=1).astype(np.float32), output)

    def _predict(self, rows: NDArray[np.float32], output: int) -> NDArray[np.float64]:
        codes = np.full((len(rows), 1), self._code, np.int32)
        parts = [slice(i, i + CHUNK) for i in range(0, len(rows), CHUNK)]
        out = [
            self._session.run(["output"], {"x_cat": codes[part], "x_cont": rows[part]})[0]
            for part in parts
        ]
        return np.concatenate(out)[:, output].astype(np.float64)


@cache
def _session(folder: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(folder / "model.onnx"), options)
