"""The Python functions: sugar over `automl.orchestrator` and the configurations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from automl.config import SearchConfig, TrainConfig
from automl.data.names import IN_MEMORY
from automl.result import SearchResult, TrainResult

if TYPE_CHECKING:
    from automl.data import Dataset


def search(dataset: Any, y: Any = None, **options: Any) -> SearchResult:
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
    **options
        Every field of `SearchConfig`: ``trials=100``, ``time_budget="5m"``, ``seed=0``, ...
        For rows, ``test_data`` is the test split as a pair ``(X, y)``, and ``lengths`` are the
        steps of each sequence of an array.

    Returns
    -------
    SearchResult
        What is in ``studies/<name>/result.json``. A study of rows is named after their
        fingerprint, unless ``study`` names it.

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
    """
    from automl.orchestrator.search import search as run

    config, data = _with_data(SearchConfig, dataset, y, options)
    return run(config, dataset=data)


def train(configuration: str, dataset: Any, y: Any = None, **options: Any) -> TrainResult:
    """Train one configuration without a search, and score it on the test split.

    Parameters
    ----------
    configuration : str
        A name that ``automl spaces`` lists as a configuration, or a YAML file in which every
        value is fixed.
    dataset, y
        As in `search`.
    **options
        Every other field of `TrainConfig`: ``epochs=20``, ``rows="all"``, ``seed=0``, ...

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
    from automl.orchestrator.train_one import train as run

    options["configuration"] = configuration
    config, data = _with_data(TrainConfig, dataset, y, options)
    return run(config, dataset=data)


C = TypeVar("C", SearchConfig, TrainConfig)


def _with_data(
    kind: type[C], dataset: Any, y: Any, options: dict[str, Any]
) -> tuple[C, Dataset | None]:
    """The configuration, and the data set when it is in memory."""
    if isinstance(dataset, str):
        if y is not None:
            options["target"] = y
        return kind(dataset=dataset, **options), None
    from automl.data import DataOptions
    from automl.data.read.memory import from_memory

    test, lengths = options.pop("test_data", None), options.pop("lengths", None)
    config = kind(dataset=IN_MEMORY, **options)
    data = from_memory(dataset, y, DataOptions.of(config.model_dump()), test, lengths)
    if config.study is None:
        # Two tables in memory have no names to tell them apart.
        name = config.study_name.replace(IN_MEMORY, f"{IN_MEMORY}-{data.fingerprint[:8]}", 1)
        config = config.model_copy(update={"study": name})
    return config, data
