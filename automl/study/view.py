"""Read studies, which may be finished, running, or of another origin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.exceptions import OptunaError
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy.exc import SQLAlchemyError

from automl.data.split.folds import Folds
from automl.errors import StudyError
from automl.json_form import to_plain
from automl.locations import studies_folder
from automl.metrics import METRICS, Metric
from automl.objective import Objective
from automl.result import SearchResult
from automl.space.domains import ChoiceDomain, Domain, FloatDomain, IntDomain
from automl.space.space import FAMILY, SearchSpace
from automl.study.folder import StudyFolder
from automl.study.machines import MACHINES, Machine, difference, machines_from_attr
from automl.study.read_only import read_only_storage
from automl.study.study import CONFIG, DATA, FIXED, FOLDS, HISTORY
from automl.study.title import IDENTITY, find_title
from automl.study.trial_codec import from_frozen
from automl.study.urls import password_hint, public_url, without_secrets
from automl.trial import TrialRecord

_CANNOT_READ = (
    SQLAlchemyError,
    OptunaError,
    KeyError,
    ValueError,
    RuntimeError,
    ImportError,
    AssertionError,
)


@dataclass(frozen=True, slots=True)
class StudyView:
    """A study as a reader sees it.

    Attributes
    ----------
    folder : StudyFolder
    title : str
        Its name in the database, which for a study of another origin is not the folder's.
    records : list of TrialRecord
        Finished trials, by number.
    running : int
        Trials that are running, or that a killed search left.
    waiting : int
        Trials that were stopped in their first epoch, with which the next search begins.
    metric : Metric
    space : SearchSpace
        What the parameters were drawn from, as far as the trials tell.
    config : dict
        Options of the first search; empty for a study of another origin.
    identity : dict
        What the study belongs to; see `automl.orchestrator.problem.Problem.identity`.
    data : dict
        Facts about the data; empty for a study of an earlier version, or of another origin.
    result : SearchResult or None
    history : dict
        What was taken from earlier studies; see `automl.history.take.Taken`. Empty for a study of
        an earlier version, or of another origin.
    machines : list of Machine
        What its jobs ran on; empty for a study of an earlier version, or of another origin.
    """

    folder: StudyFolder
    title: str
    records: list[TrialRecord]
    running: int
    waiting: int
    metric: Metric
    space: SearchSpace
    config: dict[str, Any]
    identity: dict[str, Any]
    data: dict[str, Any]
    result: SearchResult | None
    history: dict[str, Any] = field(default_factory=dict)
    machines: list[Machine] = field(default_factory=list)

    @property
    def objective(self) -> Objective:
        """What makes one trial better than another."""
        return Objective(self.metric)

    @property
    def folds(self) -> Folds | None:
        """How the trials were cross-validated; None when they had one validation split."""
        return Folds.parse(self.identity.get(FOLDS, "none"))

    @property
    def unlike(self) -> str | None:
        """How its machines do not compute alike, in words; None when they do."""
        return difference(self.machines)

    def ranked(self) -> list[TrialRecord]:
        """Return the complete trials, best first, in the order of the search itself."""
        return self.objective.ranked(self.records)

    def trial(self, number: int) -> TrialRecord:
        """Return a finished trial.

        Raises
        ------
        StudyError
            When there is none of that number.
        """
        for record in self.records:
            if record.number == number:
                return record
        raise StudyError(
            f"study {self.folder.name!r} has no finished trial {number};"
            f" it has {len(self.records)}, counted from 0"
        )

    def to_json(self) -> dict[str, Any]:
        """Return the study as plain types.

        An object of ``study``, ``folder``, ``title``, ``metric``, ``direction``, ``running``,
        ``waiting``, ``best`` (the number of the best trial, or null), ``config``, ``identity``,
        ``data`` (facts about it), ``history`` (what was taken from earlier studies), ``machines``
        (host and models of what its jobs ran on), ``space`` (the domain of each sampled parameter),
        ``fixed``, ``trials`` (each as `TrialRecord.to_json`) and ``result`` (the content of
        ``result.json``, or null).
        """
        best = self.objective.best(self.records)
        plain: dict[str, Any] = to_plain(
            {
                "study": self.folder.name,
                "folder": self.folder.path,
                "title": self.title,
                "metric": self.metric.name,
                "direction": self.metric.direction,
                "running": self.running,
                "waiting": self.waiting,
                "best": best.number if best else None,
                "config": self.config,
                "identity": self.identity,
                "data": self.data,
                "history": self.history,
                "machines": self.machines,
                "space": {
                    name: {"kind": _KINDS[type(domain)], **to_plain(domain)}
                    for name, domain in self.space.domains.items()
                },
                "fixed": self.space.fixed,
                "trials": self.records,
                "result": self.result.to_json() if self.result else None,
            }
        )
        return plain


_KINDS: dict[type, str] = {IntDomain: "int", FloatDomain: "float", ChoiceDomain: "choice"}


def read_study(name: str, storage: str | None = None) -> StudyView:
    """Read a study by name.

    Parameters
    ----------
    name : str
    storage : str, optional
        SQLAlchemy's address, by default the one that the study was made with, without a password.

    Raises
    ------
    StudyError
        When there is none of that name, or its database cannot be read.
    """
    folder = StudyFolder.named(name)
    if storage is None and not folder.is_study:
        if folder.best.exists():
            raise StudyError(
                f"{name!r} was trained without a search, so it has a model and no trials;"
                f" `automl best {name}` shows it"
            )
        known = ", ".join(study_names()) or "none yet"
        raise StudyError(f"there is no study {name!r} in {studies_folder()}/; known: {known}")
    with _loaded(folder, storage or folder.url) as study:
        trials = study.get_trials(deepcopy=False)
        attrs = study.user_attrs
        direction = study.direction.name.lower()
        title = study.study_name
    identity = attrs.get(IDENTITY, {})
    fallback = METRICS["accuracy" if direction == "maximize" else "rmse"]
    fixed = attrs.get(FIXED, {})
    return StudyView(
        folder=folder,
        title=title,
        records=[from_frozen(t, fixed) for t in trials if t.state.is_finished()],
        running=sum(t.state is TrialState.RUNNING for t in trials),
        waiting=sum(t.state is TrialState.WAITING for t in trials),
        metric=METRICS.get(identity.get("metric"), fallback),
        space=SearchSpace(folder.name, _domains(trials), fixed),
        config=attrs.get(CONFIG, {}),
        identity=identity,
        data=attrs.get(DATA, {}),
        result=read_result(folder),
        history=attrs.get(HISTORY, {}),
        machines=machines_from_attr(attrs.get(MACHINES, {})),
    )


def read_result(folder: StudyFolder) -> SearchResult | None:
    """Return what a search has found, if one has ended.

    It names the folder as it is called now, which need not be what it was called then.

    Raises
    ------
    StudyError
        When the file is altered, or of a newer format.
    """
    if not folder.result.exists():
        return None
    now = {"study": folder.name, "folder": str(folder.path)}
    return SearchResult.read(folder.result).model_copy(update=now)


@contextmanager
def _loaded(folder: StudyFolder, url: str) -> Iterator[optuna.Study]:
    """Optuna's study, whose connections are closed at the end: an open one keeps the WAL apart
    from the file, and whoever copies ``study.db`` would miss the last trials.
    """
    storage = None
    try:
        storage = read_only_storage(url)
        title = find_title(folder, storage, or_only=True) or folder.name
        yield optuna.load_study(study_name=title, storage=storage)
    except StudyError:
        raise
    except _CANNOT_READ as error:
        text = without_secrets(str(error), url)
        reason = text.splitlines()[0] if text else type(error).__name__
        hint = password_hint(text)
        raise StudyError(f"{public_url(url)}: cannot be read: {reason:.160}{hint}") from None
    finally:
        if storage is not None:
            storage.remove_session()
            storage.engine.dispose()


def _domains(trials: Sequence[FrozenTrial]) -> dict[str, Domain]:
    """Return what was sampled, in the order of the space; a family's trials have only its own."""
    distributions: dict[str, BaseDistribution] = {}
    for trial in trials if trials and FAMILY in trials[0].distributions else trials[:1]:
        for name, distribution in trial.distributions.items():
            distributions.setdefault(name, distribution)
    found = {name: _domain(distribution) for name, distribution in distributions.items()}
    return {name: domain for name, domain in found.items() if domain is not None}


