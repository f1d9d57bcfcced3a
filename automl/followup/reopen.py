"""Take up a finished study again, for questions that come later."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from automl.errors import StudyError
from automl.executors import EXECUTORS
from automl.followup.study_setup import StudySetup
from automl.models._from_file import loaded_files
from automl.orchestrator.observer import Observer
from automl.result import SearchResult
from automl.scheduling.scheduler import Scheduler
from automl.study.study import Study, reopen_study
from automl.study.view import StudyView, read_study
from automl.study.watchdog import guarded


@dataclass(frozen=True, slots=True)
class Reopened:
    """A finished study with its data and workers.

    Attributes
    ----------
    study : Study
        Held by this process.
    setup : StudySetup
    result : SearchResult
    scheduler : Scheduler
    """

    study: Study
    setup: StudySetup
    result: SearchResult
    scheduler: Scheduler

    @property
    def view(self) -> StudyView:
        """The study as it was read when it was taken up."""
        return self.setup.view


@contextmanager
def reopen(name: str, observer: Observer, workers: int) -> Iterator[Reopened]:
    """Take up a finished study.

    Raises
    ------
    StudyError
        When there is none of that name, its search is not finished, another process holds it, or
        its data set has changed.
    """
    view = read_study(name)
    result = view.result
    if result is None or result.status != "finished":
        raise StudyError(
            f"study {name!r} has no finished search; run `automl search` on it until its end"
        )
    executor_class = EXECUTORS.get(view.config.get("executor", "process"))
    with executor_class(workers, loaded_files()) as executor:
        # The workers load torch while the data is read.
        setup = StudySetup.load(view)
        with reopen_study(view.folder, view.title, view.space) as study, guarded(study):
            executor.provide(setup.data, view.folder.shared)
            yield Reopened(study, setup, result, Scheduler(executor, observer.tick))
