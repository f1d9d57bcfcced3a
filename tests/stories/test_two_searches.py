"""Two searches in one program, each in a thread of its own, come out as they do alone."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any

import pytest

from automl.result import SearchResult
from automl.study.view import StudyView

Search = Callable[..., SearchResult]


@pytest.mark.parametrize("executor", ["inline", "process"])
def test_two_searches_at_the_same_time_are_those_that_they_are_alone(
    run_search: Search, read: Callable[[str], StudyView], executor: str
) -> None:
    options: dict[str, Any] = {"trials": 4, "executor": executor, "workers": 1}
    errors: list[BaseException] = []

    def work(name: str, study: str, seed: int) -> None:
        try:
            run_search(name, study=study, seed=seed, **options)
        except BaseException as error:
            errors.append(error)
            raise

    names = [("iris", 1), ("wine", 2)]
    for name, seed in names:
        work(name, f"{name}-alone", seed)
    environment = dict(os.environ)  # torch has left its own by now
    threads = [
        threading.Thread(target=work, args=(name, f"{name}-beside", seed)) for name, seed in names
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert dict(os.environ) == environment
    for name, _ in names:
        alone, beside = read(f"{name}-alone"), read(f"{name}-beside")
        assert [(r.params, r.valid_score, r.status) for r in alone.records] == [
            (r.params, r.valid_score, r.status) for r in beside.records
        ]
