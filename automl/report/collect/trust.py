"""Where the winner errs, and whether its confidence can be believed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from automl.arrays import Array
from automl.number_text import format_apart
from automl.report.facts import Judged

MAX_CLASSES = 20
"""Classes a confusion matrix shows: more would not be legible on a phone."""

MAX_MISTAKES = 12

BINS = 10
"""As in Guo et al. 2017, On calibration of modern neural networks, section 2, who use 10 to 15."""


class Confusion(NamedTuple):
    """How often a class was taken for another."""

    labels: list[str]
    counts: list[list[int]]
    left_out: int
    """Classes that are not shown, because they are confused less often."""


class Mistake(NamedTuple):
    """A test row that the winner got wrong."""

    row: int
    true: str
    predicted: str
    confidence: float
    """Probability of the wrong class; for numbers, the size of the error, and for several of them
    its norm in standard deviations of each."""


class Bin(NamedTuple):
    """Predictions of about the same confidence."""

    low: float
    high: float
    confidence: float
    accuracy: float
    rows: int


class Reliability(NamedTuple):
    """Confidence against accuracy."""

    bins: list[Bin]
    error: float
    """The expected calibration error: how far both are apart, on average over the rows."""


def confusion(
    labels: Sequence[str], counts: Sequence[Sequence[int]], most: int = MAX_CLASSES
) -> Confusion:
    """Return the whole matrix, or that of the classes with the most mistakes."""
    matrix = np.asarray(counts)
    mistakes = matrix.sum(axis=0) + matrix.sum(axis=1) - 2 * np.diag(matrix)
    kept = np.sort(np.argsort(-mistakes, kind="stable")[:most])
    return Confusion(
        [labels[i] for i in kept],
        matrix[np.ix_(kept, kept)].tolist(),
        len(labels) - len(kept),
    )


def mistakes(judged: Judged, labels: Sequence[str], most: int = MAX_MISTAKES) -> list[Mistake]:
    """Return the worst mistakes first: wrong with the most confidence, or farthest off."""
    if not judged.is_classification:
        return _farthest_off(judged, most)
    predicted = judged.predicted
    wrong = np.flatnonzero(predicted != judged.y)
    confidence = judged.output[wrong, predicted[wrong]]
    worst = wrong[np.argsort(-confidence, kind="stable")][:most]
    return [
        Mistake(
            int(row),
            labels[int(judged.y[row])],
            labels[int(predicted[row])],
            float(judged.output[row, predicted[row]]),
        )
        for row in worst
    ]


def _farthest_off(judged: Judged, most: int) -> list[Mistake]:
    errors = np.abs(judged.output - judged.y)
    if errors.ndim == 2:  # targets of different units, so each in deviations of its own
        spread = judged.y.std(axis=0)
        errors = np.linalg.norm(errors / np.where(spread > 0, spread, 1.0), axis=1)
    worst = np.argsort(-errors, kind="stable")[:most]
    return [Mistake(int(i), *_both(judged.y[i], judged.output[i]), float(errors[i])) for i in worst]


def _both(true: Array, predicted: Array) -> tuple[str, str]:
    """Return the numbers of one row and what was predicted for it, with as many digits."""
    pairs = np.stack([np.atleast_1d(true), np.atleast_1d(predicted)], axis=1)
    texts = [format_apart(pair, 4) for pair in pairs]
    return ", ".join(text[0] for text in texts), ", ".join(text[1] for text in texts)


def reliability_before(judged: Judged) -> Reliability | None:
    """Return the reliability without the temperature; None where there is none."""
    if judged.uncalibrated is None:
        return None
    return reliability(replace(judged, output=judged.uncalibrated))


def reliability(judged: Judged, bins: int = BINS) -> Reliability:
    """Bins of equal width over the confidence in the predicted class; empty ones are left out.

    Returns
    -------
    Reliability
        With Guo et al.'s expected calibration error (2017, equation 3).
    """
    confidence = judged.output.max(axis=1).astype(np.float64)
    right = judged.predicted == judged.y
    edges = np.linspace(0.0, 1.0, bins + 1)
    which = np.clip(np.digitize(confidence, edges[1:-1], right=True), 0, bins - 1)
    found, error = [], 0.0
    for i in range(bins):
        here = which == i
        rows = int(here.sum())
        if rows:
            mean, accuracy = float(confidence[here].mean()), float(right[here].mean())
            found.append(Bin(float(edges[i]), float(edges[i + 1]), mean, accuracy, rows))
            error += rows / len(confidence) * abs(mean - accuracy)
    return Reliability(found, error)
