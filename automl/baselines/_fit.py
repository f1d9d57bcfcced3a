"""`BaselineJob`: one fit of a baseline, in a worker.

The search sends one a configuration while it tunes, with `BaselineJob.rows` given, and a last one
without, whose predictions of the test rows are compared with the winner's.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.baselines import BASELINES, Baseline
from automl.baselines._outputs import KEPT_AS, read_output, with_probabilities
from automl.baselines._size import nbytes
from automl.baselines._subsample import subsample
from automl.data.preprocess.prepared import PreparedData
from automl.data.preprocess.variants import BASELINE, Variant
from automl.files import replace_file
from automl.metrics import Metric, get_metric
from automl.space.domains import Params

Array = NDArray[Any]

VALID_ROWS = 5000
"""Validation rows that judge a configuration. An SVM takes as long to predict them as to fit
6,000, and the standard error at 97 % is 0.3 percentage points: finer differences vanish anyway
between the subsample and the final fit."""


_MEANS = ("valid_score", "seconds_fit", "seconds_predict_1000")
"""What a configuration's splits are averaged in."""


@dataclass(frozen=True, slots=True)
class BaselineResult:
    """What became of a `BaselineJob`.

    Attributes
    ----------
    number, name, params
        As in the job.
    valid_score : float or None
        The metric on (at most `VALID_ROWS`) validation rows; None for a final fit or a failure.
    seconds_fit : float
        Wall clock.
    seconds_predict_1000 : float
        Wall clock for a thousand rows; extrapolated from fewer while tuning.
    seconds : float
        Wall clock of the whole job, predictions included.
    size_bytes : int or None
        Of the fitted numbers.
    description : str
        One line; says when the fit was stopped before it converged.
    predictions : str or None
        The file that a final fit has written.
    error : str or None
        The reason of a failure, one line.
    """

    number: int
    name: str
    params: Params
    valid_score: float | None = None
    seconds_fit: float = 0.0
    seconds_predict_1000: float = 0.0
    seconds: float = 0.0
    size_bytes: int | None = None
    description: str = ""
    predictions: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class BaselineJob:
    """Fit a baseline once.

    Attributes
    ----------
    number : int
        The configuration's number.
    name : str
        Of the baseline.
    params : dict
        One draw from its space.
    rows : int or None
        Training rows to fit, as a stratified subsample, then judged on validation; None for the
        final fit on train and validation together.
    seed : int
        Decides the subsample and the estimator's random choices. Jobs with one seed see the same
        rows, so that configurations are compared on equal terms.
    metric : str
    predictions : str or None
        Where a final fit writes its predictions of the test rows, as NPZ: ``pred``, codes of
        shape ``(rows,)`` or numbers of the targets' shape, and what the metric takes beside, by
        its name in `KEPT_AS`.
    folds : int
        Splits on which a configuration is tried; its score is the mean over them.
    """

    number: int
    name: str
    params: Params = field(hash=False)
    rows: int | None
    seed: int
    metric: str
    predictions: str | None = None
    folds: int = 1

    @property
    def variant(self) -> Variant:
        """The same data for every baseline."""
        return replace(BASELINE, folds=self.folds)

    def run(
        self, data: PreparedData, should_stop: Callable[[], object]
    ) -> Generator[None, None, BaselineResult]:
        """Called by an executor, in a worker. Yields nothing: a fit cannot be interrupted."""
        yield from ()
        started = time.perf_counter()
        if should_stop():
            return self._result(started, error="stopped before it began")
        try:
            measured = self._tune(data) if self.rows is not None else self._finish(data)
        except Exception as error:  # noqa: BLE001 - an estimator's failure is a result
            reason = f"{type(error).__name__}: {error}".splitlines()[0]
            return self._result(started, error=reason)
        return self._result(started, **measured)

    def _result(self, started: float, **measured: Any) -> BaselineResult:
        seconds = time.perf_counter() - started
        return BaselineResult(self.number, self.name, self.params, seconds=seconds, **measured)

    def _tune(self, data: PreparedData) -> dict[str, Any]:
        """Try the configuration on every split."""
        tried = [self._try(split) for split in data.splits]
        means = {name: fmean(one[name] for one in tried) for name in _MEANS}
        return tried[0] | means

    def _try(self, data: PreparedData) -> dict[str, Any]:
        """Fit a part of the training rows, and score on a part of the validation rows."""
        fit_rows = subsample(data.train_y, self.rows, data.task.is_classification, self.seed)
        fitted = self._fit(data, _flat(data.train_X)[fit_rows], data.train_y[fit_rows])
        rows = subsample(data.valid_y, VALID_ROWS, data.task.is_classification, self.seed)
        metric, X = get_metric(self.metric, data.task), _flat(data.valid_X)[rows]
        output, seconds = _timed(fitted.estimator, X, metric, len(data.task.classes))
        return fitted.measured() | {
            "valid_score": metric.score(data.valid_y[rows], output),
            "seconds_predict_1000": seconds * 1000 / len(rows),
        }

    def _finish(self, data: PreparedData) -> dict[str, Any]:
        """Fit on all rows that have labels, and predict the test rows."""
        X = np.concatenate([_flat(data.train_X), _flat(data.valid_X)])
        y = np.concatenate([data.train_y, data.valid_y])
        fitted = self._fit(data, X, y)
        test_X, metric = _flat(data.test_X), get_metric(self.metric, data.task)
        n_classes = len(data.task.classes)
        output, seconds = _timed(fitted.estimator, test_X, metric, n_classes)
        if len(test_X) < 1000:
            # A call has a cost of its own, which must not be multiplied.
            thousand = test_X[np.arange(1000) % len(test_X)]
            _, seconds = _timed(fitted.estimator, thousand, metric, n_classes)
        if self.predictions is not None:
            arrays = {KEPT_AS[metric.uses]: output}
            if "pred" not in arrays:
                arrays["pred"] = np.asarray(fitted.estimator.predict(test_X))
            _write(Path(self.predictions), arrays)
        return fitted.measured() | {
            "seconds_predict_1000": seconds * 1000 / max(1000, len(test_X)),
            "predictions": self.predictions,
        }

    def _fit(self, data: PreparedData, X: Array, y: Array) -> _Fitted:
        baseline: Baseline = BASELINES.get(self.name)
        n_rows, n_features = X.shape
        description = baseline.describe(self.params, data.task, n_rows, n_features)
        kept = subsample(y, baseline.row_limit(self.params), data.task.is_classification, self.seed)
        if len(kept) < len(y):
            X, y = X[kept], y[kept]
        estimator = baseline.build(self.params, data.task, len(X), n_features, self.seed)
        if get_metric(self.metric, data.task).uses == "probabilities":
            estimator, how = with_probabilities(estimator, y)
            description += how
        started = time.perf_counter()
        converged = _fit_quietly(estimator, X, y)
        seconds = time.perf_counter() - started
        if not converged:
            description += ", stopped before it converged"
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


def _fit_quietly(estimator: Any, X: Array, y: Array) -> bool:
    """Fit, and say whether it converged instead of warning on the terminal of a worker."""
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", ConvergenceWarning)
        estimator.fit(X, y)
    for warning in said:
        if not issubclass(warning.category, ConvergenceWarning):
            warnings.warn_explicit(
                warning.message, warning.category, warning.filename, warning.lineno
            )
    return not any(issubclass(warning.category, ConvergenceWarning) for warning in said)


def _timed(estimator: Any, X: Array, metric: Metric, n_classes: int) -> tuple[Array, float]:
    """What the metric takes, and the seconds that it took."""
    started = time.perf_counter()
    output = read_output(estimator, X, metric, n_classes)
    return output, time.perf_counter() - started


def _write(path: Path, arrays: dict[str, Array]) -> None:
    """Write an NPZ file whole or not at all."""
    path.parent.mkdir(exist_ok=True)  # not its parents: the study may have been deleted
    with replace_file(path) as partial, partial.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]
