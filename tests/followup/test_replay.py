"""A trial that is trained again is trained as it was in the search."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from automl.executors.inline import InlineExecutor
from automl.followup.replay import rerun
from automl.followup.study_setup import StudySetup
from automl.job import Job
from automl.result import SearchResult
from automl.study.view import StudyView
from automl.training.jobs import TrainJob


@pytest.mark.parametrize("folds", [0, 2])
def test_its_job_is_the_job_of_the_search(
    run_search: Callable[..., SearchResult],
    read: Callable[[str], StudyView],
    monkeypatch: pytest.MonkeyPatch,
    folds: int,
) -> None:
    jobs: list[Job] = []
    submit = InlineExecutor.submit

    def seen(executor: InlineExecutor, job: Job) -> int:
        jobs.append(job)
        return submit(executor, job)

    monkeypatch.setattr(InlineExecutor, "submit", seen)
    run_search(trials=1, folds=folds, patience=3, device="cpu", seed=5)
    rerun(StudySetup.load(read("iris")), 0)
    searched, *_, again = jobs
    assert isinstance(searched, TrainJob)
    assert again == replace(searched, weights=None, fold_weights=(), stop_after=folds or 2)
