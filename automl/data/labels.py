"""Labels as users have them: of one type, which a model gives back as it was."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from automl.arrays import Array
from automl.errors import DataError
from automl.task import Label, label_text

_NUMBERS = ({"int"}, {"float"}, {"int", "float"}, {"bool", "int"}, {"bool", "float"})


def read_labels(name: str, values: Array) -> tuple[Array, Array]:
    """Return labels of one type, and which rows have one.

    Parameters
    ----------
    name : str
        What they are called, for messages.
    values : array of shape (rows,)
        Values of any type; among Python objects, scalars of numpy and pandas are understood as
        well. NaN, None, pandas' NA and a text of spaces only are missing.

    Returns
    -------
    labels : array of shape (present rows,)
        Booleans, whole numbers, float64, text or bytes; whole numbers beyond 64 bits are
        objects.
    there : bool array of shape (rows,)

    Raises
    ------
    DataError
        When a value is no label, the types are mixed, or every label is missing.
    """
    kind = values.dtype.kind
    if kind == "O":
        labels, there = _from_objects(name, values)
    elif kind in "biu":
        labels, there = values, np.ones(len(values), bool)
    elif kind == "f":
        labels, there = values.astype(np.float64), ~np.isnan(values)
    elif kind in "US":
        labels, there = values, np.char.strip(values) != values.dtype.type()
    else:
        raise DataError(f"{name} must hold classes or numbers, but holds {values.dtype}")
    if not there.any():
        raise DataError(f"{name} is missing in every row")
    return (labels if kind == "O" else labels[there]), np.asarray(there)


def _from_objects(name: str, values: Array) -> tuple[Array, Array]:
    plain = [_plain(name, value) for value in values.tolist()]
    there = np.array([value is not None for value in plain], dtype=bool)
    present = [value for value in plain if value is not None]
    types = {type(value).__name__ for value in present}
    if len(types) > 1 and types not in _NUMBERS:
        one, other = (
            next(value for value in present if type(value).__name__ == kind)
            for kind in sorted(types)[:2]
        )
        raise DataError(
            f"{name} must hold labels of one type, but has {one!r:.60} and {other!r:.60}; make"
            " them texts, or numbers, all"
        )
    return np.asarray(present), there


def _plain(name: str, value: object) -> Label | None:
    """Return one label as Python has it, or None where it is missing."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or (isinstance(value, float | Decimal) and value != value):
        return None
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, str | bytes):
        return value if value.strip() else None
    if isinstance(value, bool | int | float):
        return value
    if type(value).__name__ in ("NAType", "NaTType"):  # pandas', which is not imported to ask
        return None
    raise DataError(
        f"{name} must hold classes or numbers, but has {value!r:.60} ({type(value).__name__})"
    )


def find_alike(texts: Iterable[Label]) -> str:
    """Name the first texts that differ in capital letters or spaces only; empty without any."""
    by_folded: dict[str, list[str]] = {}
    for text in texts:
        if isinstance(text, str):
            by_folded.setdefault("".join(text.casefold().split()), []).append(text)
    alike = next((group for group in by_folded.values() if len(group) > 1), [])
    return " and ".join(f"{text!r:.40}" for text in alike[:3])


def spelled_labels(texts: Array) -> Array:
    """Return labels of a text file in the type that writes them exactly so.

    Whole numbers, decimal numbers and True and False become what they are when Python writes all
    of them as the file does; so 001 stays a text, as 1.50 does.
    """
    distinct = set(texts.tolist())
    if distinct <= {"True", "False"}:
        return np.asarray(texts == "True")
    if all(_is_written(text, int) for text in distinct):
        return np.array([int(text) for text in texts.tolist()])
    if all(_is_written(text, float) for text in distinct):
        return texts.astype(np.float64)
    return texts


def _is_written(text: str, kind: type[int] | type[float]) -> bool:
    """Return whether Python writes the number as this text."""
    try:
        return len(text) < 30 and str(kind(text)) == text
    except ValueError:
        return False


def find_codes(labels: Array, classes: Iterable[Label]) -> NDArray[np.int64]:
    """Return the code of each label, or -1 where it is none of the classes.

    A label of another type is one of the classes if it is the same number, or written as it: a
    file has texts only.
    """
    codes: dict[Label, int] = {}
    for code, label in enumerate(classes):
        codes.setdefault(label_text(label), code)
        codes[label] = code
    return np.array([_code(label, codes) for label in labels.tolist()], dtype=np.int64)


def _code(label: Label, codes: dict[Label, int]) -> int:
    text = label_text(label)
    if (found := codes.get(label, codes.get(text))) is not None:
        return found
    try:
        return codes.get(float(text), -1)
    except ValueError:
        return -1


def former_label(label: Label) -> int | str:
    """Return what earlier versions made of a label: fingerprints are made of it."""
    if isinstance(label, bytes):
        label = label.decode("utf-8", "replace").strip()
    if isinstance(label, float) and label.is_integer() and abs(label) < 2**53:
        return int(label)
    if isinstance(label, int) and not isinstance(label, bool):
        return label
    text = str(label)
    return int(text) if len(text) < 18 and _is_written(text, int) else text
