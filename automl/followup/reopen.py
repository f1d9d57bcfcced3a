"""A finished study taken up again, for questions that came later."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from automl.config import SearchConfig
from automl.data import Dataset, PreparedStore, load_again
from automl.errors import DataError, StudyError
from automl.executors import EXECUTORS
from automl.followup.replay import study_store
from automl.metrics import Metric
from automl.orchestrator.observer import Observer
from automl.result import SearchResult
from automl.scheduling.scheduler import Scheduler
from automl.space.space import SearchSpace
from automl.study.study import Study
from automl.study.view import StudyView, read_study
from automl.study.watchdog import guarded
from automl.study.writer import StudyStore


@dataclass(frozen=True, slots=True)
class Reopened:
    """A finished study with its data and workers.

    Attributes
    ----------
    study : Study
        Held by this process.
    view : StudyView
    result : SearchResult
    config : SearchConfig
        Of the search that made it.
    dataset : Dataset
        The same as then.
    data : PreparedStore
    metric : Metric
    scheduler : Scheduler
    """

    study: Study
    view: StudyView
    result: SearchResult
    config: SearchConfig
    dataset: Dataset
    data: PreparedStore
    metric: Metric
    scheduler: Scheduler


@contextmanager
def reopen(name: str, observer: Observer, workers: int) -> Iterator[Reopened]:
    """Take up a finished study.

    Raises
    ------
    StudyError
        When there is none of that name, its search is not finished, or another process holds it.
    DataError
        When its data set is not the same any more.
    """
    view = read_study(name)
    result = view.result
    if result is None or result.status != "finished":
        raise StudyError(
            f"study {name!r} has no finished search; run `automl search` on it until its end"
        )
    config = SearchConfig(**{**view.config, "baselines": tuple(view.config["baselines"])})
    with EXECUTORS.get(config.executor)(workers) as executor:
        dataset = load_again(view.config)
        if dataset.fingerprint != result.fingerprint:
            raise DataError(
                f"data set {dataset.name!r} must be the one that study {name!r} was searched on,"
                f" but its SHA-256 is {dataset.fingerprint[:12]}…, not {result.fingerprint[:12]}…"
            )
        lock = view.folder.lock()
        try:
            store = StudyStore(view.folder.url)
            study_id = store.find_study(view.title)
            assert study_id is not None
            data = study_store(view, dataset)
            executor.provide(data, view.folder.shared)
            study = Study(view.folder, store, study_id, SearchSpace(name, {}, {}))
            scheduler = Scheduler(executor, observer.tick)
            with guarded(study):
                yield Reopened(study, view, result, config, dataset, data, view.metric, scheduler)
            store.close()
        finally:
            view.folder.remove_shared()
            lock.release()
