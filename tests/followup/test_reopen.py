"""A study that was searched before is taken up whole, and let go of whatever happens."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from automl.result import SearchResult
from automl.study.study import reopen_study
from automl.study.view import StudyView

RunSearch = Callable[..., SearchResult]
Read = Callable[[str], StudyView]


def test_its_trials_have_all_their_parameters(run_search: RunSearch, read: Read) -> None:
    run_search()
    view = read("iris")
    with reopen_study(view.folder, view.title, view.space) as study:
        assert study.records() == view.records


def _fail(view: StudyView) -> None:
    with reopen_study(view.folder, view.title, view.space) as study:
        study.set_attr("question", 1)
        raise RuntimeError("no luck")


def test_its_database_is_closed_when_a_question_fails(run_search: RunSearch, read: Read) -> None:
    """An open connection keeps the last trials in a file beside the database."""
    run_search()
    view = read("iris")
    with pytest.raises(RuntimeError, match="no luck"):
        _fail(view)
    assert [path.name for path in view.folder.path.glob("study.db*")] == ["study.db"]
    assert not view.folder.is_held()
