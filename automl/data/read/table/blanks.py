"""Cells that stand for a missing value because the user says so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def blank_cells(frame: Any, words: Sequence[str]) -> Any:
    """Return a frame in which cells with one of these texts, or with that number, are missing."""
    if not words:
        return frame
    import pandas as pd
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    numbers = [float(word) for word in words if _is_number(word)]
    columns = []
    for place in range(len(frame.columns)):
        cells = frame.iloc[:, place]
        if is_numeric_dtype(cells) and not is_bool_dtype(cells):
            wrong = cells.isin(numbers)
        else:
            wrong = cells.astype(str).str.strip().isin(words)
        columns.append(cells.mask(wrong) if wrong.any() else cells)
    return pd.concat(columns, axis=1).set_axis(frame.columns, axis=1) if columns else frame


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
