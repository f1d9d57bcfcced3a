"""The contract of a baseline: a model that is not searched by the network worker.

The search calls `Baseline.space` in the parent, samples from it with Optuna, and sends a
`automl.baselines._job.BaselineJob` to a worker for every fit; the worker calls `Baseline.build`
and fits what it returns. Neither ever sees the labels of the test split.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from automl.arrays import Array
from automl.registry import Registry
from automl.space.domains import Params
from automl.space.space import SearchSpace
from automl.task import Inputs, Task


class Baseline(ABC):
    """One baseline. A file assigns an instance to ``BASELINE``.

    Attributes
    ----------
    needs : tuple of str
        Packages that it needs beside those that automl does.
    of_series : bool
        Whether it has `forecast`, and no `build`.
    tuning_trials : int
        Configurations tried; 0 when nothing is tuned.
    tuning_rows : int
        Training rows on which each of them is fitted; the final fit takes all rows, up to
        `row_limit`.
    """

    needs: ClassVar[tuple[str, ...]] = ()
    of_series: ClassVar[bool] = False
    tuning_trials: ClassVar[int] = 0
    tuning_rows: ClassVar[int] = 0

    def space(self, task: Task, n_features: int) -> SearchSpace:
        """Return what may be tuned; empty for a baseline that is fitted as it comes."""
        return SearchSpace(type(self).__name__, {}, {})

    def row_limit(self, params: Params) -> int | None:
        """Most rows that a fit may take; above, it gets a stratified subsample of as many."""
        return None

    def transformer(self, params: Params, inputs: Inputs, n_rows: int, seed: int) -> Any:
        """Return an unfitted scikit-learn transformer of the flat rows, or None.

        It is what a baseline knows of a row that a flat one does not show: that it is a series,
        or an image. `build` then gets what comes out, and `n_features` of it. What stands in its
        attribute ``about``, if it has one, ends the description.

        Parameters
        ----------
        params, n_rows, seed
            As in `build`.
        inputs : Inputs
            Shape of one row before it was flattened.
        """
        return None

    def forecast(self, params: Params, task: Task, past: Array, spans: Array) -> Array:
        """Forecast from whole series, where `of_series`; nothing is fitted before.

        Parameters
        ----------
        params : dict
        task : Task
            With the horizon in `n_targets`, and the season.
        past : float64 array
            Series, one after the other.
        spans : int64 array of shape (rows, 2)
            Begin and end of the values before each forecast.

        Returns
        -------
        array of shape (rows, horizon)
        """
        raise NotImplementedError

    @abstractmethod
    def build(self, params: Params, task: Task, n_rows: int, n_features: int, seed: int) -> Any:
        """Build an unfitted scikit-learn estimator.

        Parameters
        ----------
        params : dict
            One draw from `space`.
        task : Task
        n_rows, n_features : int
            Size of its training rows: flat float32, the same for every baseline.
            Numbers are standardised, missing ones the median, and categories one-hot; see
            `automl.data.preprocess.variants.BASELINE`. The target comes as codes, or as numbers
            in its own units.
        seed : int
            From 0 to 2**32 - 1.
        """

    @abstractmethod
    def describe(self, params: Params, task: Task, n_rows: int, n_features: int) -> str:
        """Describe in one line what was fitted, and what was left out because of size.

        Parameters
        ----------
        n_rows : int
            All rows that there are, even beyond `row_limit`.
        """


class OfSeries(Baseline):
    """A baseline that reads whole series, and is for forecasts alone."""

    of_series: ClassVar[bool] = True

    def build(self, params: Params, task: Task, n_rows: int, n_features: int, seed: int) -> Any:
        raise ValueError("it is for forecasts, and reads whole series")


BASELINES: Registry[Baseline] = Registry("automl.baselines", "BASELINE", "baseline")
