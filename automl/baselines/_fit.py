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
from automl.baselines._job import (
    BaselineJob,
    BaselineMember,
    BaselineMemberJob,
    BaselineResult,
)
from automl.baselines._outputs import KEPT_AS, read_output, with_probabilities
from automl.baselines._rows import RowReader, in_parts
from automl.baselines._size import nbytes
from automl.baselines._subsample import subsample
from automl.baselines._windows import Rescaled, forecast_rows, window_scaling
from automl.data.preprocess.prepared import PreparedData
from automl.files import replace_file
from automl.job import ShouldStop
from automl.metrics import Metric, get_metric
from automl.warning_filters import warnings_as

VALID_ROWS = 5000
"""Validation rows that judge a configuration. An SVM takes as long to predict them as to fit
6,000, and the standard error at 97 % is 0.3 percentage points: finer differences vanish anyway
between the subsample and the final fit."""


AGREEMENT = 1e-4
"""Largest difference between an estimator and its layers: of a probability, or of a number in
standard deviations. Some estimators compute in float32."""

APART = 0.001
"""Share of rows that may differ by more: a class that is decided by the last bit."""

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
    reader = RowReader.of(data)
    fitted = _fit(job, reader, job.rows, whole=False)
    rows = subsample(data.valid_y, VALID_ROWS, data.task.is_classification, job.seed)
    metric, X = get_metric(job.metric, data.task), reader.read(data.valid_X, rows)
    output, seconds = _timed(fitted.estimator, X, metric, len(data.task.classes))
    return fitted.measured() | {
        "valid_score": metric.score(data.valid_y[rows], output),
        "seconds_predict_1000": seconds * 1000 / len(rows),
    }


def _finish(job: BaselineJob, data: PreparedData) -> dict[str, Any]:
    """Fit on all rows that have labels, and predict the test rows."""
    if BASELINES.get(job.name).of_series:
        return _forecast(job, data)
    reader = RowReader.of(data)
    fitted = _fit(job, reader, None, whole=not job.fold)  # in folds, validation has the same rows
    test_X, metric = reader.read(data.test_X), get_metric(job.metric, data.task)
    n_classes = len(data.task.classes)
    output, seconds = _timed(fitted.estimator, test_X, metric, n_classes)
    if len(test_X) < 1000:
        # A call has a cost of its own, which must not be multiplied.
        thousand = test_X[np.arange(1000) % len(test_X)]
        _, seconds = _timed(fitted.estimator, thousand, metric, n_classes)
    kept: dict[str, Any] = {}
    if job.model is not None:
        kept, output = _keep(job, reader, fitted, metric, output)
    if job.predictions is not None:
        arrays = {KEPT_AS[metric.uses]: output}
        if "pred" not in arrays:
            arrays["pred"] = in_parts(fitted.estimator.predict, test_X)
        _write(Path(job.predictions), arrays)
    return {
        **fitted.measured(),
        **kept,
        "seconds_predict_1000": seconds * 1000 / max(1000, len(test_X)),
        "predictions": job.predictions,
    }


def _forecast(job: BaselineJob, data: PreparedData) -> dict[str, Any]:
    """Forecast the test rows from the series before them."""
    baseline: Baseline = BASELINES.get(job.name)
    started = time.perf_counter()
    found = forecast_rows(baseline, job.params, data)
    seconds = time.perf_counter() - started
    if job.predictions is not None:
        _write(Path(job.predictions), {"pred": found})
    return {
        "seconds_fit": seconds,  # of all forecasts: each is a fit
        "seconds_predict_1000": seconds * 1000 / len(found),
        "size_bytes": 0,
        "not_kept": "it reads whole series, and is fitted anew for each forecast",
        "description": baseline.describe(job.params, data.task, len(data.train_y), 0),
        "predictions": job.predictions,
    }


