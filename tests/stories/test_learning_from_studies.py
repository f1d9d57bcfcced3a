"""What a later search can learn from: a study keeps its data's facts, and may be warm-started."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import automl
from automl.result import SearchResult
from automl.study.view import StudyView

RunSearch = Callable[..., SearchResult]
Read = Callable[[str], StudyView]

SPACE = """
family: mlp
model: {{depth: 1, width: {{int: [4, 64]}}, activation: relu}}
optimizer: {{name: adam, learning_rate: 0.01}}
start: {start}
"""


def test_a_study_with_another_start_is_the_same_study(
    run_search: RunSearch, read: Read, tmp_path: Path
) -> None:
    """It goes on with the start that it was made with, as if it had never been stopped."""
    path = tmp_path / "space.yaml"
    options = {"space": str(path), "fixed": {}}
    path.write_text(SPACE.format(start="[{model: {width: 8}}, {model: {width: 16}}]"))
    run_search(trials=1, **options)
    path.write_text(SPACE.format(start="[{model: {width: 32}}, {model: {width: 64}}]"))
    run_search(trials=2, **options)
    assert [r.params["model.width"] for r in read("iris").records] == [8, 16]


def test_one_query_gives_every_studys_data_and_trials(run_search: RunSearch) -> None:
    run_search(trials=1)
    run_search("diabetes", trials=1)
    by_name = {study.study: study for study in automl.studies().studies}
    iris, diabetes = by_name["iris"].data, by_name["diabetes"].data
    assert iris["task"] == "multiclass"
    assert sum(iris["rows"].values()) == 150
    assert iris["shape"] == [4]
    assert sum(iris["classes"]) == iris["rows"]["train"]
    assert (diabetes["task"], diabetes["classes"]) == ("regression", [])
    assert automl.read_study("iris").to_json()["data"] == iris
