"""What was made of the columns of a table, where a person could have meant something else."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import numpy as np

from automl.data.formats.numbers import (
    LARGEST_WHOLE,
    describe_rounding,
    find_format,
    find_unit,
    is_gap,
    parse_numbers,
)
from automl.data.labels import find_alike
from automl.data.read.table.cells import Series, is_duration, is_text, to_texts
from automl.data.read.table.date_texts import are_likely_dates
from automl.data.schema import Column

MIXED = 0.5
"""From this share of numbers on, a column of categories could have been meant as numbers."""


def describe_reading(frame: Any, columns: Sequence[Column]) -> list[str]:
    """Say how the columns of a frame were read, a sentence each; most need none.

    Parameters
    ----------
    frame : DataFrame
    columns : sequence of Column
        What was inferred of each of its columns.
    """
    notes: list[str] = []
    for i, column in enumerate(columns):
        notes.extend(_notes(column, frame.iloc[:, i]))
    return notes


def _notes(column: Column, cells: Series) -> Iterator[str]:
    if cells.dtype.kind == "m":
        yield f"column {column.name!r} is read as seconds"
    elif column.kind == "number" and not is_text(cells):
        yield from _too_large(column.name, cells)
    elif is_text(cells):
        texts = [text for text in to_texts(column.name, cells) if text is not None]
        if column.kind == "number":
            yield from _numbers(column, texts)
            yield from _too_large_texts(column.name, texts)
        elif column.kind == "category":
            yield from _categories(column, texts)
        elif column.kind == "date" and column.format:
            yield f"column {column.name!r} is read as dates, written {column.format}"


def _numbers(column: Column, texts: list[str]) -> Iterator[str]:
    parts = []
    present = [text for text in texts if not is_gap(text)]
    if any(map(is_duration, present)):
        parts.append(f"is read as seconds, such as {next(filter(is_duration, present))!r}")
    if column.format:
        example = max(present, key=len)
        (value,) = parse_numbers(np.array([example], dtype=object), column.format)
        parts.append(f"is read as numbers: {example!r:.40} is {value:.15g}")
    if gaps := sorted({text for text in texts if is_gap(text)}):
        count = len(texts) - len(present)
        words = ", ".join(map(repr, gaps[:3]))
        parts.append(f"has {words} in {count:,} row{'s' * (count != 1)}, read as missing")
    if parts:
        yield f"column {column.name!r} {', and '.join(parts)}"


def _categories(column: Column, texts: list[str]) -> Iterator[str]:
    distinct = list(column.categories)
    if alike := find_alike(distinct):
        yield f"column {column.name!r} has {alike}, which are different categories"
    if are_likely_dates(distinct):
        yield (
            f"column {column.name!r} is read as text, such as {distinct[0]!r:.40}; if these are"
            " dates or times, say how they are written, as in --date-format %H:%M:%S"
        )
    if (unit := find_unit(distinct)) is not None:
        yield (
            f"column {column.name!r} is read as text: {distinct[0]!r:.40} is a number with"
            f" {unit!r} behind it"
        )
    codes = [text for text in distinct if text[:1] == "0" and text.isdecimal() and len(text) > 1]
    numbers = [text for text in distinct if find_format([text]) is not None]
    if codes and len(codes) + len(numbers) == len(distinct):
        yield f"column {column.name!r} is read as text, for {codes[0]!r:.40} is no number"
    elif len(numbers) > MIXED * len(distinct) and len(numbers) > 2:
        other = next(text for text in distinct if text not in set(numbers))
        yield (
            f"column {column.name!r} is read as text: it has numbers such as {numbers[-1]!r:.40},"
            f" and {other!r:.40}; if that is a missing value: --missing {other!r:.40}"
        )


def _too_large(name: str, cells: Series) -> Iterator[str]:
    if cells.dtype.kind not in "iu" or not len(cells):
        return
    whole = cells.dropna()
    if not len(whole) or max(abs(int(whole.min())), abs(int(whole.max()))) <= LARGEST_WHOLE:
        return
    yield from _rounded(name, whole.unique().tolist())


def _too_large_texts(name: str, texts: list[str]) -> Iterator[str]:
    whole = {text for text in texts if len(text) > 15 and text.lstrip("+-").isdecimal()}
    yield from _rounded(name, [int(text) for text in whole])


def _rounded(name: str, whole: Collection[int]) -> Iterator[str]:
    exact, kept = len(set(whole)), len(set(map(float, whole)))
    if kept < exact:
        yield describe_rounding(f"column {name!r}", exact, kept)