def _keep(
    job: BaselineJob, reader: RowReader, fitted: _Fitted, metric: Metric, output: Array
) -> tuple[dict[str, Any], Array]:
    """Write the fitted estimator as a bundle can hold it.

    Returns
    -------
    dict
        What the result says of it.
    array
        Output for the test rows of what was written, in the form that the metric takes, so that
        the model that can be had is the one that was judged; else the estimator's.
    """
    from automl.baselines._plain import CannotKeep, to_chain
    from automl.bundle.load.layers import run_chain

    assert job.model is not None
    data = reader.data
    try:
        chain = reader.chain(
            to_chain(fitted.estimator, data.task, data.target, reader.inputs.n_features)
        )
        found = metric.takes(run_chain(chain, data, data.test_X))
        likely = hasattr(fitted.estimator, "predict_proba")
        if metric.uses == "scores" and not likely:
            found = output  # the softmax of decisions ranks rows in another order
        unit = float(np.max(data.target.scale))
        apart = float(np.mean(np.abs(found - output) > AGREEMENT * unit))
        if apart > APART:
            raise CannotKeep(f"its layers give something else for {apart:.2%} of the test rows")
    except CannotKeep as why:
        return {"not_kept": str(why)}, output
    path = Path(job.model)
    path.parent.mkdir(exist_ok=True)
    chain.write(path)
    size = path.stat().st_size
    return {"layers": chain.to_json(), "has_probabilities": likely, "size_bytes": size}, found


def fit_member(
    job: BaselineMemberJob, data: PreparedData, should_stop: ShouldStop
) -> Generator[None, None, BaselineMember]:
    """Fit a member of an ensemble, in a worker; see `BaselineMemberJob`."""
    yield from ()
    if should_stop():
        return BaselineMember(error="stopped before it began")
    try:
        return _fit_member(job, data)
    except Exception as error:  # noqa: BLE001 - an estimator's failure is a result
        return BaselineMember(error=f"{type(error).__name__}: {error}".splitlines()[0])


def _fit_member(job: BaselineMemberJob, data: PreparedData) -> BaselineMember:
    from automl.baselines._plain import to_chain
    from automl.bundle.load.layers import run_chain

    metric = "log_loss" if data.task.is_classification else "rmse"
    plain = BaselineJob(0, job.name, job.params, None, job.seed, metric)
    reader = RowReader.of(data)
    fitted = _fit(plain, reader, None, whole=False)
    chain = reader.chain(
        to_chain(fitted.estimator, data.task, data.target, reader.inputs.n_features)
    )
    valid = run_chain(chain, data, data.valid_X)
    started = time.perf_counter()
    test = run_chain(chain, data, data.test_X)
    seconds = (time.perf_counter() - started) * 1000 / len(test)
    _write(Path(job.predictions), {"valid": valid, "test": test})
    chain.write(Path(job.model))
    return BaselineMember(fitted.description, chain.to_json(), fitted.seconds, seconds)


def _fit(job: BaselineJob, reader: RowReader, rows: int | None, *, whole: bool) -> _Fitted:
    """Fit on so many training rows, or on all, and on the validation rows if `whole`."""
    from sklearn.pipeline import Pipeline

    baseline: Baseline = BASELINES.get(job.name)
    data = reader.data
    X, y, n_rows = reader.training_rows(rows, baseline.row_limit(job.params), job.seed, whole=whole)
    started = time.perf_counter()
    scaling = window_scaling(job.params, data) if data.task.is_forecast else None
    if scaling is not None:
        X, y = scaling.rows(X), scaling.relative(X, y)
    transformer = baseline.transformer(job.params, reader.inputs, len(X), job.seed)
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
    description += reader.describe(n_rows)
    if scaling is not None:
        estimator = Rescaled(estimator, scaling)
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
    output = in_parts(lambda part: read_output(estimator, part, metric, n_classes), X)
    return output, time.perf_counter() - started


def _write(path: Path, arrays: dict[str, Array]) -> None:
    """Write an NPZ file whole or not at all."""
    path.parent.mkdir(exist_ok=True)  # not its parents: the study may have been deleted
    with replace_file(path) as partial, partial.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]
