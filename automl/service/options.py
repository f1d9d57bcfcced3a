"""Which options of a search a client may give: no paths, no plug-ins, no addresses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from automl.config import DataConfig, SearchConfig
from automl.errors import AutomlError, UnknownNameError
from automl.option_types import ONE_EPOCH, plain_value
from automl.registry import canonical_name, list_names
from automl.service.problems import Problem
from automl.space.file import space_names

OPERATORS = ("dataset", "test_data", "plugins", "storage", "executor", "study", "download")
"""Fields that name a path, code or an address, and those that the service sets itself."""

DATA_OPTIONS = tuple(name for name in DataConfig.model_fields if name not in OPERATORS)
SEARCH_OPTIONS = tuple(name for name in SearchConfig.model_fields if name not in OPERATORS)


def check_options(options: Mapping[str, Any], most_workers: int) -> dict[str, Any]:
    """Return the options of a search, checked by the rules of `SearchConfig` and of a service.

    Parameters
    ----------
    options : mapping of str to Any
        As JSON has them.
    most_workers : int
        Workers that a search may have.

    Raises
    ------
    Problem
        422 with the option, the rule and the value.
    """
    try:
        _check_names("option", options, SEARCH_OPTIONS)
        config = SearchConfig(dataset="data", **options)
        # A name that is unknown could be read as the path of a file.
        if config.space is not None:
            _check_names("search space", [config.space], space_names())
        _check_names("family", map(canonical_name, config.family), list_names("automl.models"))
        baselines = [*list_names("automl.baselines"), ONE_EPOCH]
        _check_names("baseline", map(canonical_name, config.baselines), baselines)
    except AutomlError as error:
        raise Problem(422, " ".join(str(error).split())) from None
    if config.workers is not None and config.workers > most_workers:
        raise Problem(422, f"workers: must be at most {most_workers}, but got {config.workers}")
    return _given(config, options)


def check_data_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return how data is to be read, checked by the rules of `DataConfig`.

    Raises
    ------
    Problem
        422 with the option, the rule and the value.
    """
    try:
        _check_names("option", options, DATA_OPTIONS)
        return _given(DataConfig(dataset="data", **options), options)
    except AutomlError as error:
        raise Problem(422, " ".join(str(error).split())) from None


def _given(config: DataConfig, names: Iterable[str]) -> dict[str, Any]:
    """Return the options of these names as JSON has them: 5m in seconds, 200MB in bytes."""
    return {name: plain_value(getattr(config, name)) for name in names}


def _check_names(kind: str, names: Iterable[str], known: Iterable[str]) -> None:
    known = list(known)
    for name in names:
        if name not in known:
            raise UnknownNameError(kind, name, known)


def options_schema(names: Iterable[str]) -> dict[str, Any]:
    """Return the JSON schema of an object with such options, as they are described."""
    described = SearchConfig.model_json_schema()["properties"]
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {name: _as_typed(name, described[name]) for name in names},
    }


_TIME = r"^\s*0*[1-9]\d{0,11}(\.\d{1,30})?\s*[smh]?$"
_SIZE = r"^\s*0*[1-9]\d{0,11}(\.\d{1,9})?\s*(kB|MB|GB)$"

_TYPED = {
    **dict.fromkeys(("time_budget", "trial_timeout", "max_latency"), _TIME),
    **dict.fromkeys(("trial_memory", "max_size", "keep"), _SIZE),
}
"""Options that may also be texts, as they are typed in a shell: 5m, 200MB."""


def _as_typed(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of an option with the texts that it takes beside its own type."""
    if name not in _TYPED:
        return schema
    about = ("description", "default", "title")
    kept = {key: value for key, value in schema.items() if key in about}
    own = {key: value for key, value in schema.items() if key not in about}
    kinds = schema.get("anyOf") or [own]
    return {**kept, "anyOf": [*kinds, {"type": "string", "pattern": _TYPED[name]}]}
