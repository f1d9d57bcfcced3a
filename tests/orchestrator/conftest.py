"""Searches in this process that take a fraction of a second."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from automl.api import search
from automl.result import SearchResult
from automl.space.file import parse_assignment
from automl.study.view import StudyView, read_study


def run_search(dataset: str = "iris", *fixed: str, **options: Any) -> SearchResult:
    """A small search; `fixed` are assignments as after ``--set``."""
    small: dict[str, Any] = {
        "trials": 3,
        "max_epochs": 2,
        "executor": "inline",
        "finalists": 0,
        "baselines": (),
        "onnx": False,
        "folds": 0,
        "fixed": dict(parse_assignment(text) for text in ("model.width=16", *fixed)),
    }
    return search(dataset, **{**small, **options})


@pytest.fixture(name="run_search")
def _run_search() -> Callable[..., SearchResult]:
    return run_search


@pytest.fixture(name="read")
def _read() -> Callable[[str], StudyView]:
    return read_study
