"""Cells that stand for a missing value because the user says so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def blank_cells(frame: Any, words: Sequence[str]) -> Any:
    """Return a frame in which cells with one of these texts, or with that number, are missing."""
    if not words:
        return frame
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    numbers = [float(word) for word in words if _is_number(word)]
    columns = {}
    for place, name in enumerate(frame.columns):
        cells = frame.iloc[:, place]
        if is_numeric_dtype(cells) and not is_bool_dtype(cells):
            wrong = cells.isin(numbers)
        else:
            wrong = cells.astype(str).str.strip().isin(words)
        if wrong.any():
            columns[name] = cells.mask(wrong)
    return frame.assign(**columns) if columns else frame


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
