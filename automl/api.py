"""The Python functions: sugar over `automl.orchestrator.run.search` and `SearchConfig`."""

from __future__ import annotations

from typing import Any

from automl.config import SearchConfig
from automl.result import SearchResult


def search(dataset: str, **options: Any) -> SearchResult:
    """Search for the best network for a data set.

    Parameters
    ----------
    dataset : str
        A name that ``automl datasets`` lists.
    **options
        Every field of `SearchConfig`: ``trials=100``, ``time_budget="5m"``, ``seed=0``, ...

    Returns
    -------
    SearchResult
        What is in ``studies/<name>/result.json``.

    Raises
    ------
    AutomlError
        When an option, the data or the study breaks its rule; one line that says which.

    Examples
    --------
    >>> import automl
    >>> result = automl.search("iris", trials=5, seed=0)  # doctest: +SKIP
    >>> result.test.score  # doctest: +SKIP
    """
    from automl.orchestrator.run import search as run

    return run(SearchConfig(dataset=dataset, **options))
