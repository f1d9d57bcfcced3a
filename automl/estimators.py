"""`Classifier` and `Regressor`: a search as a scikit-learn estimator.

Called by programs and by scikit-learn's own pipelines and model selection. Importing this module
imports scikit-learn, so `import automl` leaves it until one of the two is used.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import check_random_state, column_or_1d
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    _check_feature_names,
    _check_n_features,
    check_is_fitted,
    check_X_y,
    validate_data,
)

from automl.arrays import Array
from automl.locations import use_studies_folder
from automl.orchestrator.observer import Callback, Observer
from automl.result import SearchResult


class Searching(BaseEstimator):  # type: ignore[misc]
    """A search as an estimator: parameters are those of `search`, but for `random_state`."""

    def __init__(
        self,
        *,
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
        self.trials = trials
        self.time_budget = time_budget
        self.metric = metric
        self.space = space
        self.fixed = fixed
        self.folds = folds
        self.max_epochs = max_epochs
        self.patience = patience
        self.sampler = sampler
        self.pruner = pruner
        self.finalists = finalists
        self.prefer = prefer
        self.baselines = baselines
        self.workers = workers
        self.executor = executor
        self.device = device
        self.study = study
        self.random_state = random_state
        self.observer = observer
        self.callbacks = callbacks

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def _rows(self, X: Any, *, fitting: bool) -> Any:
        """Return rows as the search reads them: a table as it is, anything else as numbers."""
        if self._has_table and _is_frame(X):
            _check_feature_names(self, X, reset=fitting)
            _check_n_features(self, X, reset=fitting)
            return X
        return validate_data(self, X, reset=fitting, ensure_all_finite="allow-nan")

    def _search(
        self, X: Any, y: Array | None, task: str, more: Mapping[str, Any] | None = None
    ) -> None:
        """Run the search, and keep its result and its model.

        Parameters
        ----------
        X, y
            As `automl.search` takes them.
        task : str
        more : mapping, optional
            Options in place of the estimator's parameters.
        """
        from automl.bundle.model import load_model
        from automl.config import SearchConfig
        from automl.data import DataOptions
        from automl.data.names import IN_MEMORY
        from automl.data.read.memory import from_memory
        from automl.orchestrator.search import search
        from automl.study.folder import StudyFolder

        options = self.get_params(deep=False)
        observer, callbacks = options.pop("observer"), options.pop("callbacks")
        seed = options.pop("random_state")
        if not isinstance(seed, int | np.integer):
            seed = check_random_state(seed).randint(2**31 - 1)
        options = options | {
            "dataset": IN_MEMORY,
            "task": task,
            "seed": int(seed),
            "fixed": dict(self.fixed or {}),
            "study": self.study or IN_MEMORY,
            "onnx": False,
            "report": self.study is not None,
            **(more or {}),
        }
        config = SearchConfig(**options)
        data = from_memory(X, y, DataOptions.of(config))
        if self.study is not None:
            self.result_: SearchResult = search(config, observer, data, callbacks=callbacks)
            self.model_ = load_model(StudyFolder(Path(self.result_.folder)).best)
            return
        with (
            tempfile.TemporaryDirectory(prefix="automl-") as folder,
            use_studies_folder(Path(folder)),
        ):
            self.result_ = search(config, observer, data, callbacks=callbacks)
            self.model_ = load_model(StudyFolder(Path(self.result_.folder)).best)


class Classifier(ClassifierMixin, Searching):  # type: ignore[misc]
    """Search for the best network to tell classes apart.

    Parameters
    ----------
    trials : int
        Number of candidates to try.
    time_budget : float or str, optional
        Seconds, or such as ``"5m"``.
    metric : str, optional
        What is optimised; by default accuracy.
    space : str, optional
        A search space, by name or as a YAML file.
    fixed : mapping, optional
        Parameters with one value, by dotted name: ``{"model.depth": 2}``.
    folds : int, optional
        Folds of a cross-validation; by default what fits the number of rows.
    max_epochs, patience : int, optional
    sampler, pruner : str
    finalists : int
    prefer : {"auto", "single", "ensemble"}
        Whether `model_` is one network, or several whose outputs are averaged.
    baselines : str or sequence of str
        What the winner is compared with in `result_`; none by default.
    workers : int, optional
        Networks trained at the same time; by default one a core.
    executor, device : str
    study : str, optional
        Name of a study to keep in ``studies/``, with its report, and to go on with at the next
        `fit` on the same data. Without one, everything but the model and the result is deleted.
    random_state : int, RandomState or None
        Only an int gives the same search again, and only with one worker.
    observer : automl.Observer, optional
        Hears of trials, epochs, phases and baselines as they come. `clone`, and so every fold of
        scikit-learn's model selection, makes a copy of it.
    callbacks : sequence of callable
        Called after every finished trial with an `automl.SearchProgress`, whose `stop` ends the
        search, and the `automl.TrialRecord`.

    Attributes
    ----------
    classes_ : array of shape (classes,)
    n_features_in_ : int
    feature_names_in_ : array of str
        Names of a frame's columns, where all of them are text.
    model_ : automl.Model
    result_ : automl.SearchResult
        A fifth of the rows that `fit` is given is its test split: no network learns from them.

    Examples
    --------
    >>> import automl
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> classifier = automl.Classifier(trials=30, random_state=0).fit(X, y)  # doctest: +SKIP
    >>> classifier.predict_proba(X[:2]).shape  # doctest: +SKIP
    (2, 3)
    """

    def fit(self, X: Any, y: Any) -> Self:
        """Search for the best network, and train it.

        Parameters
        ----------
        X : array or frame of shape (rows, features)
            NaN is a missing value; columns of a frame may hold text, categories and dates.
        y : array of shape (rows,)
            Labels of any type that can be sorted.

        Raises
        ------
        ValueError
            When the data or a parameter breaks its rule.
        """
        X, y = _with_targets(self, X, y)
        y = column_or_1d(y, warn=True)
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"y must hold two classes or more, but has {len(self.classes_)} class")
        self._search(X, codes, "binary" if len(self.classes_) == 2 else "multiclass")
        return self

    def predict(self, X: Any) -> Array:
        """Return labels of shape ``(rows,)``."""
        best = self.predict_proba(X).argmax(axis=1)
        return np.asarray(self.classes_[best])

    def predict_proba(self, X: Any) -> Array:
        """Return class probabilities of shape ``(rows, classes)``, in the order of `classes_`."""
        check_is_fitted(self)
        return self.model_.predict_proba(self._rows(X, fitting=False))


class Regressor(RegressorMixin, Searching):  # type: ignore[misc]
    """Search for the best network to predict numbers.

    Parameters and attributes are those of `Classifier`, but for `classes_`; `metric` is rmse by
    default. Several targets are predicted by one network.
    """

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def fit(self, X: Any, y: Any) -> Self:
        """Search for the best network, and train it.

        Parameters
        ----------
        X : array or frame of shape (rows, features)
            NaN is a missing value; columns of a frame may hold text, categories and dates.
        y : array of shape (rows,) or (rows, targets)

        Raises
        ------
        ValueError
            When the data or a parameter breaks its rule.
        """
        X, y = _with_targets(self, X, y, multi_output=True, y_numeric=True)
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        self._search(X, y, "regression")
        return self

    def predict(self, X: Any) -> Array:
        """Return numbers of shape ``(rows,)``, or ``(rows, targets)`` for several."""
        check_is_fitted(self)
        output = self.model_.predict(self._rows(X, fitting=False))
        # scikit-learn expects several targets in double precision.
        return output if output.ndim == 1 else output.astype(np.float64)


def _with_targets(estimator: Searching, X: Any, y: Any, **rules: Any) -> tuple[Any, Array]:
    """Put rows and targets through scikit-learn's own checks; a frame keeps its columns."""
    estimator._has_table = _is_table(X)
    if not estimator._has_table:
        checked: tuple[Any, Array] = validate_data(
            estimator, X, y, ensure_all_finite="allow-nan", ensure_min_samples=2, **rules
        )
        return checked
    if y is None:
        raise ValueError("fit requires y to be passed, but the target y is None")
    X = estimator._rows(X, fitting=True)
    _, targets = check_X_y(np.zeros((len(X), 1)), y, **rules)
    return X, targets


def _is_frame(X: Any) -> bool:
    return hasattr(X, "columns") and hasattr(X, "iloc")


def _is_table(X: Any) -> bool:
    """Return whether X is a frame with columns that an array of numbers could not hold.

    A frame of numbers is the array that it holds, here as everywhere in scikit-learn.
    """
    return _is_frame(X) and any(getattr(t, "kind", "O") not in "biuf" for t in X.dtypes)
