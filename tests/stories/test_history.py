"""Later searches start from what earlier studies of other data found, and say so."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from commands import Ran
from made_past import facts

import automl
from automl.history.folder import keep
from automl.history.past import PastStudy, PastTrial
from automl.result import SearchResult
from automl.space.file import load_space
from automl.study.folder import StudyFolder
from automl.study.view import StudyView

RunSearch = Callable[..., SearchResult]
Read = Callable[[str], StudyView]


class Notes(automl.Observer):
    def __init__(self) -> None:
        self.said: list[str] = []

    def note(self, text: str) -> None:
        self.said.append(text)


@pytest.fixture
def past(studies: Path) -> Path:
    """Three finished studies of other tables, in which the deepest networks were best."""
    space = load_space("mlp-small")
    for i, name in enumerate(("lions", "snails", "yeast")):
        (studies / name).mkdir(parents=True)
        trials = tuple(
            PastTrial(n, {**space.fixed, **space.start[n % 2], "model.depth": 1 + n % 4}, (), -n, 1)
            for n in range(12)
        )
        left = PastStudy(name, name, name, facts(300 + i), "accuracy", "epoch", trials)
        keep(StudyFolder(studies / name), left)
    return studies


def origins(view: StudyView) -> list[str]:
    return [record.drawn_by for record in view.records]


def test_a_search_starts_from_earlier_studies(
    run_search: RunSearch, read: Read, cli: Callable[..., Ran], past: Path
) -> None:
    notes = Notes()
    result = run_search(trials=2, observer=notes, finalists=1, report=False)
    view = read("iris")
    assert origins(view) == ["start", "history"]
    assert view.records[1].params["model.depth"] == 4
    assert any(said.startswith("starts from ") for said in notes.said)
    added = result.added
    assert added is not None
    assert added.from_history is not None
    assert added.from_history.their_study in ("lions", "snails", "yeast")
    assert any("Tried first were" in said for said in added.said)
    shown = cli("show", "iris").out
    assert "started from 1 configuration of " in shown
    assert added.from_history.their_study in shown
    # It leaves something itself, though two trials are too few to be taken from.
    assert StudyFolder(past / "iris").history.exists()


def test_a_study_goes_on_as_it_began(run_search: RunSearch, read: Read, past: Path) -> None:
    run_search(trials=1, report=False)
    for name in ("lions", "snails", "yeast"):
        shutil.rmtree(past / name)
    run_search(trials=3, report=False)
    assert origins(read("iris")) == ["start", "history", "start"]
    assert read("iris").history["studies"] == 3


@pytest.mark.parametrize("off", [{"history": False}, {"deterministic": True}], ids=str)
def test_it_can_be_left_out(run_search: RunSearch, read: Read, past: Path, off: Any) -> None:
    run_search(trials=2, **off, report=False)
    assert "history" not in origins(read("iris"))


def test_what_is_broken_does_not_stop_a_search(
    run_search: RunSearch, read: Read, past: Path
) -> None:
    StudyFolder(past / "lions").history.write_text("{")
    run_search(trials=2, report=False)
    assert "history" not in origins(read("iris"))  # two are too few
    assert read("iris").history["skipped"] == {"lions": "cannot be read"}
