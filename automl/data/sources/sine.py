"""Noisy sine waves of different lengths, and what comes next.

Each sequence is ``a * sin(2 pi f t + p)`` at ``t = 0, 1, ...`` with noise of deviation 0.1: 20 to
60 steps, amplitude `a` from 0.5 to 2, `f` from 0.02 to 0.2 cycles a step, and any phase `p`. The
target is the wave without noise, five steps after the last one that is shown.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from automl.arrays import Array
from automl.data.raw import Raw
from automl.data.sequences import pad
from automl.data.sources import Source
from automl.task import InputKind, TaskKind

AHEAD = 5
NOISE = 0.1
SHORTEST, LONGEST = 20, 60
TRAIN_AND_VALID, TEST = 6_000, 1_000


class Sine(Source):
    """20 to 60 steps of one number."""

    rows = TRAIN_AND_VALID + TEST
    shape: ClassVar[tuple[int, ...]] = (LONGEST, 1)
    kind: ClassVar[InputKind] = "sequence"
    task: ClassVar[TaskKind] = "regression"
    about = "noisy sine waves of 20 to 60 steps, to be continued; generated, no licence needed"

    def load(self, *, download: bool = False) -> Raw:
        random = np.random.RandomState(0)
        size = (self.rows, 1)
        amplitude, frequency = random.uniform(0.5, 2.0, size), random.uniform(0.02, 0.2, size)
        phase = random.uniform(0.0, 1.0, size)
        lengths = random.randint(SHORTEST, LONGEST + 1, self.rows)
        lengths[0] = LONGEST

        def wave(t: Array) -> Array:
            # The last bits differ from processor to processor, and the fingerprint must not.
            return np.asarray(amplitude * np.sin(2.0 * np.pi * (frequency * t + phase))).round(6)

        noise = np.round(random.normal(0.0, NOISE, (self.rows, LONGEST)), 6)
        shown = (wave(np.arange(LONGEST)) + noise).astype(np.float32)
        X = pad(shown[:, :, None], lengths)
        y = wave(lengths[:, None] - 1 + AHEAD)[:, 0]
        known, left = slice(TRAIN_AND_VALID), slice(TRAIN_AND_VALID, None)
        return Raw(X[known], y[known], test_X=X[left], test_y=y[left])


SOURCE = Sine()
