"""`Forecaster`: a search for forecasts as an estimator, beside `Classifier` and `Regressor`.

Called by programs. Importing this module imports scikit-learn, so `import automl` leaves it until
it is used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from automl.arrays import Array
from automl.bundle.error_quantiles import USUAL
from automl.data.read.convert import is_frame
from automl.estimators import Searching
from automl.orchestrator.observer import Callback, Observer

TARGET, TIME, SERIES = "value", "step", "series"
"""Columns of the table that is made of an array."""


class Forecaster(Searching):
    """Search for the best network to forecast the next steps of one or many series.

    Parameters
    ----------
    horizon : int
        Number of steps to forecast.
    target, time, sequence : str, optional
        Columns of a long table: what is forecast, when, and the series where there are several.
        Arrays need none of them.
    season : int, optional
        Steps of a season, 1 for none; by default, what the times say.
    known, drop : sequence of str
        Columns that are known ahead, and columns that do not count.
    trials, time_budget, metric, space, fixed, folds, max_epochs, patience, sampler, pruner
        As those of `Classifier`, and so are all that follow; `metric` is mase by default.

    Attributes
    ----------
    model_ : automl.Model
    result_ : automl.SearchResult
        The last part of every series is its test split: no network learns from it.

    Examples
    --------
    >>> import automl, numpy as np
    >>> series = 10 + np.sin(np.arange(120) * np.pi / 6)
    >>> forecaster = automl.Forecaster(horizon=6, season=12).fit(series)  # doctest: +SKIP
    >>> forecaster.predict(series).shape  # doctest: +SKIP
    (1, 6)
    """

    def __init__(
        self,
        *,
        horizon: int = 1,
        target: str | None = None,
        time: str | None = None,
        sequence: str | None = None,
        season: int | None = None,
        known: Sequence[str] = (),
        drop: Sequence[str] = (),
        trials: int = 30,
        time_budget: float | str | None = None,
        metric: str | None = None,
        space: str | None = None,
        fixed: Mapping[str, Any] | None = None,
        folds: int | None = None,
        max_epochs: int | None = None,
        patience: int | None = None,
        sampler: str = "gp",
        pruner: str = "halving",
        finalists: int = 3,
        prefer: str = "auto",
        baselines: str | Sequence[str] = (),
        workers: int | None = None,
        executor: str = "process",
        device: str = "auto",
        study: str | None = None,
        random_state: Any = None,
        observer: Observer | None = None,
        callbacks: Sequence[Callback] = (),
    ) -> None:
        super().__init__(
            trials=trials,
            time_budget=time_budget,
            metric=metric,
            space=space,
            fixed=fixed,
            folds=folds,
            max_epochs=max_epochs,
            patience=patience,
            sampler=sampler,
            pruner=pruner,
            finalists=finalists,
            prefer=prefer,
            baselines=baselines,
            workers=workers,
            executor=executor,
            device=device,
            study=study,
            random_state=random_state,
            observer=observer,
            callbacks=callbacks,
        )
        self.horizon = horizon
        self.target = target
        self.time = time
        self.sequence = sequence
        self.season = season
        self.known = known
        self.drop = drop

    def fit(self, X: Any, y: None = None) -> Self:
        """Search for the best network, and train it.

        Parameters
        ----------
        X : frame, or array of shape (steps,) or (series, steps)
            A long table, a line a step; or the values themselves, a step apart.
        y : None
            Not used: the target is a column of X.

        Raises
        ------
        ValueError
            When the data or a parameter breaks its rule.
        """
        if y is not None:
            raise ValueError("y must be None: what is forecast is a column of X, or X itself")
        made = {} if is_frame(X) else {"target": TARGET, "time": TIME, "sequence": SERIES}
        self._search(self._table(X), None, "forecast", made)
        return self

    def predict(self, X: Any) -> Array:
        """Return the next steps of every series of X, of shape ``(series, horizon)``.

        The series of a table are sorted by their names, those of an array as they come.
        """
        check_is_fitted(self, "model_")
        return self.model_.predict(self._table(X)).reshape(-1, self.horizon)

    def predict_quantiles(self, X: Any, quantiles: Sequence[float] = USUAL) -> Array:
        """Return quantiles of the next steps, of shape ``(series, horizon, quantiles)``.

        Raises
        ------
        ValueError
            When there were too few windows to tell a quantile.
        """
        check_is_fitted(self, "model_")
        return self.model_.predict_quantiles(self._table(X), quantiles)

    def _table(self, X: Any) -> Any:
        """Return a long table as it is, and make one of the values themselves."""
        if is_frame(X):
            return X
        values = np.asarray(X, np.float64)
        if values.ndim == 1:
            values = values[None]
        if values.ndim != 2 or not values.size:
            raise ValueError(
                "X must be a long table, or values of shape (steps,) or (series, steps), but has"
                f" the shape {values.shape}"
            )
        from automl.data.read.table.encode import as_frame

        series, steps = np.indices(values.shape)
        width = len(str(len(values)))  # so that names are sorted as numbers are
        names = [f"{number:0{width}}" for number in series.ravel()]
        return as_frame({SERIES: names, TIME: steps.ravel(), TARGET: values.ravel()})
