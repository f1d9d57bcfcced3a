"""Cross-validation in a worker: one candidate, fold after fold, or several folds as a group."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from dataclasses import replace
from statistics import fmean

import numpy as np

from automl.data.preprocess.prepared import PreparedData
from automl.job import ShouldStop
from automl.training.group import Group
from automl.training.jobs import TrainJob
from automl.training.train import train
from automl.training.train_group import train_group
from automl.trial import EpochResult, FoldResult, Stop, TrialResult, TrialStatus


def cross_validate(
    job: TrainJob, data: PreparedData, should_stop: ShouldStop
) -> Generator[EpochResult, None, TrialResult]:
    """Train a candidate on every fold.

    Epochs are judged within their fold alone, by early stopping; what is pruned is the candidate,
    between two folds, by the mean of those that are done.

    Parameters
    ----------
    job : TrainJob
        It asks for the weights of every fold, or of the first.
    data : PreparedData
        With a split for every fold.
    should_stop : callable
        Asked before every step; see `Stop`. Told to finish, a fold in the middle is dropped,
        unless it is the first.

    Yields
    ------
    EpochResult
        After every fold.

    Returns
    -------
    TrialResult
        Failed as soon as one fold is.

    Notes
    -----
    A fold's score is that of its best epoch, which its validation rows have chosen: it flatters
    every candidate, as it does on a single split. The test split alone says how good the winner
    is.
    """
    started = time.perf_counter()
    done: list[TrialResult] = []
    history: list[EpochResult] = []
    status, error, cut = TrialStatus.COMPLETE, None, False
    for fold, result in enumerate(_trained(job, data, should_stop)):
        if done and should_stop() is Stop.FINISH:
            cut = True
            break
        if result.status is not TrialStatus.COMPLETE:
            status = result.status
            error = result.error and f"fold {fold + 1}: {result.error}"
            break
        done.append(result)
        history.append(_summary(done, len(data.splits[fold].train_X)))
        yield history[-1]
        if len(done) < job.folds and should_stop() is Stop.FINISH:
            cut = True
            break
    if should_stop() is Stop.PRUNE:
        status, error = TrialStatus.PRUNED, None
    complete = status is TrialStatus.COMPLETE
    return TrialResult(
        number=job.candidate.number,
        status=status,
        history=tuple(history),
        seconds=time.perf_counter() - started,
        best_epoch=len(history) or None,
        weights=done[0].weights if complete else None,
        n_weights=(done or [result])[0].n_weights,
        error=error,
        cut=cut or result.cut,
        device=result.device,
    )


def _of_fold(job: TrainJob, fold: int) -> TrainJob:
    """Return the training of one fold, with a seed of its own.

    The same initial weights would make the folds more alike than trainings are.
    """
    seed = int(np.random.SeedSequence((job.candidate.seed, fold)).generate_state(1, np.uint64)[0])
    candidate = replace(job.candidate, seed=seed >> 1)
    weights = job.weights if fold == 0 else None
    if job.fold_weights:
        weights = job.fold_weights[fold]
    return replace(
        job, candidate=candidate, fold=job.fold + fold, folds=1, weights=weights, fold_weights=()
    )


def _trained(job: TrainJob, data: PreparedData, should_stop: ShouldStop) -> Iterator[TrialResult]:
    """Train fold after fold, or several as one group where that is quicker."""
    folds = list(zip((_of_fold(job, fold) for fold in range(job.folds)), data.splits, strict=True))
    for size in job.together or (job.folds,):
        some, folds = folds[:size], folds[size:]
        group = Group.begin(*zip(*some, strict=True)) if len(some) > 1 else None
        if group is not None:
            yield from train_group(group, should_stop)
        else:
            yield from (_train(one, part, should_stop) for one, part in some)


def _train(job: TrainJob, data: PreparedData, should_stop: ShouldStop) -> TrialResult:
    training = train(job, data, should_stop)
    while True:
        try:
            next(training)
        except StopIteration as over:
            result: TrialResult = over.value
            return result


def _summary(done: list[TrialResult], rows: int) -> EpochResult:
    """Summarise the folds so far as one step of the trial."""
    best = [r.history[r.best_epoch - 1] for r in done if r.best_epoch is not None]
    last = done[-1]
    assert last.best_epoch is not None
    return EpochResult(
        number=last.number,
        epoch=len(done),
        train_loss=fmean(e.train_loss for e in best),
        valid_loss=fmean(e.valid_loss for e in best),
        valid_score=fmean(e.valid_score for e in best),
        seconds=last.seconds,
        samples_per_second=rows * len(last.history) / last.seconds,
        fold=FoldResult(best[-1].valid_score, last.best_epoch),
    )
