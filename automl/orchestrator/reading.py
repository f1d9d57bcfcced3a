"""Reading studies that may be finished, running, or of another origin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import optuna
from sqlalchemy.exc import SQLAlchemyError

from automl.errors import StudyError
from automl.metrics import METRICS, Metric
from automl.orchestrator.folder import StudyFolder
from automl.orchestrator.records import from_frozen
from automl.orchestrator.store import public_url
from automl.orchestrator.study import CONFIG, FIXED, IDENTITY
from automl.result import SearchResult
from automl.studies import studies_folder
from automl.trial import TrialRecord, TrialStatus


@dataclass(frozen=True, slots=True)
class StudyView:
    """A study as a reader sees it.

    Attributes
    ----------
    folder : StudyFolder
    records : list of TrialRecord
        Finished trials, by number.
    running : int
        Trials that are running, or that a killed search left.
    metric : Metric
    sampled : list of str
        Names of the sampled parameters.
    config : dict
        Options of the first search; empty for a study of another origin.
    result : SearchResult or None
    """

    folder: StudyFolder
    records: list[TrialRecord]
    running: int
    metric: Metric
    sampled: list[str]
    config: dict[str, Any]
    result: SearchResult | None

    def ranked(self) -> list[TrialRecord]:
        """Complete trials, best first."""
        complete = [r for r in self.records if r.status is TrialStatus.COMPLETE]
        return sorted(
            complete, key=lambda r: (self.metric.sort_key(r.valid_score or 0.0), r.number)
        )


def read_study(name: str) -> StudyView:
    """Read a study by name.

    Raises
    ------
    StudyError
        When there is none of that name, or its database cannot be read.
    """
    folder = StudyFolder.named(name)
    if not folder.database.exists():
        known = ", ".join(study_names()) or "none yet"
        raise StudyError(f"there is no study {name!r} in {studies_folder()}/; known: {known}")
    try:
        study = optuna.load_study(study_name=_title(folder), storage=folder.url)
        trials = study.get_trials(deepcopy=False)
    except (SQLAlchemyError, KeyError, ValueError, RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise StudyError(f"{public_url(folder.url)}: cannot be read: {reason:.160}") from None
    identity = study.user_attrs.get(IDENTITY, {})
    direction = study.direction.name.lower()
    fallback = next(m for m in METRICS.values() if m.direction == direction)
    fixed = study.user_attrs.get(FIXED, {})
    return StudyView(
        folder=folder,
        records=[from_frozen(t, fixed) for t in trials if t.state.is_finished()],
        running=sum(not t.state.is_finished() for t in trials),
        metric=METRICS.get(identity.get("metric"), fallback),
        sampled=list(trials[0].distributions) if trials else [],
        config=study.user_attrs.get(CONFIG, {}),
        result=SearchResult.read(folder.result) if folder.result.exists() else None,
    )


def study_names() -> list[str]:
    """Names of all studies, sorted."""
    return sorted(path.parent.name for path in studies_folder().glob("*/study.db"))


def _title(folder: StudyFolder) -> str:
    """The study of the folder's name, or the only one in the database."""
    names = optuna.get_all_study_names(storage=folder.url)
    if folder.name in names or not names:
        return folder.name
    return names[0]
