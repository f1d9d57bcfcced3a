"""Find a good neural network for your data, and learn honestly whether it beats a tuned SVM.

    >>> import automl
    >>> result = automl.search("mnist", trials=100)  # doctest: +SKIP
    >>> model = automl.load_model("mnist")  # doctest: +SKIP

Names are imported when they are first used: ``automl --help`` and `load_model` stay light.
"""

from __future__ import annotations

from importlib import import_module

# `python -m automl` runs this with the current folder ahead of Python's own modules, so it imports
# none that could be a file of the user's: typing, for one, imports re.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any

    from automl.api.data import Inspected, datasets, inspect, spaces
    from automl.api.models import (
        ModelFacts,
        Predictions,
        copy_model,
        describe_model,
        load_plugins,
        predict_file,
    )
    from automl.api.searches import search
    from automl.api.studies import (
        Dashboard,
        Leaderboard,
        compare,
        export,
        follow,
        leaderboard,
        newest_study,
        open_dashboard,
        overview_of,
        replay,
        scaling,
        write_report,
    )
    from automl.api.trainings import train
    from automl.bundle.model import Model, load_model
    from automl.client.client import Client
    from automl.client.events import Event
    from automl.config import DataConfig, SearchConfig, TrainConfig
    from automl.data.inspect.inspection import ColumnFacts, Inspection
    from automl.errors import (
        AutomlError,
        BundleError,
        ConfigError,
        DataError,
        DataWarning,
        ServiceError,
        SpaceError,
        StudyError,
        UnknownNameError,
    )
    from automl.estimators import Classifier, Regressor
    from automl.followup.manage_studies import find_study, move_study, remove_study, rename_study
    from automl.followup.replay import Replay
    from automl.followup.scaling import Scaling, ScalingPoint
    from automl.forecaster import Forecaster
    from automl.orchestrator.observer import Observer, Overview, Plan, SearchProgress, TrainObserver
    from automl.report.collect.families import FamilyOutcome
    from automl.result import SearchResult, TrainResult
    from automl.space.file import spaces_folder
    from automl.study.follower import Follower, News
    from automl.study.summary import StudyList, StudySummary, studies
    from automl.study.view import StudyView, read_study
    from automl.trial import EpochResult, TrialRecord

    __version__: str

__all__ = [
    "AutomlError",
    "BundleError",
    "Classifier",
    "Client",
    "ColumnFacts",
    "ConfigError",
    "Dashboard",
    "DataConfig",
    "DataError",
    "DataWarning",
    "EpochResult",
    "Event",
    "FamilyOutcome",
    "Follower",
    "Forecaster",
    "Inspected",
    "Inspection",
    "Leaderboard",
    "Model",
    "ModelFacts",
    "News",
    "Observer",
    "Overview",
    "Plan",
    "Predictions",
    "Regressor",
    "Replay",
    "Scaling",
    "ScalingPoint",
    "SearchConfig",
    "SearchProgress",
    "SearchResult",
    "ServiceError",
    "SpaceError",
    "StudyError",
    "StudyList",
    "StudySummary",
    "StudyView",
    "TrainConfig",
    "TrainObserver",
    "TrainResult",
    "TrialRecord",
    "UnknownNameError",
    "compare",
    "copy_model",
    "datasets",
    "describe_model",
    "export",
    "find_study",
    "follow",
    "inspect",
    "leaderboard",
    "load_model",
    "load_plugins",
    "move_study",
    "newest_study",
    "open_dashboard",
    "overview_of",
    "predict_file",
    "read_study",
    "remove_study",
    "rename_study",
    "replay",
    "scaling",
    "search",
    "spaces",
    "spaces_folder",
    "studies",
    "train",
    "write_report",
]

_HOMES = {
    "Classifier": "automl.estimators",
    "Client": "automl.client.client",
    "ColumnFacts": "automl.data.inspect.inspection",
    "Dashboard": "automl.api.studies",
    "DataConfig": "automl.config",
    "EpochResult": "automl.trial",
    "Event": "automl.client.events",
    "FamilyOutcome": "automl.report.collect.families",
    "Follower": "automl.study.follower",
    "Forecaster": "automl.forecaster",
    "Inspected": "automl.api.data",
    "Inspection": "automl.data.inspect.inspection",
    "Leaderboard": "automl.api.studies",
    "Model": "automl.bundle.model",
    "ModelFacts": "automl.api.models",
    "News": "automl.study.follower",
    "Observer": "automl.orchestrator.observer",
    "Overview": "automl.orchestrator.observer",
    "Plan": "automl.orchestrator.observer",
    "Predictions": "automl.api.models",
    "Regressor": "automl.estimators",
    "Replay": "automl.followup.replay",
    "Scaling": "automl.followup.scaling",
    "ScalingPoint": "automl.followup.scaling",
    "SearchConfig": "automl.config",
    "SearchProgress": "automl.orchestrator.observer",
    "SearchResult": "automl.result",
    "StudyList": "automl.study.summary",
    "StudySummary": "automl.study.summary",
    "StudyView": "automl.study.view",
    "TrainConfig": "automl.config",
    "TrainObserver": "automl.orchestrator.observer",
    "TrainResult": "automl.result",
    "TrialRecord": "automl.trial",
    "compare": "automl.api.studies",
    "copy_model": "automl.api.models",
    "datasets": "automl.api.data",
    "describe_model": "automl.api.models",
    "export": "automl.api.studies",
    "find_study": "automl.followup.manage_studies",
    "follow": "automl.api.studies",
    "inspect": "automl.api.data",
    "leaderboard": "automl.api.studies",
    "load_model": "automl.bundle.model",
    "load_plugins": "automl.api.models",
    "move_study": "automl.followup.manage_studies",
    "newest_study": "automl.api.studies",
    "open_dashboard": "automl.api.studies",
    "overview_of": "automl.api.studies",
    "predict_file": "automl.api.models",
    "read_study": "automl.study.view",
    "remove_study": "automl.followup.manage_studies",
    "rename_study": "automl.followup.manage_studies",
    "replay": "automl.api.studies",
    "scaling": "automl.api.studies",
    "search": "automl.api.searches",
    "spaces": "automl.api.data",
    "spaces_folder": "automl.space.file",
    "studies": "automl.study.summary",
    "train": "automl.api.trainings",
    "write_report": "automl.api.studies",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        value = _version()
    elif name in __all__:
        value = getattr(import_module(_HOMES.get(name, "automl.errors")), name)
    else:
        raise AttributeError(f"module 'automl' has no attribute {name!r}")
    globals()[name] = value
    return value


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("automl")
    except PackageNotFoundError:  # a checkout that is on the path, and was never installed
        return "0+unknown"


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
