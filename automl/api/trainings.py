"""`train`: one configuration, without a search."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Event
from typing import Any, Literal

from automl.api._rows import NO_VALUES, Names, take_rows
from automl.config import TrainConfig
from automl.executors import EXECUTORS
from automl.option_types import Device
from automl.orchestrator.observer import TrainObserver
from automl.result import TrainResult
from automl.task import TaskKind


def train(
    configuration: str,
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
    epochs: int | None = None,
    rows: Literal["train", "all"] | None = None,
    metric: str | None = None,
    plugins: Names = (),
    fixed: Mapping[str, str | int | float] = NO_VALUES,
    seed: int = 0,
    study: str | None = None,
    executor: str = "process",
    cluster: str | None = None,
    device: Device = "auto",
    onnx: bool = False,
    download: bool = False,
    lengths: Any = None,
    observer: TrainObserver | None = None,
    stop: Event | None = None,
) -> TrainResult:
    """Train one configuration without a search, and score it on the test split.

    Parameters
    ----------
    configuration : str
        A name that ``automl spaces`` lists as a configuration, or a YAML file in which every
        value is fixed.
    dataset, y
        As in `search`.
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
    epochs
        Passes over the rows; by default, what the configuration says.
    rows
        train: keep the epoch that is best on the validation rows; all: train on those too, and keep
        the last. By default, what the configuration says.
    metric
        Score to optimise and to report: accuracy, balanced_accuracy, f1_macro, roc_auc or log_loss;
        rmse, mae or r2; mase, smape or rmsse. By default accuracy for classes, rmse for numbers,
        and mase for a forecast.
    plugins
        Python file that defines a family of networks of your own, which is named after the file;
        may be repeated.
    fixed
        Replace a value: --set model.width=50; may be repeated.
    seed
        Every random choice follows from this number.
    study
        Name of the model; by default, DATASET-CONFIGURATION.
    executor
        Where workers run: ray, process, inline or dask; inline is for debugging, dask and ray for
        several machines.
    cluster
        Address of a cluster: tls://HOST:8786 with --executor dask, ray://HOST:10001 with --executor
        ray; by default, a cluster of this machine alone.
    device
        Where networks are trained: auto, cpu, cuda or mps. Of several GPUs cuda takes all, and
        cuda:1 the second.
    onnx
        Export the model to model.onnx too.
    download
        Download the data set if it is missing.
    lengths
        As in `search`.
    observer
        An `automl.TrainObserver`, which hears of every epoch.
    stop
        A `threading.Event` that ends the training when it is set, from any thread, as Ctrl-C
        does: the model is the best one until then.

    Returns
    -------
    TrainResult

    Raises
    ------
    AutomlError
        When an option, the data or the study breaks its rule, or the loss diverges; one line
        that says which.

    Examples
    --------
    >>> import automl
    >>> result = automl.train("xor-lbfgs", "xor-table", seed=0)  # doctest: +SKIP
    >>> result.test.score  # doctest: +SKIP
    1.0
    """
    options = dict(locals())  # every option, by its name; before anything else has one
    for name in ("observer", "stop"):
        del options[name]
    config, data = take_rows(TrainConfig, options)
    EXECUTORS.get(config.executor).prepare()  # it loads torch while we load the orchestrator
    from automl.orchestrator.train_one import train as run

    return run(config, observer, data, stop)
