"""From the labels of a target to class codes or numbers: what the task is, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.arrays import Array
from automl.data.formats.numbers import LARGEST_WHOLE, find_format, parse_numbers
from automl.data.labels import find_codes, spelled_labels
from automl.data.options import DataOptions
from automl.errors import DataError
from automl.task import Label, TaskKind, label_text

MAX_CLASSES = 20
"""Whole numbers with at most this many different values can be classes ..."""

LARGEST = 1e150
"""Numbers of a target may go to this, and their spread down to one divided by it."""

MAX_LOST = 1e-3
"""Share of its range that rounding to float64 may take from a target."""

ROWS_A_CLASS = 5
"""... when there are on average this many rows of each; two values always are classes."""


@dataclass(frozen=True, slots=True)
class Target:
    """A target that was understood.

    Attributes
    ----------
    y : array of shape (rows,) or (rows, targets)
        int64 class codes, or float64 numbers.
    classes : tuple of bool, int, float, str or bytes
        The label of each code; empty for regression.
    why : str
        Why it is this task.
    """

    y: Array
    classes: tuple[Label, ...]
    why: str


def read_target(
    name: str, labels: Array, options: DataOptions, *, from_text: bool = False
) -> Target:
    """Understand one target.

    Parameters
    ----------
    name : str
    labels : array of shape (rows,)
        Labels of one type, as `automl.data.labels.read_labels` returns them.
    options : DataOptions
        `task` decides, or else `metric`; by default texts are classes, and numbers are classes
        when they are whole and few.
    from_text : bool
        Whether they are the cells of a text file, where numbers and truth values are texts too.

    Raises
    ------
    DataError
        When it does not vary, is infinite, or does not fit the task.
    """
    distinct = np.unique(labels)
    if len(distinct) < 2:
        what = _shown(distinct[0]) if len(distinct) else "nothing"
        raise DataError(
            f"target {name!r} must have at least 2 different values, but every row has {what}"
        )
    numbers, written = _as_numbers(labels, distinct, options)
    if numbers is not None and not np.isfinite(numbers).all():
        raise DataError(f"target {name!r} must be finite, but a row has infinity")
    task, why = _wanted(labels, distinct, options)
    if task is None:
        # Texts of a program that are numbers are names as long as they are few: 0.5 and 1.5, too.
        is_named = labels.dtype.kind in "bUS" and not from_text
        task, why = _infer(name, labels, None if is_named and _are_few(labels) else numbers)
    if task == "regression":
        if numbers is None:
            raise DataError(
                f"target {name!r} must hold numbers for a regression, but holds"
                f" {_shown(distinct[0])}"
            )
        _check_precision(name, labels, numbers)
        return Target(check_numbers(name, numbers), (), why + written)
    if from_text and labels.dtype.kind == "U":
        labels = _typed(labels, numbers)
    return _classified(name, labels, task, why)


def _check_precision(name: str, labels: Array, numbers: Array) -> None:
    """Refuse whole numbers that float64, which has 16 digits, rounds to what they differ by."""
    if np.abs(numbers).max() < LARGEST_WHOLE:
        return
    exact = spelled_labels(labels) if labels.dtype.kind == "U" else labels
    whole = exact.tolist()
    if not all(isinstance(value, int) for value in whole):
        return
    lost = max(abs(value - int(number)) for value, number in zip(whole, numbers, strict=True))
    if lost > MAX_LOST * (max(whole) - min(whole)):
        raise DataError(
            f"target {name!r} must be told apart by 16 digits, but has numbers such as {whole[0]}"
            " that differ behind these; subtract a constant from it"
        )


def check_numbers(name: str, values: Array) -> Array:
    """Return the target of a regression as float64.

    Raises
    ------
    DataError
        When a square of its numbers, of which scores are made, is no float64.
    """
    values = values.astype(np.float64)
    largest, spread = float(np.abs(values).max()), float(np.ptp(values))
    if largest > LARGEST:
        raise DataError(
            f"target {name!r} must stay below {LARGEST:g}, but goes to {largest:.3g}; divide it by"
            " a constant"
        )
    if 0 < spread < 1 / LARGEST:
        raise DataError(
            f"target {name!r} must vary by more than {1 / LARGEST:g}, but varies by {spread:.3g};"
            " multiply it by a constant"
        )
    return values


def read_more_numbers(name: str, labels: Array, options: DataOptions) -> Array:
    """Return the target of a regression in another part of the data.

    Raises
    ------
    DataError
        When one is no finite number.
    """
    numbers, _ = _as_numbers(labels, np.unique(labels), options)
    if numbers is None or not np.isfinite(numbers).all():
        raise DataError(
            f"target {name!r} of the test data must hold finite numbers, as the training data does"
        )
    return check_numbers(name, numbers)


def encode_labels(name: str, labels: Array, classes: tuple[Label, ...]) -> NDArray[np.int64]:
    """Return the class codes of another part of the data.

    Raises
    ------
    DataError
        When a label is none of the classes.
    """
    codes = find_codes(labels, classes)
    if (codes < 0).any():
        raise DataError(
            f"target {name!r} of the test data must have the classes of the training data, but"
            f" {_shown(np.unique(labels[codes < 0])[0])} is new"
        )
    return codes


def _as_numbers(labels: Array, distinct: Array, options: DataOptions) -> tuple[Array | None, str]:
    """Return labels that are numbers as float64, and how these are written where one must say."""
    if labels.dtype.kind in "iufO":
        return labels.astype(np.float64), ""
    if labels.dtype.kind != "U":
        return None, ""
    code = find_format(distinct.tolist(), options.number_formats)
    if code is None:
        return None, ""
    example = str(distinct[np.argmax(np.char.str_len(distinct))])
    numbers = parse_numbers(labels.astype(object), code)
    (value,) = parse_numbers(np.array([example], dtype=object), code)
    is_plain = code == "." and example.strip("-+.eE0123456789") == ""
    return numbers, "" if is_plain else f", written as {example!r:.40} for {value:g}"


def _wanted(labels: Array, distinct: Array, options: DataOptions) -> tuple[TaskKind | None, str]:
    """Return the task that the options ask for, if they do."""
    if options.task is not None:
        return options.task, f"--task {options.task}"
    if options.predicts == "numbers":
        return "regression", f"the metric {options.metric}"
    if options.predicts == "classes" and not _are_many(labels):
        return ("binary" if len(distinct) == 2 else "multiclass"), f"the metric {options.metric}"
    return None, ""


def _infer(name: str, labels: Array, numbers: Array | None) -> tuple[TaskKind, str]:
    if numbers is None:
        count = len(np.unique(labels))
        if _are_many(labels):
            raise DataError(
                f"target {name!r} must name classes or hold numbers, but has {count:,} different"
                f" texts in {len(labels):,} rows, such as {_shown(np.unique(labels)[0])}"
            )
        what = "truth values" if labels.dtype.kind == "b" else "texts"
        return ("binary" if count == 2 else "multiclass"), f"{count} different {what}"
    # float64 cannot tell all whole numbers of 64 bits apart.
    is_exact = np.abs(numbers).max() < LARGEST_WHOLE
    values = numbers if labels.dtype.kind == "U" and is_exact else labels
    count = len(np.unique(values))
    whole = bool((numbers == np.rint(numbers)).all())
    if whole and _are_few(values):
        return ("binary" if count == 2 else "multiclass"), f"{count} different whole numbers"
    said = "whole numbers" if whole else "numbers with decimals"
    return "regression", f"{count:,} different {said}"


def _are_few(labels: Array) -> bool:
    count = len(np.unique(labels))
    return count == 2 or count <= min(MAX_CLASSES, len(labels) / ROWS_A_CLASS)


def _are_many(labels: Array) -> bool:
    return len(np.unique(labels)) > max(MAX_CLASSES, len(labels) / 2)


def _typed(labels: Array, numbers: Array | None) -> Array:
    """Return the labels of a text file as what they are; one number written in two ways is one."""
    is_large = numbers is not None and np.abs(numbers).max() >= LARGEST_WHOLE
    if numbers is None or is_large or len(np.unique(numbers)) == len(np.unique(labels)):
        return spelled_labels(labels)
    whole = (numbers == np.rint(numbers)).all()
    return numbers.astype(np.int64) if whole else numbers


def _classified(name: str, labels: Array, task: TaskKind, why: str) -> Target:
    classes, codes = np.unique(labels, return_inverse=True)
    if (task == "binary") != (len(classes) == 2):
        rule = "exactly 2" if task == "binary" else "more than 2"
        raise DataError(
            f"target {name!r} must have {rule} classes for the task {task}, but has"
            f" {len(classes):,}"
        )
    return Target(codes.astype(np.int64), tuple(classes.tolist()), why)


def _shown(label: Any) -> str:
    """Return a label as the file may have it."""
    plain = label.item() if isinstance(label, np.generic) else label
    if isinstance(plain, float) and plain.is_integer():
        return str(int(plain)) if abs(plain) < 2**53 else repr(plain)
    return repr(label_text(plain) if isinstance(plain, bytes) else plain)[:60]
