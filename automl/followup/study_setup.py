"""`StudySetup`: what the trials of a study were trained on, and with."""

from __future__ import annotations

from dataclasses import dataclass

from automl.config import SearchConfig
from automl.data import Dataset, PreparedStore, load_again
from automl.data.split.folds import Folds, make_splits
from automl.errors import StudyError
from automl.metrics import Metric
from automl.orchestrator.defaults import default_max_epochs
from automl.orchestrator.trial_jobs import TrialSettings
from automl.study.view import StudyView


@dataclass(frozen=True, slots=True)
class StudySetup:
    """A study that was searched before, with its options and its data.

    Attributes
    ----------
    view : StudyView
    config : SearchConfig
        Options of the search that made it.
    dataset : Dataset
        The same as then.
    data : PreparedStore
        The data set as the trials saw it.
    settings : TrialSettings
        What the trials were trained with.
    """

    view: StudyView
    config: SearchConfig
    dataset: Dataset
    data: PreparedStore
    settings: TrialSettings

    @classmethod
    def load(cls, view: StudyView) -> StudySetup:
        """Load the data of a study, and read its options.

        Raises
        ------
        StudyError
            When automl did not make the study, or the data has changed since.
        AutomlError
            When the data cannot be read.
        """
        name = view.folder.name
        if not view.config or not view.identity:
            raise StudyError(
                f"study {name!r} was not made by automl, so its trials cannot be trained"
            )
        dataset = load_again(view.config)
        then = view.identity["data (SHA-256)"]
        if dataset.fingerprint != then:
            raise StudyError(
                f"study {name!r} was made on other data: the fingerprint of"
                f" {dataset.name!r} was {then:.12}… and is {dataset.fingerprint:.12}… now"
            )
        config = SearchConfig(**view.config)
        rows = len(dataset.train)
        max_epochs = int(view.identity.get("--max-epochs") or default_max_epochs(rows))
        images = dataset.kind == "image"
        settings = TrialSettings.of(
            config, view.metric, max_epochs, view.folds, rows, images=images
        )
        data = PreparedStore(*make_splits(dataset, view.folds))
        return cls(view, config, dataset, data, settings)

    @property
    def metric(self) -> Metric:
        """What the study optimises."""
        return self.view.metric

    @property
    def folds(self) -> Folds | None:
        """How the trials were cross-validated; None when they had one validation split."""
        return self.view.folds
