"""How long finalists are trained: longer than trials on many images, as far as there is time."""

from __future__ import annotations

import math
from typing import Any

import pytest
from made_studies import make_record

from automl.config import SearchConfig
from automl.metrics import METRICS
from automl.orchestrator.finalists_time import finalists_need, fit_finalists
from automl.orchestrator.trial_jobs import TrialSettings
from automl.study.run import Run
from automl.trial import EpochResult, TrialRecord


def _settings(rows: int = 50_000, images: bool = True, **options: Any) -> TrialSettings:
    config = SearchConfig(dataset="mnist", **options)
    epochs = config.max_epochs or 12
    return TrialSettings.of(config, METRICS["accuracy"], epochs, None, rows, images=images)


def _trial(number: int, seconds: float) -> TrialRecord:
    """A trial of 12 epochs."""
    history = tuple(EpochResult(number, e, 0.1, 0.1, 0.9, 1.0, 1.0) for e in range(1, 13))
    return make_record(number, 0.9, history=history, seconds=seconds)


def test_on_many_images_half_as_many_finalists_have_one_longer_run() -> None:
    settings = _settings()
    assert settings.finalists(3) == 2
    assert settings.finalist_runs(7) == [Run(7, 1)]
    longer, trial = settings.job(Run(7, 1), {}), settings.job(Run(7), {})
    assert (longer.candidate.max_epochs, trial.candidate.max_epochs) == (30, 12)
    assert longer.patience > trial.patience


@pytest.mark.parametrize("options", [{"rows": 5_000}, {"images": False}, {"max_epochs": 12}])
def test_elsewhere_each_finalist_has_two_runs_like_a_trial(options: dict[str, Any]) -> None:
    settings = _settings(**options)
    assert settings.finalists(3) == 3
    assert settings.finalist_runs(7) == [Run(7, 1), Run(7, 2)]
    assert settings.job(Run(7, 1), {}).candidate.max_epochs == 12


def test_they_are_as_long_as_there_is_time_for() -> None:
    best = [_trial(0, 24.0), _trial(1, 24.0)]  # 2 s an epoch
    settings = _settings()
    assert finalists_need(best, settings, 3, workers=2) == 60.0
    assert fit_finalists(best, settings, 3, 2, math.inf).long_run == 30
    assert fit_finalists(best, settings, 3, 2, 50.0).long_run == 21
    short = fit_finalists(best, settings, 3, 2, 20.0)
    assert short.long_run is None
    assert short.finalists(3) == 3
    assert finalists_need(best, short, 3, workers=2) == 48.0
