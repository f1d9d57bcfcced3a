"""What a job's exception means, in one line."""

from __future__ import annotations

import re
import traceback

from automl.errors import DISK_ERRORS, AutomlError, ConfigError
from automl.executors import JobError

REASON_LENGTH = 300
"""Characters of a reason; torch can print a page."""


def explain(error: Exception) -> JobError:
    """The `JobError` of an exception that a job has raised; called while it is handled."""
    name = type(error).__name__
    text = " ".join(str(error).split())
    if isinstance(error, ConfigError):
        return JobError(text, blame="user")
    if _is_disk(error):
        return JobError(text, traceback.format_exc(), blame="disk")
    if isinstance(error, MemoryError) or ("alloc" in text and "memory" in text):
        text = f"out of memory: {text}"
    if isinstance(error, AutomlError):
        return JobError(text[:REASON_LENGTH])
    return JobError(f"{name}: {text}"[:REASON_LENGTH], traceback.format_exc())


def _is_disk(error: Exception) -> bool:
    if isinstance(error, OSError):
        return error.errno in DISK_ERRORS
    # safetensors is written in Rust and has the number in its text alone.
    found = re.search(r"\(os error (\d+)\)", str(error))
    return found is not None and int(found[1]) in DISK_ERRORS
