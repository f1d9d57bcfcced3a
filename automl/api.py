"""The Python functions: sugar over `automl.orchestrator.run.search` and `SearchConfig`."""

from __future__ import annotations

from typing import Any

from automl.config import SearchConfig
from automl.result import SearchResult
from automl.studies import IN_MEMORY


def search(dataset: Any, y: Any = None, **options: Any) -> SearchResult:
    """Search for the best network for a data set.

    Parameters
    ----------
    dataset : str, array, DataFrame or tensor
        A name that ``automl datasets`` lists, a path, or rows: an array of shape
        ``(rows, features)``, ``(rows, height, width)`` or ``(rows, channels, height, width)``,
        or a frame.
    y : array, Series, DataFrame or tensor of shape (rows,) or (rows, targets), or str, optional
        The targets of rows, or the name of their column in a frame.
    **options
        Every field of `SearchConfig`: ``trials=100``, ``time_budget="5m"``, ``seed=0``, ...
        For rows, ``test_data`` is the test split as a pair ``(X, y)``.

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
    from automl.orchestrator.run import search as run

    if isinstance(dataset, str):
        if y is not None:
            options["target"] = y
        return run(SearchConfig(dataset=dataset, **options))
    from automl.data import DataOptions
    from automl.data.memory import from_memory

    test = options.pop("test_data", None)
    config = SearchConfig(dataset=IN_MEMORY, **options)
    data = from_memory(dataset, y, DataOptions.of(config.model_dump()), test)
    if config.study is None:
        config = config.model_copy(update={"study": f"{IN_MEMORY}-{data.fingerprint[:8]}"})
    return run(config, dataset=data)
