"""The JSON form of our data: what `to_json` of a record, a study or an inspection is made of."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import PurePath
from typing import Any


def to_plain(value: Any) -> Any:
    """Return a value as JSON has it, whatever it is made of.

    Dataclasses become objects and sequences become arrays. JSON has no NaN and no infinity: they
    are the strings ``"NaN"``, ``"Infinity"`` and ``"-Infinity"``, as in ``result.json``.

    Raises
    ------
    TypeError
        For a type that has no JSON form.
    """
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else _NAMES[str(value)]
        case Enum():
            return value.value
        case PurePath():
            return str(value)
        case Mapping():
            return {str(key): to_plain(inside) for key, inside in value.items()}
        case Sequence():
            return [to_plain(inside) for inside in value]
    if is_dataclass(value):
        return {f.name: to_plain(getattr(value, f.name)) for f in fields(value)}
    raise TypeError(f"a {type(value).__name__} has no JSON form")


_NAMES = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
