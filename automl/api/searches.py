"""`search`: the whole of automl in one call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import Event
from typing import Any, Literal

from automl.api._rows import NO_VALUES, Names, take_rows
from automl.config import SearchConfig
from automl.executors import EXECUTORS
from automl.option_types import Device, EnsembleOf, Prefer, Pruner, Sampler
from automl.orchestrator.observer import Callback, Observer
from automl.result import SearchResult
from automl.task import TaskKind


def search(
    dataset: Any,
    y: Any = None,
    *,
    target: Names = (),
    task: TaskKind | None = None,
    test_data: Any = None,
    group: str | None = None,
    time: str | None = None,
    drop: Names = (),
    kind: Literal["image", "sequence"] | None = None,
    sequence: str | None = None,
    order: str | None = None,
    horizon: int | None = None,
    season: int | None = None,
    known: Names = (),
    header: bool | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
    decimal: Literal[".", ","] | None = None,
    thousands: str | None = None,
    missing: Names = (),
    date_format: str | None = None,
    trials: int | None = None,
    time_budget: float | str | None = None,
    trial_timeout: float | str | None = None,
    trial_memory: int | str | None = None,
    space: str | None = None,
    family: Names = (),
    plugins: Names = (),
    fixed: Mapping[str, str | int | float] = NO_VALUES,
    metric: str | None = None,
    folds: int | None = None,
    study: str | None = None,
    storage: str | None = None,
    seed: int = 0,
    workers: int | None = None,
    deterministic: bool = False,
    max_epochs: int | None = None,
    patience: int | None = None,
    sampler: Sampler = "gp",
    pruner: Pruner = "halving",
    executor: str = "process",
    cluster: str | None = None,
    device: Device = "auto",
    history: bool = True,
    finalists: int = 3,
    prefer: Prefer = "auto",
    ensemble: EnsembleOf = "networks",
    max_size: int | str | None = None,
    max_latency: float | str | None = None,
    baselines: Names = ("svm", "dummy"),
    keep: int | str = 200_000_000,
    onnx: bool = True,
    report: bool = True,
    download: bool = False,
    lengths: Any = None,
    observer: Observer | None = None,
    callbacks: Sequence[Callback] = (),
    stop: Event | None = None,
) -> SearchResult:
    """Search for the best network for a data set.

    Parameters
    ----------
    dataset : str, array, DataFrame or tensor
        A name that ``automl datasets`` lists, a path, or rows: an array of shape
        ``(rows, features)``, ``(rows, height, width)``, ``(rows, channels, height, width)`` or
        ``(rows, steps, features)``, a list of sequences of shape ``(steps, features)``, or a
        frame.
    y : array, Series, DataFrame or tensor of shape (rows,) or (rows, targets), or str, optional
        The targets of rows, or the name of their column in a frame.
    target
        Column to predict, in a table; several with commas or repeated.
    task
        binary, multiclass, regression or forecast; by default, what the target looks like, which is
        never a forecast.
    test_data
        File or folder with the test split; by default, a fifth of the rows.
    group
        Column whose equal values stay on one side of the split. It is not used as a feature.
    time
        Column of time: the latest rows are the test split, and those before them validate. It is
        not used as a feature. Of a forecast, the time of each step.
    drop
        Column to leave out; several with commas or repeated.
    kind
        image or sequence: what the rows of an array (rows, a, b) are; by default, what they look
        like.
    sequence
        Column that names the sequence of each line, in a table with one line a step; of a forecast,
        the series.
    order
        Column by which the lines of a sequence are ordered; by default, the order of the file.
    horizon
        Steps to forecast, with --task forecast.
    season
        Steps of a season, of a forecast; 1 for none. By default, what the times say: 12 for months,
        7 for days.
    known
        Column that is known ahead of a forecast, such as holidays; several with commas or repeated.
    header
        Whether the first line of a text file names the columns; where none does, they are called
        x0, x1, and so on. By default, what the first line looks like.
    delimiter
        What stands between the fields of a text file: one character, or tab; by default, the one of
        comma, semicolon, tab and | that fits.
    encoding
        How a text file is encoded, such as latin-1; by default UTF-8 or UTF-16, or Windows-1252
        where it is none of these.
    decimal
        Decimal sign of a table's numbers; by default, what fits the column.
    thousands
        Sign between the thousands of a table's numbers: a comma, a point, an apostrophe, or space;
        by default, what fits the column.
    missing
        Text that stands for a missing value in a table, beside an empty cell; may be repeated. By
        default NA, NaN, null and ?.
    date_format
        How the dates of a table are written, such as %d/%m/%Y; by default, what all of a column
        agree with.
    trials
        Number of networks to try; those of earlier runs of the study count. By default 100, and
        with a time budget as many as fit.
    time_budget
        Time for all trials and finalists together: 90s, 5m, 1h; given alone, it decides how many
        there are, and how long they are trained.
    trial_timeout
        Time after which a trial fails: 90s, 5m, 1h. By default, only a trial that hangs is ended.
    trial_memory
        Memory that a trial's worker may use, libraries included, such as 2GB.
    space
        A name from `automl spaces`, or a YAML file; by default, what fits the data.
    family
        Search this kind of network only, such as mlp or cnn; may be repeated.
    plugins
        Python file that defines a family of networks of your own, which is named after the file;
        may be repeated.
    fixed
        Fix a parameter: --set model.depth=2; may be repeated.
    metric
        Score to optimise and to report: accuracy, balanced_accuracy, f1_macro, roc_auc or log_loss;
        rmse, mae or r2; mase, smape or rmsse. By default accuracy for classes, rmse for numbers,
        and mase for a forecast.
    folds
        Cross-validate every trial with this many folds; 0 takes one validation split. By default, 5
        folds below 1,000 rows, or 2,500 of a table, and one split from there on.
    study
        Name of the study; by default, that of the data set.
    storage
        SQLAlchemy URL of the database, in place of studies/NAME/study.db; its password is not kept.
    seed
        Every random choice follows from this number.
    workers
        Networks that are trained at the same time; by default, one for each core, and with
        --cluster one for each slot.
    deterministic
        Get the same trials with any number of workers; slower.
    max_epochs
        Epochs of a full training; by default, what fits the number of rows and the time budget.
    patience
        Epochs without progress before a trial stops early; by default, an eighth of the full
        training, at least 4.
    sampler
        How candidates are drawn: gp, forest, tpe, cmaes, random or qmc.
    pruner
        How weak trials are stopped early: halving, hyperband, median or none.
    executor
        Where workers run: ray, process, inline or dask; inline is for debugging, dask and ray for
        several machines.
    cluster
        Address of a cluster: tls://HOST:8786 with --executor dask, ray://HOST:10001 with --executor
        ray; by default, a cluster of this machine alone.
    device
        Where networks are trained: auto, cpu, cuda or mps. Of several GPUs cuda takes all, and
        cuda:1 the second.
    history
        Try first what was good in earlier studies of other data, once there are three; not with
        --deterministic.
    finalists
        How many of the best trials are trained again with fresh seeds before the winner is chosen,
        half of it where they are trained for longer; 0 takes the best trial as it is.
    prefer
        What is handed over: single, one network; ensemble, several whose outputs are averaged; or
        auto, what is better by rows that did not choose it.
    ensemble
        What is averaged: networks, or all, the baselines too.
    max_size
        Disk space that the weights of the model may take, such as 5MB; a larger network is not
        trained, and in place of a larger ensemble one network is handed over.
    max_latency
        Time that an ensemble may take to predict 1,000 rows on this machine, such as 0.2s; where a
        smaller one takes more, too, one network is handed over.
    baselines
        Models to compare the winner with: none, or names with commas: boosting, catboost, dtw,
        dummy, ets, hog, last-value, lightgbm, logistic, mlp-sklearn, seasonal-naive, svm,
        one-epoch.
    keep
        Disk space for the weights of the best trials, such as 200MB.
    onnx
        Export the best model to model.onnx at the end.
    report
        Write report.html at the end.
    download
        Download the data set if it is missing.
    lengths
        For sequences as an array: the number of steps of each. For rows, `test_data` is the test
        split as a pair ``(X, y)``.
    observer
        An `automl.Observer`, which hears of trials, epochs, phases and baselines as they come.
    callbacks
        Functions that are called after every finished trial as in Optuna, with an
        `automl.SearchProgress`, whose `stop` ends the search, and the `automl.TrialRecord`.
    stop
        A `threading.Event` that ends the search when it is set, from any thread, as Ctrl-C does:
        the best model so far is kept, the result's status is ``"interrupted"``, and the same call
        goes on from there. A program that answers Ctrl-C itself keeps its answer, and may set this.

    Returns
    -------
    SearchResult
        What is in ``studies/<name>/result.json``. A study of rows is named after their
        fingerprint, unless `study` names it.

    Raises
    ------
    AutomlError
        When an option, the data or the study breaks its rule; one line that says which.

    Examples
    --------
    >>> import automl
    >>> result = automl.search("iris", trials=5, seed=0)  # doctest: +SKIP
    >>> result.test.score  # doctest: +SKIP
    >>> automl.search(X, y, trials=30)  # doctest: +SKIP
    >>> automl.search(frame, "price", trials=30, study="houses")  # doctest: +SKIP
    >>> def good_enough(search, trial):
    ...     if search.best is not None and search.best.valid_score > 0.98:
    ...         search.stop()
    >>> automl.search("iris", callbacks=[good_enough])  # doctest: +SKIP
    """
    options = dict(locals())  # every option, by its name; before anything else has one
    for name in ("observer", "callbacks", "stop"):
        del options[name]
    config, data = take_rows(SearchConfig, options)
    EXECUTORS.get(config.executor).prepare()  # it loads torch while we load the orchestrator
    from automl.orchestrator.budget import Clock
    from automl.orchestrator.search import search as run

    return run(config, observer, data, Clock(config.time_budget, stop), callbacks)
