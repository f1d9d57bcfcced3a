"""Following a search from another process, without getting in its way."""

from __future__ import annotations

from dataclasses import dataclass

import optuna
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy.exc import SQLAlchemyError

from automl.errors import StudyError
from automl.study.cell_codec import utc_now
from automl.study.read_only import read_only_storage
from automl.study.trial_codec import from_frozen
from automl.study.urls import public_url, without_secrets
from automl.study.view import StudyView, read_study
from automl.trial import TrialRecord


@dataclass(frozen=True, slots=True)
class News:
    """Events since the last question.

    Attributes
    ----------
    finished : list of TrialRecord
        Trials that have finished since, by their numbers.
    running : list of (int, float)
        Number of each running trial, and the seconds since it began.
    ended : bool
        Whether no process is searching any more; these are the last news then.
    """

    finished: list[TrialRecord]
    running: list[tuple[int, float]]
    ended: bool


class Follower:
    """Reads a study again and again; only what is new is read from the database.

    Parameters
    ----------
    name : str

    Attributes
    ----------
    view : StudyView
        The study as it was at the start.
    """

    def __init__(self, name: str) -> None:
        self.view: StudyView = read_study(name)
        self._url = self.view.folder.url
        # Optuna's cache over the storage asks for unfinished and new trials only.
        self._storage = read_only_storage(self._url)
        self._study = optuna.load_study(study_name=self.view.title, storage=self._storage)
        self._seen = {record.number for record in self.view.records}

    def news(self) -> News:
        """Look once.

        Raises
        ------
        StudyError
            When the database cannot be read any more.
        """
        # Asked first: a trial that finishes in between is read, and not lost.
        ended = not self.view.folder.is_held()
        try:
            trials = self._study.get_trials(deepcopy=False)
        except (SQLAlchemyError, KeyError) as error:
            reason = without_secrets(str(error), self._url)
            raise StudyError(f"{public_url(self._url)}: cannot be read: {reason:.160}") from None
        new = [t for t in trials if t.state.is_finished() and t.number not in self._seen]
        self._seen |= {t.number for t in new}
        running = [(t.number, _age(t)) for t in trials if t.state is TrialState.RUNNING]
        return News([from_frozen(t, self.view.space.fixed) for t in new], running, ended)

    def close(self) -> None:
        """Let go of the database."""
        self._storage.remove_session()
        self._storage.engine.dispose()


def _age(trial: FrozenTrial) -> float:
    """Seconds since it began."""
    if trial.datetime_start is None:
        return 0.0
    return (utc_now() - trial.datetime_start).total_seconds()
