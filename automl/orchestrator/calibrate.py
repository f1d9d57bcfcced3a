"""Choose the temperature at which a model is as sure as it is right."""

from __future__ import annotations

import math

import numpy as np

from automl import result as r
from automl.arrays import Array
from automl.bundle.members import soften
from automl.metrics import METRICS

RANGE = (0.25, 8.0)
"""Temperatures that are tried: a model that needs another one is not too sure, but wrong."""

LEAST_GAIN = 0.01
"""Share of the log loss that a temperature must save on rows that did not choose it; a smaller gain
is not worth a number that everybody has to know of."""

PARTS = 5
"""Parts of the rows; four choose a temperature and the fifth judges it."""

_STEPS = 25


def calibrate(outputs: Array, y: Array, seed: int = 0) -> r.Calibration | None:
    """Return the temperature that makes the log loss smallest, or None when it does not help.

    Parameters
    ----------
    outputs : array of shape (rows, classes)
        Probabilities for rows that the model was not trained on.
    y : int array of shape (rows,)
        Class codes.
    seed : int
        Decides the parts that judge.
    """
    if len(y) < PARTS:
        return None
    p = outputs.astype(np.float64)
    part_of = np.random.default_rng(seed).permutation(len(y)) % PARTS
    judged = np.empty_like(p)
    for part in range(PARTS):
        here = part_of == part
        judged[here] = soften(p[here], best_temperature(p[~here], y[~here]))
    loss = METRICS["log_loss"]
    before, after = loss.score(y, p), loss.score(y, judged)
    if not after < (1.0 - LEAST_GAIN) * before:
        return None
    return r.Calibration(
        temperature=best_temperature(p, y), log_loss_before=before, log_loss_after=after
    )


def best_temperature(probabilities: Array, y: Array) -> float:
    """Return the temperature with the smallest log loss, within `RANGE`.

    The loss is convex in the inverse of the temperature: golden-section search finds the smallest.

    Parameters
    ----------
    probabilities : float64 array of shape (rows, classes)
    y : int array of shape (rows,)
    """
    golden = (math.sqrt(5.0) - 1.0) / 2.0
    low, high = (1.0 / bound for bound in reversed(RANGE))
    loss = METRICS["log_loss"]

    def cost(inverse: float) -> float:
        return loss.score(y, soften(probabilities, 1.0 / inverse))

    for _ in range(_STEPS):
        a, b = high - golden * (high - low), low + golden * (high - low)
        low, high = (low, b) if cost(a) < cost(b) else (a, high)
    return 2.0 / (low + high)
