"""Earlier studies are read as far as they can be; none of them stops a search."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from made_past import past_study

from automl.history.folder import MOST_BYTES, STUDIES, keep, read_past
from automl.study.folder import StudyFolder


@pytest.fixture
def folder(studies: Path) -> Path:
    studies.mkdir()
    return studies


def left(folder: Path, name: str) -> Path:
    path = folder / name
    path.mkdir()
    keep(StudyFolder(path), past_study(name))
    return path / "history.json"


def test_what_studies_left_is_read_but_for_ones_own(folder: Path) -> None:
    for name in ("c", "a", "b"):
        left(folder, name)
    assert [past.name for past in read_past("b").studies] == ["a", "c"]


def test_what_cannot_be_read_is_told(folder: Path) -> None:
    left(folder, "good")
    left(folder, "half").write_text('{"format": 1, "data')
    left(folder, "binary").write_bytes(b"\xff\xfe\x00")
    left(folder, "deep").write_text("[" * 100_000)
    left(folder, "newer").write_text('{"format": 2}')
    left(folder, "huge").write_bytes(b" " * (MOST_BYTES + 1))
    left(folder, "folder").unlink()
    (folder / "folder" / "history.json").mkdir()
    (folder / "older").mkdir()
    (folder / "older" / "study.db").touch()
    (folder / "no study").mkdir()
    (folder / "file").touch()
    found = read_past("new")
    assert [past.name for past in found.studies] == ["good"]
    assert set(found.skipped) == {"half", "binary", "deep", "newer", "huge", "folder", "older"}


def test_there_need_not_be_a_folder(studies: Path) -> None:
    assert read_past("new").studies == ()


def test_of_many_the_latest_are_read(folder: Path) -> None:
    for i in range(STUDIES + 2):
        os.utime(left(folder, f"s{i:03}"), (i, i))
    found = read_past("new")
    assert [past.name for past in found.studies] == [f"s{i:03}" for i in range(2, STUDIES + 2)]
    assert list(found.skipped) == ["s000", "s001"]
