"""The Python functions: sugar over `automl.orchestrator` and the configurations."""

from __future__ import annotations

from typing import Any

from automl.config import SearchConfig, TrainConfig
from automl.result import SearchResult, TrainResult


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


def train(configuration: str, dataset: str, **options: Any) -> TrainResult:
    """Train one configuration without a search, and score it on the test split.

    Parameters
    ----------
    configuration : str
        A name that ``automl spaces`` lists as a configuration, or a YAML file in which every
        value is fixed.
    dataset : str
        A name that ``automl datasets`` lists.
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
    from automl.orchestrator.train import train as run

    return run(TrainConfig(configuration=configuration, dataset=dataset, **options))
