"""What is in the folder of studies, a line a study: ``automl studies``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from automl.errors import StudyError
from automl.json_form import to_plain
from automl.locations import studies_folder
from automl.study.view import StudyView, model_names, read_study, study_names


@dataclass(frozen=True, slots=True)
class StudySummary:
    """A study in a line.

    Attributes
    ----------
    study, dataset : str
    trials : int
        Finished ones.
    running : int
    metric : str
    best_trial : int or None
        Number of the best complete trial.
    best_valid_score : float or None
        Its validation score.
    test_score : float or None
        The winner's, when the search is finished.
    """

    study: str
    dataset: str
    trials: int
    running: int
    metric: str
    best_trial: int | None
    best_valid_score: float | None
    test_score: float | None

    @classmethod
    def of(cls, view: StudyView) -> StudySummary:
        """Summarise a study."""
        best = view.objective.best(view.records)
        test = view.result.test if view.result else None
        return cls(
            study=view.folder.name,
            dataset=str(view.config.get("dataset", "?")),
            trials=len(view.records),
            running=view.running,
            metric=view.metric.name,
            best_trial=best.number if best else None,
            best_valid_score=best.valid_score if best else None,
            test_score=test.score if test else None,
        )


@dataclass(frozen=True, slots=True)
class StudyList:
    """What is in the folder of studies.

    Attributes
    ----------
    folder : Path
    studies : tuple of StudySummary
        Sorted by name.
    models : tuple of str
        Names of the models that were trained without a search.
    unreadable : dict of str to str
        Why each of the other studies cannot be read.
    """

    folder: Path
    studies: tuple[StudySummary, ...]
    models: tuple[str, ...]
    unreadable: dict[str, str]

    def to_json(self) -> dict[str, Any]:
        """Return the fields as plain types."""
        plain: dict[str, Any] = to_plain(self)
        return plain


def studies() -> StudyList:
    """List the studies and the models; a study that cannot be read does not hide the others."""
    found, unreadable = [], {}
    for name in study_names():
        try:
            found.append(StudySummary.of(read_study(name)))
        except StudyError as error:
            unreadable[name] = str(error)
    return StudyList(studies_folder(), tuple(found), tuple(model_names()), unreadable)