def _domain(distribution: BaseDistribution) -> Domain | None:
    """Return the domain that Optuna drew from; None for a kind that we do not have."""
    match distribution:
        case CategoricalDistribution():
            return ChoiceDomain(tuple(c for c in distribution.choices if c is not None))
        case IntDistribution():
            return IntDomain(distribution.low, distribution.high, distribution.log)
        case FloatDistribution():
            return FloatDomain(distribution.low, distribution.high, distribution.log)
    return None


def read_studies(unreadable: dict[str, str]) -> Iterator[StudyView]:
    """Yield every study, by name: its trials, its options, and what is known of its data.

    Parameters
    ----------
    unreadable : dict of str to str
        Filled with why each of the others cannot be read.
    """
    for name in study_names():
        try:
            yield read_study(name)
        except StudyError as error:
            unreadable[name] = str(error)


def study_names() -> list[str]:
    """Return the names of all studies, sorted."""
    return sorted(folder.name for folder in _folders() if folder.is_study)


def model_names() -> list[str]:
    """Return the names of all models that were trained without a search, sorted."""
    return sorted(f.name for f in _folders() if f.best.exists() and not f.is_study)


def _folders() -> list[StudyFolder]:
    paths = studies_folder().glob("*/")
    return [StudyFolder(path) for path in paths if not path.name.startswith(".")]
