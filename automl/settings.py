"""Settings with rules: frozen dataclasses whose fields know what they may hold.

Called by the families and by training to declare what a candidate may set, and by whoever has
values from outside to check. Standard library only, so that a saved model can be loaded without
pydantic.
"""

from __future__ import annotations

import dataclasses
import math
import sys
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from automl.errors import ConfigError, UnknownNameError

S = TypeVar("S")


def option(
    default: Any,
    *,
    low: float | None = None,
    high: float | None = None,
    below: float | None = None,
    choices: Sequence[str] | None = None,
) -> Any:
    """Make a dataclass field with its rule.

    Parameters
    ----------
    default : int, float or str
        Also decides the type: a float field takes whole numbers too.
    low, high : float, optional
        Inclusive bounds.
    below : float, optional
        Exclusive upper bound.
    choices : sequence of str, optional
        The only values allowed.
    """
    rule = {"low": low, "high": high, "below": below, "choices": choices}
    return dataclasses.field(default=default, metadata=rule)


def check(cls: type[S], values: Mapping[str, Any], place: str = "") -> S:
    """Build settings from plain values.

    Parameters
    ----------
    cls : type
        A dataclass made of `option` fields.
    values : mapping
        Field name to value; a missing field keeps its default.
    place : str
        Where the values stand, for the message, such as ``"model"``.

    Raises
    ------
    ConfigError
        Naming the place, the rule and the value.
    """
    return cls(**{name: check_value(cls, name, value, place) for name, value in values.items()})


def check_value(cls: type, name: str, value: Any, place: str = "") -> Any:
    """Check one value against the field's rule and return it with the field's type."""
    fields = {f.name: f for f in dataclasses.fields(cls)}
    path = f"{place}.{name}" if place else name
    if name not in fields:
        raise UnknownNameError("setting", path, [f"{place}.{f}" if place else f for f in fields])
    field = fields[name]
    rule = field.metadata
    kind: type = type(field.default)
    if type(value) is int and abs(value) > sys.float_info.max:
        raise ConfigError(f"{path}: must be finite, but got a number of {value.bit_length()} bits")
    if kind is float and type(value) is int:
        value = float(value)  # `1` is a fine learning rate
    if type(value) is not kind:
        raise ConfigError(
            f"{path}: must be {_article(kind)}, but got {value!r} ({type(value).__name__})"
        )
    if rule["choices"] is not None and value not in rule["choices"]:
        raise UnknownNameError(path, value, rule["choices"])
    if kind in (int, float):
        _check_bounds(path, value, rule)
    return value


def _check_bounds(path: str, value: Any, rule: Mapping[str, Any]) -> None:
    low, high, below = rule["low"], rule["high"], rule["below"]
    if not math.isfinite(value):
        raise ConfigError(f"{path}: must be finite, but got {value}")
    if low is not None and value < low:
        raise ConfigError(f"{path}: `{low} <= {path}` must hold, but got {value:g}")
    if high is not None and value > high:
        raise ConfigError(f"{path}: `{path} <= {high}` must hold, but got {value:g}")
    if below is not None and value >= below:
        raise ConfigError(f"{path}: `{path} < {below}` must hold, but got {value:g}")


def _article(kind: type) -> str:
    names = {int: "a whole number", float: "a number", str: "a name"}
    return names.get(kind, kind.__name__)
