"""What a search takes from earlier studies at its beginning, and what it leaves at its end."""

from __future__ import annotations

from automl.config import SearchConfig
from automl.errors import StudyError
from automl.history.folder import keep, read_past
from automl.history.past import Facts, PastStudy
from automl.history.take import Asking, Taken, take
from automl.orchestrator.data_facts import data_facts
from automl.orchestrator.find_ensemble import NAMED
from automl.orchestrator.observer import Observer
from automl.orchestrator.problem import Problem
from automl.orchestrator.trials import Trials
from automl.study.folder import StudyFolder
from automl.study.study import HISTORY, Study


def take_earlier(config: SearchConfig, problem: Problem, facts: Facts) -> Taken:
    """Return what a new study takes; nothing for one that is there, which goes on as it began.

    A deterministic search takes nothing, for it must not depend on what else lies in the folder.
    """
    if not config.history or config.deterministic:
        return Taken()
    if StudyFolder.named(config.study_name).is_study:
        return Taken()
    dataset = problem.dataset
    asking = Asking(problem.space, dataset.name, dataset.fingerprint, facts, config.total_trials)
    return take(asking, read_past(config.study_name))


def taken_by(study: Study) -> Taken:
    """Return what a study took when it was made."""
    return Taken.from_json(study.attr(HISTORY) or Taken().to_json())


def named_starts(problem: Problem) -> int:
    """Return how many start configurations keep their places before those of earlier studies.

    They are trained in full whatever the pruner says, and the search is judged by them.
    """
    return NAMED if problem.folds else 1


def leave(study: Study, problem: Problem, trials: Trials, observer: Observer) -> None:
    """Write down what later searches may learn from this one.

    It may not cost a search its result: what cannot be written is a note.
    """
    dataset, objective = problem.dataset, trials.settings.objective
    facts, name = data_facts(dataset), study.folder.name
    past = PastStudy.of(name, dataset.name, dataset.fingerprint, facts, objective, trials.records)
    try:
        keep(study.folder, past)
    except StudyError as error:
        observer.note(f"later searches will not learn from this one: {error}")
