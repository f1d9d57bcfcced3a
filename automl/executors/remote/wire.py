"""The form in which machines write to each other: JSON, and raw bytes behind it.

What a job says comes back as JSON of plain values, enumerations and dataclasses. A job lists the
types in `automl.job.Job.says`; a name that is not in the list is refused, and the fields of a
dataclass are held to their annotations.
"""

from __future__ import annotations

import functools
import itertools
import json
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

import numpy as np
from pydantic import TypeAdapter, ValidationError

from automl.errors import one_line
from automl.executors import JobError, WorkerInfo
from automl.job import MemberMessage
from automl.trial import Stop

ALWAYS: tuple[type, ...] = (JobError, MemberMessage, Stop, WorkerInfo)
"""Types that every job may say."""

_LENGTH = struct.Struct(">I")


class WireError(Exception):
    """What came is not in our form, or what should be sent has none."""


def pack(head: Mapping[str, Any], blobs: Sequence[bytes] = ()) -> bytes:
    """Return a letter: its head as JSON, and the raw bytes that it talks of."""
    text = json.dumps({"sizes": [len(blob) for blob in blobs], "head": head}).encode()
    return b"".join([_LENGTH.pack(len(text)), text, *blobs])


def unpack(letter: bytes) -> tuple[dict[str, Any], list[bytes]]:
    """Return head and bytes of a letter.

    Raises
    ------
    WireError
        When it is none.
    """
    try:
        (length,) = _LENGTH.unpack_from(letter)
        start = _LENGTH.size + length
        whole = json.loads(letter[_LENGTH.size : start])
        head, sizes = whole["head"], whole["sizes"]
        ends = np.cumsum([start, *sizes]).tolist()
        if not isinstance(head, dict) or min(sizes, default=0) < 0 or ends[-1] != len(letter):
            raise ValueError("its parts do not make a whole")
    except (struct.error, ValueError, TypeError, KeyError, RecursionError) as error:
        raise WireError(f"this is no letter: {one_line(error)}") from None
    return head, [letter[a:b] for a, b in itertools.pairwise(ends)]


def encode(value: Any) -> Any:
    """Return what a job says as JSON has it.

    Raises
    ------
    WireError
        For a value that has no such form.
    """
    match value:
        case None | bool() | str():
            return value
        case Enum():
            return {"enum": type(value).__name__, "name": value.name}
        case int() | float():
            return value
        case np.generic():
            return encode(value.item())
        case list():
            return [encode(inside) for inside in value]
        case tuple():
            return {"tuple": [encode(inside) for inside in value]}
        case Mapping():
            return {"map": [[encode(key), encode(inside)] for key, inside in value.items()]}
    if is_dataclass(value) and not isinstance(value, type):
        has = {f.name: encode(getattr(value, f.name)) for f in fields(value)}
        return {"is": type(value).__name__, "has": has}
    raise WireError(f"a {type(value).__name__} cannot be sent to another machine")


def decode(plain: Any, says: Iterable[type] = ()) -> Any:
    """Return what `encode` was given.

    Parameters
    ----------
    plain : value of JSON
    says : iterable of type
        Enumerations and dataclasses that it may hold, beside `ALWAYS`.

    Raises
    ------
    WireError
        When it holds another one, or a field with a value of another type.
    """
    try:
        return _decode(plain, {kind.__name__: kind for kind in (*ALWAYS, *says)})
    except ValidationError as error:
        found = error.errors()[0]
        where = ".".join(map(str, found["loc"]))
        raise WireError(f"{error.title}.{where}: {found['msg']}") from None
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise WireError(f"this is nothing that a job says: {one_line(error)}") from None


def _decode(plain: Any, known: Mapping[str, type]) -> Any:
    match plain:
        case None | bool() | str() | int() | float():
            return plain
        case list():
            return [_decode(inside, known) for inside in plain]
        case {"tuple": list(values)}:
            return tuple(_decode(inside, known) for inside in values)
        case {"map": list(pairs)}:
            return {_decode(key, known): _decode(inside, known) for key, inside in pairs}
        case {"enum": str(name), "name": str(member)}:
            kind = known[name]
            if issubclass(kind, Enum):
                return kind[member]
        case {"is": str(name), "has": dict(has)} if is_dataclass(known[name]):
            return _make(known[name], {key: _decode(inside, known) for key, inside in has.items()})
    raise WireError(f"this is nothing that a job says: {plain!r:.120}")


def _make(kind: type, has: Mapping[str, Any]) -> Any:
    if has.keys() != {f.name for f in fields(kind)}:
        raise WireError(f"a {kind.__name__} has other fields than {', '.join(has)}")
    return _checker(kind).validate_python(has)


@functools.cache
def _checker(kind: type) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
