"""From the values of a target to class codes or numbers: what the task is, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from automl.arrays import Array
from automl.errors import DataError
from automl.task import TaskKind

MAX_CLASSES = 20
"""Whole numbers with at most this many different values can be classes ..."""

ROWS_A_CLASS = 5
"""... when there are on average this many rows of each; two values always are classes."""


@dataclass(frozen=True, slots=True)
class Target:
    """A target that was understood.

    Attributes
    ----------
    y : array of shape (rows,) or (rows, targets)
        int64 class codes, or float64 numbers.
    classes : tuple of int or str
        The label of each code; empty for regression.
    why : str
        Why it is this task.
    """

    y: Array
    classes: tuple[int | str, ...]
    why: str


def read_target(name: str, values: Array, task: TaskKind | None) -> Target:
    """Understand one target.

    Parameters
    ----------
    name : str
    values : array of shape (rows,)
        float64 numbers, or texts; nothing is missing.
    task : {"binary", "multiclass", "regression"}, optional
        By default texts are classes, and numbers are classes when they are whole and few.

    Raises
    ------
    DataError
        When it does not vary, is infinite, or does not fit the task.
    """
    distinct = np.unique(values)
    if len(distinct) < 2:
        what = _shown(distinct[0]) if len(distinct) else "nothing"
        raise DataError(
            f"target {name!r} must have at least 2 different values, but every row has {what}"
        )
    is_text = values.dtype.kind not in "iuf"
    if not is_text and not np.isfinite(values).all():
        raise DataError(f"target {name!r} must be finite, but a row has infinity")
    if task is None:
        task, why = _infer(name, values, distinct)
    else:
        why = f"--task {task}"
    if task == "regression":
        if is_text:
            raise DataError(
                f"target {name!r} must hold numbers for a regression, but holds texts such as"
                f" {distinct[0]!r:.60}"
            )
        return Target(as_numbers(name, values), (), why)
    return _classified(name, values, task, why)


def as_numbers(name: str, values: Array) -> Array:
    """Read the target of a regression, which float32 must be able to hold."""
    if np.abs(values).max() > np.finfo(np.float32).max:
        largest = float(np.abs(values).max())
        raise DataError(f"target {name!r} must stay below 3.4e38, but goes to {largest:.3g}")
    return values.astype(np.float64)


def _infer(name: str, values: Array, distinct: Array) -> tuple[TaskKind, str]:
    count = len(distinct)
    kind: TaskKind = "binary" if count == 2 else "multiclass"
    if values.dtype.kind not in "iuf":
        if count > max(MAX_CLASSES, len(values) / 2):
            raise DataError(
                f"target {name!r} must name classes or hold numbers, but has {count:,} different"
                f" texts in {len(values):,} rows, such as {distinct[0]!r:.60}"
            )
        return kind, f"{count} different texts"
    whole = bool((values == np.rint(values)).all())
    if whole and (count == 2 or count <= min(MAX_CLASSES, len(values) / ROWS_A_CLASS)):
        return kind, f"{count} different whole numbers"
    said = "whole numbers" if whole else "numbers with decimals"
    return "regression", f"{count:,} different {said}"


def _classified(name: str, values: Array, task: TaskKind, why: str) -> Target:
    labels, codes = np.unique(_labels(values), return_inverse=True)
    if (task == "binary") != (len(labels) == 2):
        rule = "exactly 2" if task == "binary" else "more than 2"
        raise DataError(
            f"target {name!r} must have {rule} classes for the task {task}, but has {len(labels):,}"
        )
    return Target(codes.astype(np.int64), tuple(labels.tolist()), why)


def encode_labels(name: str, values: Array, classes: tuple[int | str, ...]) -> Array:
    """Class codes of another part of the data.

    Raises
    ------
    DataError
        When a label is none of the classes.
    """
    labels = _labels(values)
    codes = {str(label): code for code, label in enumerate(classes)}
    unknown = sorted({str(label) for label in labels.tolist()} - codes.keys())
    if unknown:
        raise DataError(
            f"target {name!r} of the test data must have the classes of the training data, but"
            f" {unknown[0]!r:.60} is new"
        )
    return np.array([codes[str(label)] for label in labels.tolist()], dtype=np.int64)


def _labels(values: Array) -> Array:
    """Labels of one type: whole numbers where all of them are, else texts."""
    if values.dtype.kind in "iuf":
        if (values == np.rint(values)).all() and np.abs(values).max() < 2**53:
            return values.astype(np.int64)
        return np.array([repr(value) for value in values.tolist()])
    texts = values.astype(str)
    return texts.astype(np.int64) if all(_is_whole(text) for text in set(texts)) else texts


def _is_whole(text: str) -> bool:
    """Return whether a text is a whole number as Python writes it."""
    return text.removeprefix("-").isdecimal() and len(text) < 18 and str(int(text)) == text


def _shown(value: Any) -> str:
    """Return a value as the file may have it: not every whole number is a float64."""
    plain = value.item() if isinstance(value, np.generic) else value
    if isinstance(plain, float) and plain.is_integer():
        return str(int(plain)) if abs(plain) < 2**53 else f"the same number, about {plain:.6g}"
    return repr(plain)[:60]
