"""What is left out of the data is told wherever somebody may look: nothing is lost in silence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from commands import SMALL, Ran
from PIL import Image

import automl
from automl import DataWarning
from automl.study.view import read_study

SAID = "left out: 1 file that cannot be read (a/9.png: "


@pytest.fixture
def pets(own_machine: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(own_machine)
    for label in "ab":
        Path("pets", label).mkdir(parents=True)
        for i in range(10):
            pixels = np.full((4, 4), 10 * i + ord(label), np.uint8)
            Image.fromarray(pixels).save(Path("pets", label, f"{i}.png"))
    path = Path("pets", "a", "9.png")
    path.write_bytes(path.read_bytes()[:-30])
    return "pets"


def test_of_pictures_in_the_terminal_and_in_the_report(cli: Callable[..., Ran], pets: str) -> None:
    assert SAID in cli("inspect", pets).out
    options = [option for option in SMALL if option != "--quiet"]
    ran = cli("search", "--dataset", pets, "--trials", "1", "--family", "mlp", *options)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.count(SAID) == 1
    assert SAID in Path("studies/pets/report.html").read_text()
    result = read_study(pets).result
    assert result is not None
    assert [note.startswith(SAID) for note in result.notes] == [True]


def test_of_pictures_in_python(run_search: Callable[..., automl.SearchResult], pets: str) -> None:
    with pytest.warns(DataWarning, match="cannot be read") as said:
        result = run_search(pets, trials=1, family=("mlp",), report=False)
    assert [str(one.message) for one in said] == result.notes


def test_of_rows_in_python(run_search: Callable[..., automl.SearchResult]) -> None:
    X = np.arange(90.0).reshape(30, 3)
    y = np.where(np.arange(30) == 4, np.nan, X[:, 0])
    with pytest.warns(DataWarning, match="1 of 30 rows have no target and are left out"):
        automl.search(
            X,
            y,
            trials=1,
            max_epochs=1,
            executor="inline",
            finalists=0,
            folds=0,
            baselines=(),
            onnx=False,
            report=False,
        )


def test_of_rows_in_one_training(
    cli: Callable[..., Ran], own_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(own_machine)
    lines = [f"{i},{i % 2 if i else ''}" for i in range(30)]
    Path("a.csv").write_text("\n".join(["x,y", *lines]))
    options = ("--target", "y", "--epochs", "1", "--executor", "inline")
    ran = cli("train", "xor-lbfgs", "--dataset", "a.csv", *options)
    assert (ran.code, ran.err) == (0, "")
    assert "1 of 30 rows have no target and are left out" in ran.out
