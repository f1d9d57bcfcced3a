"""A moment in which warnings are treated in one way leaves no trace, whoever else has one."""

from __future__ import annotations

import threading
import warnings
from pathlib import Path

import pytest

import automl
from automl.warning_filters import warnings_as


def test_warnings_are_ignored_raised_or_recorded() -> None:
    with warnings_as("ignore"):
        warnings.warn("quiet", stacklevel=1)
    with warnings_as("error", UserWarning), pytest.raises(UserWarning, match="loud"):
        warnings.warn("loud", stacklevel=1)
    with warnings_as("record", UserWarning) as recorded:
        warnings.warn("kept", stacklevel=1)
        assert [str(w.message) for w in recorded] == ["kept"]


def test_two_threads_that_overlap_put_back_what_was_there() -> None:
    before = list(warnings.filters)
    entered = threading.Event()

    def other() -> None:
        entered.set()
        with warnings_as("error"):
            pass

    with warnings_as("ignore"):
        thread = threading.Thread(target=other)
        thread.start()
        entered.wait()
    thread.join()
    assert warnings.filters == before


def test_nobody_in_a_search_changes_the_filters_otherwise() -> None:
    package = Path(automl.__file__).parent
    users = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if "catch_warnings" in path.read_text(encoding="utf-8")
    }
    # The command line has a process of its own; a contract suite runs in a test.
    assert users == {"warning_filters.py", "cli/streams.py", "testing/families.py"}
