"""The table of ``benchmarks/tables.py`` says what was lost."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import automl

PATH = Path(automl.__file__).parents[1] / "benchmarks" / "tables.py"


@pytest.fixture(scope="module")
def row() -> Callable[..., str]:
    spec = importlib.util.spec_from_file_location("tables", PATH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: Callable[..., str] = module.row
    return found


def _cells(metric: str, *scores: tuple[float, float]) -> list[dict[str, Any]]:
    """Cells with these scores of the network and the SVM; the others are worse."""
    worst = 0.1 if metric == "accuracy" else 99.0
    rest = {"boosting": worst, "logistic": worst}
    return [{"metric": metric, "scores": {"network": a, "svm": b, **rest}} for a, b in scores]


@pytest.mark.parametrize(
    ("metric", "scores", "said"),
    [
        ("accuracy", [(0.9, 0.8), (0.8, 0.81)], "won against svm: +4.50; better on 1, worse on 1"),
        ("accuracy", [(0.8, 0.9), (0.8, 0.8)], "lost against svm: -5.00; better on 0, worse on 1"),
        ("accuracy", [(0.1, 0.2), (0.2, 0.1)], "drawn against svm; better on 1, worse on 1"),
        ("rmse", [(50.0, 52.0)], "won against svm: -2.0; better on 1, worse on 0"),
        ("rmse", [(52.0, 50.0)], "lost against svm: +2.0; better on 0, worse on 1"),
    ],
)
def test_a_case_is_called_what_it_is(
    row: Callable[..., str], metric: str, scores: list[tuple[float, float]], said: str
) -> None:
    line = row("iris", _cells(metric, *scores))
    assert line.endswith(f"| {said} |")


def test_the_best_mean_is_bold_with_its_spread(row: Callable[..., str]) -> None:
    line = row("iris", _cells("accuracy", (0.8, 0.9), (0.8, 0.92)))
    assert "| 80.00 ± 0.00 | **91.00 ± 1.41** | 10.00 ± 0.00 |" in line
