"""The Python functions, which the command line is a shell over: `automl.search` and its like."""

from __future__ import annotations

from automl.api.searches import search
from automl.api.trainings import train

__all__ = ["search", "train"]
