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

    from automl.api.searches import search
    from automl.api.trainings import train
    from automl.bundle.model import Model, load_model
    from automl.config import SearchConfig, TrainConfig
    from automl.errors import (
        AutomlError,
        BundleError,
        ConfigError,
        DataError,
        SpaceError,
        StudyError,
        UnknownNameError,
    )
    from automl.estimators import Classifier, Regressor
    from automl.followup.manage_studies import move_study, remove_study, rename_study
    from automl.orchestrator.observer import (
        Observer,
        Overview,
        Plan,
        SearchProgress,
        TrainObserver,
    )
    from automl.result import SearchResult, TrainResult
    from automl.trial import EpochResult, TrialRecord

    __version__: str

__all__ = [
    "AutomlError",
    "BundleError",
    "Classifier",
    "ConfigError",
    "DataError",
    "EpochResult",
    "Model",
    "Observer",
    "Overview",
    "Plan",
    "Regressor",
    "SearchConfig",
    "SearchProgress",
    "SearchResult",
    "SpaceError",
    "StudyError",
    "TrainConfig",
    "TrainObserver",
    "TrainResult",
    "TrialRecord",
    "UnknownNameError",
    "load_model",
    "move_study",
    "remove_study",
    "rename_study",
    "search",
    "train",
]

_HOMES = {
    "Classifier": "automl.estimators",
    "Regressor": "automl.estimators",
    "EpochResult": "automl.trial",
    "Model": "automl.bundle.model",
    "Observer": "automl.orchestrator.observer",
    "Plan": "automl.orchestrator.observer",
    "Overview": "automl.orchestrator.observer",
    "SearchConfig": "automl.config",
    "SearchProgress": "automl.orchestrator.observer",
    "SearchResult": "automl.result",
    "TrainConfig": "automl.config",
    "TrainObserver": "automl.orchestrator.observer",
    "TrainResult": "automl.result",
    "TrialRecord": "automl.trial",
    "load_model": "automl.bundle.model",
    "move_study": "automl.followup.manage_studies",
    "remove_study": "automl.followup.manage_studies",
    "rename_study": "automl.followup.manage_studies",
    "search": "automl.api.searches",
    "train": "automl.api.trainings",
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
