"""What finalists take, and how long their runs can be in the time that is left."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from automl.orchestrator.trial_jobs import TrialSettings
from automl.trial import TrialRecord

SAFETY = 0.85
"""Share of the time left that long runs are planned for: a run that is cut short counts for
nothing."""


def finalists_need(
    best: Sequence[TrialRecord], settings: TrialSettings, asked: int, workers: int
) -> float:
    """Return the seconds that finalists will take.

    Parameters
    ----------
    best : sequence of TrialRecord
        The best complete trials, as many as there are finalists, or fewer.
    settings : TrialSettings
    asked : int
        How many finalists were asked for.
    workers : int
    """
    seconds = median(r.seconds for r in best)
    if settings.long_run is not None:
        seconds = settings.long_run * median(_pace(r) for r in best)
    count = min(len(best), settings.finalists(asked))
    rounds = math.ceil(count * len(settings.finalist_runs(0)) / workers)
    return rounds * seconds


def fit_finalists(
    ranked: Sequence[TrialRecord], settings: TrialSettings, asked: int, workers: int, left: float
) -> TrialSettings:
    """Return the settings with long runs as long as there is time for, or without them.

    Parameters
    ----------
    ranked : sequence of TrialRecord
        The complete trials, best first.
    settings : TrialSettings
    asked : int
        How many finalists were asked for.
    workers : int
    left : float
        Seconds; infinite without a time budget.
    """
    if settings.long_run is None or math.isinf(left) or not ranked:
        return settings
    rounds = math.ceil(settings.finalists(asked) / workers)
    pace = max(_pace(r) for r in ranked[: settings.finalists(asked)] or ranked[:1])
    fitting = math.floor(SAFETY * left / (max(rounds, 1) * max(pace, 1e-9)))
    longer = min(settings.long_run, fitting)
    return replace(settings, long_run=longer if longer > settings.max_epochs else None)


def _pace(record: TrialRecord) -> float:
    return record.seconds / max(1, len(record.history))
