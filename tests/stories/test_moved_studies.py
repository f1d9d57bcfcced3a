"""A study's folder may be called as one likes, and be renamed, moved and copied."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import optuna
import pytest

from automl.errors import StudyError
from automl.result import SearchResult
from automl.study.view import StudyView

Search = Callable[..., SearchResult]
Read = Callable[[str], StudyView]

ODD = 'what?v=2#1 100%25 it\'s "so" {x} [y] ünï✓&=+'


def test_the_folders_above_may_have_any_name(
    run_search: Search, read: Read, own_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    studies = own_machine / ODD / "studies"
    monkeypatch.setenv("AUTOML_STUDIES", str(studies))
    run_search(trials=1)
    assert run_search(trials=2).trials.total == 2
    assert (studies / "iris" / "study.db").is_file()
    assert [p.name for p in own_machine.iterdir() if p.is_file()] == []
    url = read("iris").folder.url
    assert len(optuna.load_study(study_name="iris", storage=url).trials) == 2
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    assert len(read("iris").records) == 2, "also where nobody may write"


@pytest.mark.parametrize("how", [shutil.move, shutil.copytree])
def test_a_renamed_or_copied_study_goes_on(
    run_search: Search, read: Read, studies: Path, how: Callable[[Path, Path], object]
) -> None:
    run_search(trials=2, baselines=("svm",))
    how(studies / "iris", studies / "new")
    before = read("new")
    assert [r.number for r in before.records] == [0, 1]
    assert before.result is not None
    assert (before.result.study, before.result.folder) == ("new", str(studies / "new"))
    result = run_search(trials=3, study="new", baselines=("svm",))
    assert result.trials.total == 3
    names = optuna.get_all_study_names(f"sqlite:///{studies}/new/study.db")
    assert sorted(names) == ["new", "new-svm"]


def test_studies_moved_elsewhere_go_on(
    run_search: Search, own_machine: Path, studies: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_search(trials=1)
    shutil.move(studies, own_machine / "elsewhere")
    monkeypatch.setenv("AUTOML_STUDIES", str(own_machine / "elsewhere"))
    assert run_search(trials=2).trials.total == 2
    assert not studies.exists()


def test_a_renamed_study_is_found_among_others_of_its_database(
    run_search: Search, read: Read, studies: Path, own_machine: Path
) -> None:
    url = f"sqlite:///{own_machine}/shared.db"
    run_search(trials=1, study="a", storage=url)
    run_search(trials=2, study="b", storage=url)
    (studies / "b").rename(studies / "new")
    assert len(read("new").records) == 2
    assert run_search(trials=3, study="new", storage=url).trials.total == 3
    assert sorted(optuna.get_all_study_names(url)) == ["a", "new"]
    assert len(read("new").records) == 3


def test_several_studies_of_other_names_are_not_guessed_among(read: Read, studies: Path) -> None:
    (studies / "theirs").mkdir(parents=True)
    url = f"sqlite:///{studies}/theirs/study.db"
    for name in ("one", "two"):
        optuna.create_study(study_name=name, storage=url)
    with pytest.raises(StudyError, match=r"must have the name of a study .* one, two"):
        read("theirs")
