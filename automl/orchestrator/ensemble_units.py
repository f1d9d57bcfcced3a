"""What an ensemble is chosen from: networks with their outputs for rows that they did not train on.

With one validation split, that is every network by itself. In cross-validation it is a whole
partition: each of its networks has an output for the rows of its own fold, which it did not train
on, and so all of them together for every row outside of the test split.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from automl.arrays import Array
from automl.bundle.save import BaselineRecipe
from automl.data import Dataset
from automl.data.split.folds import Folds, dataset_folds
from automl.data.stored_rows import join
from automl.orchestrator.finalists import Finalist
from automl.orchestrator.predict_runs import Prediction
from automl.study.folder import StudyFolder
from automl.study.run import Run
from automl.training.jobs import PredictJob
from automl.trial import TrialRecord


class FoldRun(NamedTuple):
    """The network of one fold of a run."""

    run: Run
    fold: int


@dataclass(frozen=True, slots=True)
class FittedBaseline:
    """A baseline that can be a member.

    Attributes
    ----------
    recipe : BaselineRecipe
    params : mapping of str to scalar
    """

    recipe: BaselineRecipe
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Trained:
    """A network that can be a member, or a baseline.

    Attributes
    ----------
    run : Run or None
        None for a baseline.
    fold : int or None
        Counted from 0; None for one validation split.
    weights : Path
    baseline : FittedBaseline or None
    """

    run: Run | None
    fold: int | None
    weights: Path
    baseline: FittedBaseline | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Unit:
    """Networks that are chosen together, with equal shares.

    Attributes
    ----------
    name : str
    networks : tuple of Trained
    valid : array
        Outputs for the rows that choose: of no network for rows that it was trained on.
    test : tuple of array
        Outputs of each network for the test rows.
    fit, predict_1000 : float
        Seconds of all of them.
    """

    name: str
    networks: tuple[Trained, ...]
    valid: Array
    test: tuple[Array, ...]
    fit: float
    predict_1000: float

    @property
    def run(self) -> Run | None:
        """The run of all its networks; None for a baseline."""
        return self.networks[0].run


def single_units(
    predictions: Mapping[Run, Prediction], weights: Mapping[Run, Path], seconds: Mapping[Run, float]
) -> list[Unit]:
    """Return a unit for every network, of a search with one validation split."""
    return [
        Unit(
            str(run),
            (Trained(run, None, path),),
            predictions[run].valid,
            (predictions[run].test,),
            seconds[run],
            predictions[run].predict_1000,
        )
        for run, path in weights.items()
    ]


class FoldedRun(NamedTuple):
    """A run of cross-validation whose networks are all there.

    Attributes
    ----------
    run : Run
    params : mapping of str to scalar
    seconds : float
        Time that all its folds took.
    """

    run: Run
    params: Mapping[str, Any]
    seconds: float


def folded_runs(
    finalists: Sequence[Finalist], trials: Sequence[TrialRecord], folds: Folds, folder: StudyFolder
) -> list[FoldedRun]:
    """Return the runs of the finalists, and of those trials that kept the weights of every fold."""
    found = [
        FoldedRun(run, finalist.record.params, result.seconds)
        for finalist in finalists
        for run, result in finalist.runs.items()
    ]
    return found + [
        FoldedRun(Run(record.number), record.params, record.seconds)
        for record in trials
        if len(folder.trial_weights(record.number)) == folds.total
    ]


def fold_jobs(
    runs: Sequence[FoldedRun], folds: Folds, folder: StudyFolder, device: str
) -> dict[FoldRun, PredictJob]:
    """Return the predictions of every fold's network of these runs."""
    return {
        FoldRun(run, fold): PredictJob(
            params,
            str(folder.fold_weights(run, fold)),
            str(folder.fold_predictions(run, fold)),
            device,
            fold,
        )
        for run, params, _ in runs
        for fold in range(folds.total)
    }


def fold_units(
    runs: Sequence[FoldedRun],
    predictions: Mapping[FoldRun, Prediction],
    dataset: Dataset,
    folds: Folds,
    folder: StudyFolder,
) -> list[Unit]:
    """Return a unit for every partition of every run."""
    units = []
    for run, _, seconds in runs:
        trained = [
            Trained(run, fold, folder.fold_weights(run, fold)) for fold in range(folds.total)
        ]
        found = [predictions[FoldRun(run, fold)] for fold in range(folds.total)]
        units += join_folds(str(run), trained, found, dataset, folds, seconds)
    return units


def join_folds(
    name: str,
    trained: Sequence[Trained],
    predictions: Sequence[Prediction],
    dataset: Dataset,
    folds: Folds,
    seconds: float,
) -> list[Unit]:
    """Return a unit for every partition, of the models of all folds in their order."""
    y = rows_that_choose(dataset, folds)
    rows = list(dataset_folds(dataset, folds))
    units = []
    for repeat in range(folds.repeats):
        of = range(repeat * folds.count, (repeat + 1) * folds.count)
        found = [predictions[fold] for fold in of]
        valid = np.empty((len(y), *found[0].valid.shape[1:]), found[0].valid.dtype)
        for fold, prediction in zip(of, found, strict=True):
            valid[rows[fold]] = prediction.valid
        again = f", partition {repeat + 1}" if folds.repeats > 1 else ""
        unit = Unit(
            f"{name}{again}",
            tuple(trained[fold] for fold in of),
            valid,
            tuple(prediction.test for prediction in found),
            seconds / folds.repeats,
            sum(prediction.predict_1000 for prediction in found),
        )
        units.append(unit)
    return units


def features_that_choose(dataset: Dataset, folds: Folds | None) -> Array:
    """Return the features of the rows whose targets are `rows_that_choose`."""
    if folds is None:
        return np.asarray(dataset.valid.X)
    return np.asarray(join(dataset.train.X, dataset.valid.X))


def rows_that_choose(dataset: Dataset, folds: Folds | None) -> Array:
    """Return the targets of the rows by which an ensemble is chosen, as units predict them."""
    if folds is None:
        return dataset.valid.y
    return np.concatenate([dataset.train.y, dataset.valid.y])
