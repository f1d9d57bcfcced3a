"""Rows that a program holds, as the body of a request."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from automl.errors import ConfigError

JSON, BINARY = "application/json", "application/octet-stream"


def encode_rows(X: Any) -> tuple[str, bytes]:
    """Return the content type and the bytes of rows.

    Parameters
    ----------
    X : array, frame, mapping, list, str or Path
        Columns by name become one object a row; an array goes as NPY; a path is a file to send.

    Raises
    ------
    ConfigError
        When it is none of them, or the file cannot be read.
    """
    if isinstance(X, str | Path):
        try:
            return BINARY, Path(X).read_bytes()
        except OSError as error:
            raise ConfigError(f"{X}: cannot be read: {error.strerror}") from None
    if hasattr(X, "to_dict") and hasattr(X, "columns"):
        X = _records(X)
    elif isinstance(X, Mapping):
        X = [X]
    if hasattr(X, "__array__") or hasattr(X, "detach"):
        return BINARY, _as_npy(X)
    try:
        return JSON, json.dumps({"rows": list(X)}, default=_plain, allow_nan=False).encode()
    except (TypeError, ValueError) as error:
        raise ConfigError(f"rows must be numbers, texts or dates: {error}") from None


def _records(frame: Any) -> list[dict[str, Any]]:
    """Return the rows of a frame of pandas or polars, one dictionary each."""
    rows = frame.to_dicts() if hasattr(frame, "to_dicts") else frame.to_dict(orient="records")
    return [{str(name): _present(value) for name, value in row.items()} for row in rows]


def _present(value: Any) -> Any:
    """Return None for what a frame has for a missing value."""
    if type(value).__name__ in ("NAType", "NaTType"):
        return None
    return None if isinstance(value, float) and math.isnan(value) else value


def _plain(value: Any) -> Any:
    """Return what JSON has no form for as what it has: numpy's numbers, and dates as text."""
    if hasattr(value, "item"):
        return value.item()
    if hasattr(value, "tolist"):
        return value.tolist()
    if hasattr(value, "isoformat"):
        return value.isoformat()
    raise TypeError(f"a {type(value).__name__} cannot be sent")


def _as_npy(X: Any) -> bytes:
    import numpy as np

    array = np.asarray(X.detach().cpu() if hasattr(X, "detach") else X)
    if array.dtype.kind not in "biuf":
        raise ConfigError(f"an array must hold numbers, but its type is {array.dtype}")
    file = io.BytesIO()
    np.save(file, array, allow_pickle=False)
    return file.getvalue()
