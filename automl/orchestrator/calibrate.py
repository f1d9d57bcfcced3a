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
    """Return the temperature with the smallest loss, within `RANGE`.

    The loss is convex in the inverse of the temperature: golden-section search finds the smallest.
    It is the cross-entropy with Platt's targets: a class with n rows is to be believed by
    ``(n + 1) / (n + 2)``. A model that is right in all of 50 rows would otherwise be made as sure
    as can be, and its first mistake would be a costly one.

    Parameters
    ----------
    probabilities : float64 array of shape (rows, classes)
    y : int array of shape (rows,)

    References
    ----------
    J. Platt (1999), Probabilistic outputs for support vector machines, section 2.2.
    """
    classes = probabilities.shape[1]
    counts = np.bincount(y, minlength=classes)[y]
    right = (counts + 1.0) / (counts + 2.0)
    targets = np.repeat((1.0 - right)[:, None] / (classes - 1), classes, axis=1)
    targets[np.arange(len(y)), y] = right
    golden = (math.sqrt(5.0) - 1.0) / 2.0
    low, high = (1.0 / bound for bound in reversed(RANGE))

    def cost(inverse: float) -> float:
        logs = np.log(soften(probabilities, 1.0 / inverse).clip(np.finfo(np.float64).tiny))
        return float(-(targets * logs).sum(axis=1).mean())

    for _ in range(_STEPS):
        a, b = high - golden * (high - low), low + golden * (high - low)
        low, high = (low, b) if cost(a) < cost(b) else (a, high)
    return 2.0 / (low + high)
