"""The jobs of a study's trials, as its options ask for them."""

from __future__ import annotations

from automl.config import SearchConfig
from automl.data.split.folds import Folds
from automl.metrics import get_metric
from automl.orchestrator.trial_jobs import TrialSettings
from automl.study.run import Run
from automl.task import Task


def _settings(**options: object) -> TrialSettings:
    config = SearchConfig(dataset="iris", trials=1, **options)  # type: ignore[arg-type]
    metric = get_metric("accuracy", Task("binary", classes=(0, 1)))
    return TrialSettings.of(config, metric, 10, Folds(5))


def test_a_trial_waits_for_its_first_judgement_and_a_finalist_for_none() -> None:
    settings = _settings()
    assert settings.job(Run(3), {}).together == (1, 4)
    assert settings.job(Run(3, 1), {}).together == ()
    assert _settings(pruner="none").job(Run(3), {}).together == (5,)


def test_a_trial_may_take_as_much_of_a_device_as_of_the_machine() -> None:
    assert _settings(trial_memory="2GB").job(Run(0), {}).memory == 2_000_000_000
    assert _settings().job(Run(0), {}).memory is None
