"""Publish a result: the report, and what the dashboard shows of it."""

from __future__ import annotations

from automl.dashboard.notes import attach
from automl.data import Dataset
from automl.errors import StudyError
from automl.orchestrator.observer import Observer
from automl.report.gather import write_study_report
from automl.result import SearchResult
from automl.study.study import Study


def publish(study: Study, result: SearchResult, dataset: Dataset, observer: Observer) -> None:
    """Write the report at the end of a search, and tell the dashboard of it.

    Neither may cost a search its result: what cannot be written is a note.
    """
    observer.phase("report")
    try:
        write_study_report(study.folder.name, study.store.url, dataset)
        attach(study, result)
    except StudyError as error:
        observer.note(f"the report is not complete: {error}")
