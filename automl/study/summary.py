"""What is in the folder of studies, a line a study: ``automl studies``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from automl.json_form import to_plain
from automl.locations import studies_folder
from automl.study.view import StudyView, model_names, read_studies


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
    data : dict
        Facts about the data; see `automl.orchestrator.data_facts.data_facts`.
    """

    study: str
    dataset: str
    trials: int
    running: int
    metric: str
    best_trial: int | None
    best_valid_score: float | None
    test_score: float | None
    data: dict[str, Any]

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
            data=view.data,
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
    unreadable: dict[str, str] = {}
    found = tuple(map(StudySummary.of, read_studies(unreadable)))
    return StudyList(studies_folder(), found, tuple(model_names()), unreadable)
