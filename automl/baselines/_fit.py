"""Fit a baseline once, in a worker."""

from __future__ import annotations

import time
import warnings
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np

from automl.arrays import Array
from automl.baselines import BASELINES, Baseline
from automl.baselines._job import BaselineJob, BaselineResult
from automl.baselines._outputs import KEPT_AS, read_output, with_probabilities
from automl.baselines._size import nbytes
from automl.baselines._subsample import subsample
from automl.data.preprocess.prepared import PreparedData
from automl.files import replace_file
from automl.job import ShouldStop
from automl.metrics import Metric, get_metric
from automl.warning_filters import warnings_as

VALID_ROWS = 5000
"""Validation rows that judge a configuration. An SVM takes as long to predict them as to fit
6,000, and the standard error at 97 % is 0.3 percentage points: finer differences vanish anyway
between the subsample and the final fit."""


_MEANS = ("valid_score", "seconds_fit", "seconds_predict_1000")
"""Figures of a configuration that are means over its splits."""


def fit(
    job: BaselineJob, data: PreparedData, should_stop: ShouldStop
) -> Generator[None, None, BaselineResult]:
    """Fit a baseline, in a worker; yield nothing, because a fit cannot be interrupted."""
    yield from ()
    started = time.perf_counter()
    if should_stop():
        return _result(job, started, error="stopped before it began")
    try:
        measured = _tune(job, data) if job.rows is not None else _finish(job, data)
    except Exception as error:  # noqa: BLE001 - an estimator's failure is a result
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        return _result(job, started, error=reason)
    return _result(job, started, **measured)


def _result(job: BaselineJob, started: float, **measured: Any) -> BaselineResult:
    seconds = time.perf_counter() - started
    return BaselineResult(job.number, job.name, job.params, seconds=seconds, **measured)


def _tune(job: BaselineJob, data: PreparedData) -> dict[str, Any]:
    """Try the configuration on every split."""
    tried = [_try(job, split) for split in data.splits]
    means = {name: fmean(one[name] for one in tried) for name in _MEANS}
    return tried[0] | means


def _try(job: BaselineJob, data: PreparedData) -> dict[str, Any]:
    """Fit a part of the training rows, and score on a part of the validation rows."""
    fit_rows = subsample(data.train_y, job.rows, data.task.is_classification, job.seed)
    fitted = _fit(job, data, _flat(data.train_X)[fit_rows], data.train_y[fit_rows])
    rows = subsample(data.valid_y, VALID_ROWS, data.task.is_classification, job.seed)
    metric, X = get_metric(job.metric, data.task), _flat(data.valid_X)[rows]
    output, seconds = _timed(fitted.estimator, X, metric, len(data.task.classes))
    return fitted.measured() | {
        "valid_score": metric.score(data.valid_y[rows], output),
        "seconds_predict_1000": seconds * 1000 / len(rows),
    }


def _finish(job: BaselineJob, data: PreparedData) -> dict[str, Any]:
    """Fit on all rows that have labels, and predict the test rows."""
    X = np.concatenate([_flat(data.train_X), _flat(data.valid_X)])
    y = np.concatenate([data.train_y, data.valid_y])
    fitted = _fit(job, data, X, y)
    test_X, metric = _flat(data.test_X), get_metric(job.metric, data.task)
    n_classes = len(data.task.classes)
    output, seconds = _timed(fitted.estimator, test_X, metric, n_classes)
    if len(test_X) < 1000:
        # A call has a cost of its own, which must not be multiplied.
        thousand = test_X[np.arange(1000) % len(test_X)]
        _, seconds = _timed(fitted.estimator, thousand, metric, n_classes)
    if job.predictions is not None:
        arrays = {KEPT_AS[metric.uses]: output}
        if "pred" not in arrays:
            arrays["pred"] = np.asarray(fitted.estimator.predict(test_X))
        _write(Path(job.predictions), arrays)
    return fitted.measured() | {
        "seconds_predict_1000": seconds * 1000 / max(1000, len(test_X)),
        "predictions": job.predictions,
    }


def _fit(job: BaselineJob, data: PreparedData, X: Array, y: Array) -> _Fitted:
    baseline: Baseline = BASELINES.get(job.name)
    n_rows = len(X)
    kept = subsample(y, baseline.row_limit(job.params), data.task.is_classification, job.seed)
    if len(kept) < len(y):
        X, y = X[kept], y[kept]
    from sklearn.pipeline import Pipeline

    started = time.perf_counter()
    transformer = baseline.transformer(job.params, data.preprocessing.inputs, len(X), job.seed)
    if transformer is not None:
        X = transformer.fit_transform(X)
    n_features = X.shape[1]
    description = baseline.describe(job.params, data.task, n_rows, n_features)
    estimator = baseline.build(job.params, data.task, len(X), n_features, job.seed)
    if get_metric(job.metric, data.task).uses == "probabilities":
        estimator, how = with_probabilities(estimator, y)
        description += how
    converged = fit_quietly(estimator, X, y)
    seconds = time.perf_counter() - started
    if not converged:
        description += ", stopped before it converged"
    if transformer is not None:
        estimator = Pipeline([("transformer", transformer), ("estimator", estimator)])
        description += getattr(transformer, "about", "")
    return _Fitted(estimator, seconds, description)


@dataclass(frozen=True, slots=True)
class _Fitted:
    estimator: Any
    seconds: float
    description: str

    def measured(self) -> dict[str, Any]:
        return {
            "seconds_fit": self.seconds,
            "size_bytes": nbytes(self.estimator),
            "description": self.description,
        }


def _flat(X: Array) -> Array:
    """Rows of any shape as rows of numbers."""
    return X.reshape(len(X), -1)


def fit_quietly(estimator: Any, X: Array, y: Array) -> bool:
    """Fit, and say whether it converged instead of warning on the terminal of a worker."""
    from sklearn.exceptions import ConvergenceWarning

    with warnings_as("record", ConvergenceWarning) as said:
        estimator.fit(X, y)
    for warning in said:
        if not issubclass(warning.category, ConvergenceWarning):
            warnings.warn_explicit(
                warning.message, warning.category, warning.filename, warning.lineno
            )
    return not any(issubclass(warning.category, ConvergenceWarning) for warning in said)


def _timed(estimator: Any, X: Array, metric: Metric, n_classes: int) -> tuple[Array, float]:
    """Compute what the metric takes, and measure the seconds that it took."""
    started = time.perf_counter()
    output = read_output(estimator, X, metric, n_classes)
    return output, time.perf_counter() - started


def _write(path: Path, arrays: dict[str, Array]) -> None:
    """Write an NPZ file whole or not at all."""
    path.parent.mkdir(exist_ok=True)  # not its parents: the study may have been deleted
    with replace_file(path) as partial, partial.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]
