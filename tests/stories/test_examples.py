"""The examples run as they stand, from an empty folder."""

from __future__ import annotations

import os
import subprocess
import sys
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


def test_every_example_is_listed_and_run() -> None:
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    files = sorted(path.name for path in FOLDER.glob("*.*") if path.suffix in (".py", ".yaml"))
    assert [name for name in files if f"]({name})" not in page] == []
    # The family and its space are run by tests/models/test_from_file.py.
    assert sorted([*SCRIPTS, "gated.py", "gated.yaml"]) == files


@pytest.mark.parametrize("name", SCRIPTS)
def test_an_example_runs(name: str, tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "AUTOML_STUDIES"}
    ran = subprocess.run(
        [sys.executable, str(FOLDER / name)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment,
    )
    assert ran.returncode == 0, ran.stderr
    assert SCRIPTS[name] in ran.stdout
