"""Predictions as CSV, printed or written whole."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.errors import ConfigError
from automl.files import write_text as write_file


def format_predictions(
    values: NDArray[Any], heads: Sequence[str], names: Sequence[str], named: str = "file"
) -> str:
    """CSV with a header.

    Parameters
    ----------
    values : array of shape (rows,) or (rows, len(heads))
    heads : sequence of str
    names : sequence of str
        Of the rows, such as the file names of images, for a first column; or none.
    named : str
        Head of that column.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*([named] if names else []), *heads])
    table = values.reshape(len(values), -1)
    # Nine significant digits give every float32 back.
    is_float = np.issubdtype(table.dtype, np.floating)
    for i, row in enumerate(table.tolist()):
        cells = [f"{value:.9g}" for value in row] if is_float else row
        writer.writerow([*([names[i]] if names else []), *cells])
    return text.getvalue()


def write_output(text: str, path: Path | None) -> None:
    """Print, or write a file whole or not at all.

    Raises
    ------
    ConfigError
        When it cannot be written.
    """
    if path is None:
        sys.stdout.write(text)
        return
    try:
        write_file(path, text)
    except OSError as error:
        raise ConfigError(f"output: {path} must be writable, but: {error.strerror}") from None
