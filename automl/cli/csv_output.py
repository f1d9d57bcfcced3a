"""Predictions as CSV, printed or written whole."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from automl.cli.streams import write_data
from automl.errors import ConfigError
from automl.files import write_text as write_file
from automl.task import label_text

if TYPE_CHECKING:
    from automl import Predictions


def format_predictions(found: Predictions) -> str:
    """Return predictions as CSV with a header; the names of the rows are its first column."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = found.names
    writer.writerow([*([found.named] if names else []), *found.columns])
    table = found.values.reshape(len(found.values), -1)
    # Nine significant digits give every float32 back; `repr` gives every float64 back.
    is_short = table.dtype == np.float32
    for i, row in enumerate(table.tolist()):
        cells = [f"{value:.9g}" if is_short else _cell(value) for value in row]
        writer.writerow([*([names[i]] if names else []), *cells])
    return text.getvalue()


def _cell(value: object) -> object:
    return label_text(value) if isinstance(value, bytes) else value


def write_output(text: str, path: Path | None) -> None:
    """Print, or write a file whole or not at all.

    Raises
    ------
    ConfigError
        When it cannot be written.
    """
    if path is None:
        write_data(text)
        return
    try:
        write_file(path, text)
    except OSError as error:
        raise ConfigError(f"output: {path} must be writable, but: {error.strerror}") from None
