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

OPERATORS = (
    *("dataset", "test_data", "plugins", "storage", "executor", "cluster", "study", "download"),
)
"""Fields that name a path, code or an address, and those that the service sets itself."""

SEARCH_OPTIONS = (
    *("target", "task", "group", "time", "drop", "kind", "sequence", "order", "horizon", "season"),
    *("known", "header", "delimiter", "encoding", "decimal", "thousands", "missing"),
    *("date_format", "trials", "time_budget", "trial_timeout", "trial_memory", "space", "family"),
    *("fixed", "metric", "folds", "seed", "workers", "deterministic", "max_epochs", "patience"),
    *("sampler", "pruner", "device", "history", "finalists", "prefer", "ensemble", "max_size"),
    *("max_latency", "baselines", "keep", "onnx", "report"),
)
"""Those of a client. A new option is none of them before somebody has thought of it here."""

DATA_OPTIONS = tuple(name for name in SEARCH_OPTIONS if name in DataConfig.model_fields)


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
        known = _known_names()
        if config.space is not None:
            _check_names("search space", [config.space], known["space"])
        _check_names("family", map(canonical_name, config.family), known["family"])
        _check_names("baseline", map(canonical_name, config.baselines), known["baselines"])
    except AutomlError as error:
        raise Problem(422, " ".join(str(error).split())) from None
    if config.workers is not None and config.workers > most_workers:
        raise Problem(422, f"workers: must be at most {most_workers}, but got {config.workers}")
    return _given(config, options)


def query_options(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return options for data as a query has them, each in the type of its field.

    Raises
    ------
    Problem
        422 for one that is unknown, given twice, or not of its type.
    """
    found: dict[str, Any] = {}
    kinds = {name: _kind_of(schema) for name, schema in _described(DATA_OPTIONS).items()}
    for name, text in pairs:
        kind = kinds.get(name, "string")
        if kind == "array":
            found.setdefault(name, []).append(text)
        elif name in found:
            raise Problem(422, f"{name}: may be given once")
        elif kind == "boolean" and text not in ("true", "false"):
            raise Problem(422, f"{name}: must be true or false, but got {text!r:.80}")
        elif kind == "boolean":
            found[name] = text == "true"
        else:
            found[name] = int(text) if kind == "integer" and _is_whole(text) else text
    return check_data_options(found)


def _is_whole(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 20


def query_parameters() -> list[dict[str, Any]]:
    """Return the same options as OpenAPI describes parameters of a query."""
    parameters = []
    for name, schema in _described(DATA_OPTIONS).items():
        kinds = [kind for kind in schema.get("anyOf", [schema]) if kind.get("type") != "null"]
        shown = {k: v for k, v in kinds[0].items() if k not in _ABOUT}
        about = {"name": name, "in": "query", "required": False, "schema": shown}
        parameters.append({**about, "description": schema.get("description", "")})
    return parameters


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


def _known_names() -> dict[str, list[str]]:
    """Return what is installed, for options that name it."""
    return {
        "space": space_names(),
        "family": list_names("automl.models"),
        "baselines": [*list_names("automl.baselines"), ONE_EPOCH],
    }


def _check_names(kind: str, names: Iterable[str], known: Iterable[str]) -> None:
    known = list(known)
    for name in names:
        if name not in known:
            raise UnknownNameError(kind, name, known)


_ABOUT = ("description", "default", "title")


def options_schema() -> dict[str, Any]:
    """Return the JSON schema of the options of a search."""
    described = {name: _as_typed(name, s) for name, s in _described(SEARCH_OPTIONS).items()}
    return {"type": "object", "additionalProperties": False, "properties": described}


def _described(names: Iterable[str]) -> dict[str, dict[str, Any]]:
    described = SearchConfig.model_json_schema()["properties"]
    for name, known in _known_names().items():
        items = {"type": "string", "enum": known}
        about = {key: value for key, value in described[name].items() if key in _ABOUT}
        kinds = (
            [items, {"type": "null"}] if name == "space" else [{"type": "array", "items": items}]
        )
        described[name] = {**about, "anyOf": kinds}
    return {name: described[name] for name in names}


def _kind_of(schema: Mapping[str, Any]) -> str:
    """Return the type in a schema that is not null."""
    kinds = [kind.get("type", "string") for kind in schema.get("anyOf", [schema])]
    return str(next(kind for kind in kinds if kind != "null"))


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
    kept = {key: value for key, value in schema.items() if key in _ABOUT}
    own = {key: value for key, value in schema.items() if key not in _ABOUT}
    kinds = schema.get("anyOf") or [own]
    return {**kept, "anyOf": [*kinds, {"type": "string", "pattern": _TYPED[name]}]}
