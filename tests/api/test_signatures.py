"""What an editor completes is what the configurations say, in the same words."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import pytest

import automl
from automl import option_types
from automl.config import DataConfig, SearchConfig, TrainConfig

FUNCTIONS: list[tuple[Callable[..., Any], type[DataConfig]]] = [
    (automl.search, SearchConfig),
    (automl.train, TrainConfig),
    (automl.inspect, DataConfig),
]

READ = {
    option_types.Names: str | Sequence[str],
    option_types.Duration: float | str | None,
    option_types.Bytes: int | str,
    option_types.Memory: int | str | None,
    option_types.Fixed: Mapping[str, str | int | float],
    option_types.Baselines: str | Sequence[str],
    option_types.Delimiter: str | None,
    option_types.Encoding: str | None,
    option_types.Thousands: str | None,
}
"""What a field that reads text is for those who type it."""


def _plain(hint: Any) -> Any:
    """Take the rules off a type: ``int`` of ``Annotated[int, Field(ge=1)]``."""
    if hint in READ:
        return READ[hint]
    if get_origin(hint) is Annotated:
        return _plain(get_args(hint)[0])
    if str(get_origin(hint)) in {"typing.Union", "<class 'types.UnionType'>"}:
        first, *rest = (_plain(part) for part in get_args(hint))
        for part in rest:
            first = first | part
        return first
    return hint


@pytest.mark.parametrize(("function", "kind"), FUNCTIONS)
def test_every_option_is_a_keyword_with_the_type_and_default_of_its_field(
    function: Callable[..., Any], kind: type[DataConfig]
) -> None:
    parameters = inspect.signature(function).parameters
    fields, hints = kind.model_fields, get_type_hints(kind, include_extras=True)
    typed = get_type_hints(function)
    assert fields.keys() <= parameters.keys()
    for name, field in fields.items():
        if field.is_required():
            continue
        parameter = parameters[name]
        assert parameter.kind is inspect.Parameter.KEYWORD_ONLY
        assert parameter.default == field.default
        if name != "test_data":  # which may be rows, too
            assert typed[name] == _plain(hints[name]), name


@pytest.mark.parametrize(("function", "kind"), FUNCTIONS)
def test_every_option_is_described_as_its_field_is(
    function: Callable[..., Any], kind: type[DataConfig]
) -> None:
    doc = inspect.getdoc(function) or ""
    for name, field in kind.model_fields.items():
        if field.is_required():
            continue
        lines = textwrap.wrap(str(field.description), 92, break_on_hyphens=False)
        assert "\n".join([name, *(f"    {line}" for line in lines)]) in doc


@pytest.mark.parametrize("estimator", [automl.Classifier, automl.Regressor])
def test_the_parameters_of_an_estimator_are_options_of_the_search(estimator: type) -> None:
    parameters = inspect.signature(estimator).parameters
    options = parameters.keys() - {"random_state"}
    assert options <= SearchConfig.model_fields.keys() | {"observer", "callbacks"}
    differ = {"trials": 30, "baselines": (), "fixed": None}
    for name, parameter in parameters.items():
        field = SearchConfig.model_fields.get(name)
        if field is not None:
            assert parameter.default == differ.get(name, field.default), name
