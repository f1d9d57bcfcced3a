"""The examples run from an empty folder."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

import automl

FOLDER = Path(automl.__file__).parents[1] / "examples"
SCRIPTS = {
    "own_csv.py": "The network has",
    "pipeline.py": "accuracy 0.",
    "read_study.py": "learning_rate",
    "load_winner.py": "weights",
    "surrogate.py": "predicted [[",
    "watch_search.py": "interrupted",
}
"""Each, with what it prints."""

SMALL = {"folds": 2, "finalists": 1, "workers": 1, "onnx": False}


def test_every_example_is_listed_and_run() -> None:
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    files = sorted(path.name for path in FOLDER.glob("*.*") if path.suffix in (".py", ".yaml"))
    assert [name for name in files if f"]({name})" not in page] == []
    # The family and its space are run by tests/models/test_from_file.py.
    assert sorted([*SCRIPTS, "gated.py", "gated.yaml"]) == files


@pytest.mark.parametrize("name", SCRIPTS)
def test_an_example_runs(
    name: str,
    own_machine: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Options that an example leaves out are small here, and its numbers are its own."""
    real = automl.search
    monkeypatch.setattr(automl, "search", lambda *args, **given: real(*args, **SMALL | given))
    monkeypatch.chdir(own_machine)
    monkeypatch.delenv("AUTOML_STUDIES")
    runpy.run_path(str(FOLDER / name), run_name="__main__")
    assert SCRIPTS[name] in capsys.readouterr().out
