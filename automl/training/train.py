"""The worker's work: train one candidate, epoch by epoch, and keep the best epoch's weights."""

from __future__ import annotations

import time
from collections.abc import Generator

from automl.data.preprocess.prepared import PreparedData
from automl.job import ShouldStop
from automl.training.jobs import TrainJob
from automl.training.loop import Diverged
from automl.training.training import Training
from automl.trial import EpochResult, Glimpse, TrialResult


def train(
    job: TrainJob, data: PreparedData, should_stop: ShouldStop
) -> Generator[EpochResult | Glimpse, None, TrialResult]:
    """Train a candidate.

    Parameters
    ----------
    job : TrainJob
    data : PreparedData
    should_stop : callable
        Asked before every step; see `Stop`.

    Yields
    ------
    EpochResult or Glimpse
        After every epoch; the glimpse, if the job asks for one, in the middle of the first.

    Returns
    -------
    TrialResult
    """
    started = time.perf_counter()
    training = Training.start(job, data)
    cut, diverged = False, None
    try:
        while not training.is_over:
            result = yield from training.epoch(should_stop)
            if result is None:
                cut = True
                break
            yield result
    except Diverged as error:
        diverged = error
    seconds = time.perf_counter() - started
    return training.result(seconds, should_stop(), diverged, cut=cut)
