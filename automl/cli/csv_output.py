"""Predictions as CSV, printed or written whole."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

from automl.cli.streams import write_data
from automl.errors import ConfigError
from automl.files import write_text as write_file

if TYPE_CHECKING:
    from automl import Predictions


def format_predictions(found: Predictions) -> str:
    """Return predictions as CSV with a header; the names of the rows are its first column."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    known = [(found.named, found.names), (found.timed, found.times)]
    leading = [(head, texts) for head, texts in known if texts]
    writer.writerow([*(head for head, _ in leading), *found.columns])
    for i, cells in enumerate(found.texts()):
        writer.writerow([*(texts[i] for _, texts in leading), *cells])
    return text.getvalue()


def check_output(path: Path | None, read: Path) -> None:
    """Refuse to write over the file that is read.

    Raises
    ------
    ConfigError
        When it is that.
    """
    try:
        is_same = path is not None and path.samefile(read)
    except (OSError, ValueError):  # one is not there, or has a name that no file can have
        return
    if is_same:
        raise ConfigError(f"output: {path} must be another file than the rows are read from")


def write_output(text: str, path: Path | None) -> None:
    """Print, also for ``-``, or write a file whole or not at all.

    Raises
    ------
    ConfigError
        When it cannot be written.
    """
    if path is None or str(path) == "-":
        write_data(text)
        return
    try:
        write_file(path, text)
    except OSError as error:
        raise ConfigError(f"output: {path} must be writable, but: {error.strerror}") from None
