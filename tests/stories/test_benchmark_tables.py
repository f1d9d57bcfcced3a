"""The table of ``benchmarks/tables.py`` says what was lost."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

import automl

BENCHMARKS = Path(automl.__file__).parents[1] / "benchmarks"


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("tables")


def test_ranks_wins_and_losses_are_printed(tables: Any, capsys: pytest.CaptureFixture[str]) -> None:
    scores = {"Boston": (2.0, 3.0), "cpus": (5.0, 4.0), "fgl": (1.0, 1.0), "Chile": (9.0, 8.0)}
    cells = {
        f"{name}/0/{side}": {"score": score, "seconds": 1.5, "rows": 200}
        for name, both in scores.items()
        for side, score in zip(("network", "svm"), both, strict=True)
    }
    shown = [table for table in tables.DEVELOPMENT if table.name in scores]
    tables.show(cells, shown, ("network", "svm"), seeds=1)
    lines = capsys.readouterr().out.splitlines()
    assert "| Boston | 200 | **2** | 3 |" in lines
    assert "| cpus | 200 | 5 | **4** |" in lines
    assert "| mean rank | | 1.62 | 1.38 |" in lines
    assert "| tables won, drawn and lost against it | | | 1, 1, 2 |" in lines


def test_no_table_is_developed_on_and_reported(tables: Any) -> None:
    assert len(tables.TABLES) == len(tables.DEVELOPMENT) + len(tables.REPORTED)
    developed = {table.package for table in tables.DEVELOPMENT}
    assert developed.isdisjoint(table.package for table in tables.REPORTED)


def test_no_table_of_the_history_is_in_a_comparison(tables: Any) -> None:
    found = {(table.package, table.item) for table in importlib.import_module("table_sets").HISTORY}
    compared = tables.TABLES.values()
    assert found.isdisjoint((table.package, table.item) for table in compared)
    assert {table.item for table in compared}.isdisjoint(item for _, item in found)
