"""What to ask of studies: to read and follow them, compare, scale, replay, export and report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from automl.api._rows import Names
from automl.config import TRIALS, SearchConfig, available_cores
from automl.errors import StudyError, UnknownNameError
from automl.result import SearchResult
from automl.study.view import StudyView, read_study, study_names
from automl.trial import TrialRecord

if TYPE_CHECKING:
    import subprocess

    from automl.followup.replay import Replay
    from automl.followup.scaling import Scaling, ScalingPoint
    from automl.orchestrator.observer import Observer, Overview
    from automl.report.collect.families import FamilyOutcome
    from automl.study.follower import Follower

FORMATS = ("onnx", "torch", "zip")


def _ignore(said: object) -> None:
    """Take what is said, and do nothing."""


@dataclass(frozen=True, slots=True)
class Leaderboard:
    """A study's best trials, and what to show of them.

    Attributes
    ----------
    trials : list of TrialRecord
        Complete trials, best first; when none is complete, the others by number.
    params : list of str
        Parameters that mattered most, by name; with several families the family comes first.
    families : list of FamilyOutcome
        How each family fared, the best first; empty where there is one.
    """

    trials: list[TrialRecord]
    params: list[str]
    families: list[FamilyOutcome]


def leaderboard(view: StudyView, top: int = 10, *, params: int = 5) -> Leaderboard:
    """Return a study's best trials.

    Parameters
    ----------
    view : StudyView
        A study, as `read_study` returns it.
    top : int
        The most trials to return.
    params : int
        The most parameters to return; 0 saves the analysis of which of them mattered.
    """
    from automl.report.collect.families import family_outcomes, leading
    from automl.report.collect.fold_correction import correct_pruned_scores
    from automl.report.collect.importance import importance
    from automl.space.space import FAMILY

    ranked, several = view.ranked(), bool(view.space.families)
    names = [FAMILY] if several else []
    if ranked and params:
        space, own = leading(view.space, view.records, view.metric)
        shares = importance(correct_pruned_scores(own), space.domains, view.metric)
        names += (list(shares) or list(space.domains))[: params - len(names)]
    families = family_outcomes(view.records, view.metric) if several else []
    return Leaderboard((ranked or view.records)[:top], names, families)


def follow(study: str) -> Follower:
    """Return a reader of a running search, which may be that of another process.

    Its `news` are what has happened since they were last asked for; `close` it at the end.

    Raises
    ------
    StudyError
        When there is no such study, or it cannot be read.
    """
    from automl.study.follower import Follower

    return Follower(study)


def overview_of(view: StudyView) -> Overview:
    """Return a study as a search would introduce it; what the database does not know is empty."""
    from automl.orchestrator.observer import Overview

    config, folds = view.config, view.folds
    return Overview(
        study=view.folder.name,
        dataset=str(config.get("dataset", "?")),
        rows=0,
        metric=view.metric,
        trials=_total(config, len(view.records) + view.running),
        before=view.records,
        workers=config.get("workers") or available_cores(),
        max_epochs=folds.total if folds else int(config.get("max_epochs") or 0),
        time_budget=config.get("time_budget"),
        space=view.space,
    )


def _total(config: Mapping[str, Any], there: int) -> int | None:
    """Return how many trials a study will have; None for as many as there is time for."""
    asked = config.get("trials")
    if asked is None and config.get("time_budget") is not None:
        return None
    return max(int(asked or TRIALS), there)


def compare(study: str, baselines: Names, *, observer: Observer | None = None) -> SearchResult:
    """Compare more baselines with a study's winner; this reads the test split once more.

    Parameters
    ----------
    study : str
        Name of a study whose search is finished.
    baselines : str or sequence of str
        Names, as `search` takes them.
    observer : Observer, optional
        Hears of each baseline.

    Raises
    ------
    AutomlError
        When a name is unknown, or the study or its data is not as it was.
    """
    from automl.followup.compare import compare_later

    names = SearchConfig(dataset=study, baselines=baselines).baselines  # read as `search` does
    return compare_later(study, names, observer)


def scaling(
    study: str,
    *,
    time_budget: float | str | None = None,
    said: Callable[[ScalingPoint], None] = _ignore,
) -> Scaling:
    """Fit the winner and the SVM on growing parts of the data.

    Parameters
    ----------
    study : str
        Name of a study whose search is finished.
    time_budget : float or str, optional
        No fit begins after this time: seconds, or such as ``"5m"``.
    said : callable
        Called with each point as it comes.

    Raises
    ------
    AutomlError
        When the study or its data is not as it was.
    """
    from automl.followup.scaling import measure_scaling

    seconds = SearchConfig(dataset=study, time_budget=time_budget).time_budget
    return measure_scaling(study, seconds, said)


def replay(study: str, trial: int) -> Replay:
    """Train a trial again from its seed, and compare every loss and score.

    Raises
    ------
    AutomlError
        When there is no such trial, or the data is not what it was.
    """
    from automl.followup.replay import replay_trial

    return replay_trial(read_study(study), trial)


def export(
    study: str,
    format: str,
    *,
    trial: int | None = None,
    to: Path | str | None = None,
    said: Callable[[str], None] = _ignore,
) -> None:
    """Export the best model of a study, or any of its trials.

    Parameters
    ----------
    study : str
        Its name; with ``/single``, ``/ensemble`` or the name of a baseline behind it, that model
        in place of the best one.
    format : {"onnx", "torch", "zip"}
        One ONNX file; a folder, as `load_model` takes it; or a zip of such a folder.
    trial : int, optional
        Number of a trial, in place of the best model.
    to : Path or str, optional
        Where it goes; by default, it is named after the study, in this folder.
    said : callable
        Called with a line about each thing that is done.

    Raises
    ------
    AutomlError
        When there is no such study, trial or model, or `to` cannot be written.
    """
    if format not in FORMATS:
        raise UnknownNameError("format", format, FORMATS)
    from automl.bundle.onnx.available import require_onnx

    if format == "onnx":
        require_onnx()
    from automl.followup.export import export_study

    export_study(study, format, trial, Path(to) if to is not None else None, said)


def write_report(study: str) -> Path:
    """Write a study's page anew, and return its path.

    Raises
    ------
    StudyError
        When there is no such study, or the page cannot be written.
    """
    from automl.report.gather import write_study_report

    return write_study_report(study)


@dataclass(frozen=True, slots=True)
class Dashboard:
    """An optuna-dashboard that answers.

    Attributes
    ----------
    study : str
    address : str
        Its address, which this machine alone can open.
    process : Popen
        Ends by itself only when something went wrong.
    """

    study: str
    address: str
    process: subprocess.Popen[str]


@contextmanager
def open_dashboard(
    study: str | None = None, *, port: int = 0, writable: bool = False
) -> Iterator[Dashboard]:
    """Run optuna-dashboard on a study for as long as the context lasts.

    Parameters
    ----------
    study : str, optional
        Name of the study; by default, the one that was written last.
    port : int
        Port on 127.0.0.1; 0 takes a free one.
    writable : bool
        Whether the page may change and delete studies.

    Raises
    ------
    StudyError
        When there is no such study, or the dashboard does not start.
    """
    from automl.dashboard.process import running_dashboard

    view = read_study(study if study is not None else newest_study())
    with running_dashboard(view.folder, port=port, writable=writable) as (address, process):
        yield Dashboard(view.folder.name, address, process)


def newest_study() -> str:
    """Return the name of the study that was written last.

    Raises
    ------
    StudyError
        When there are none.
    """
    from automl.locations import studies_folder
    from automl.study.folder import StudyFolder

    def written(name: str) -> float:
        folder = StudyFolder.named(name)
        path = folder.database if folder.database.exists() else folder.address
        return path.stat().st_mtime

    names = study_names()
    if not names:
        raise StudyError(
            f"there are no studies in {studies_folder()}/ yet; make one with `automl search`"
        )
    return max(names, key=written)
