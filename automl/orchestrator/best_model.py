"""The best model so far, as a bundle that is there from the first complete trial on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from automl.bundle.inputs.schema import InputSchema
from automl.bundle.members import join, with_quantiles, with_temperature
from automl.bundle.onnx.job import ExportJob, parity_rows
from automl.bundle.save import (
    BaselineRecipe,
    BundleInfo,
    OnnxFile,
    remove_bundle,
    replace_bundle,
    save_bundle,
)
from automl.data import Dataset, PreparedStore
from automl.data.preprocess.variants import BASELINE
from automl.data.split.folds import Folds
from automl.metrics import Metric
from automl.orchestrator.choose_ensemble import Together
from automl.orchestrator.finalists import Choice
from automl.orchestrator.problem import Problem
from automl.study.study import Study
from automl.training.jobs import variant_of
from automl.trial import TrialRecord


def bundle_info(
    name: str,
    dataset: Dataset,
    data: PreparedStore,
    metric: Metric,
    params: Mapping[str, Any],
    training: Mapping[str, Any],
    scores: Mapping[str, Any],
    fold: int = 0,
    baseline: BaselineRecipe | None = None,
) -> BundleInfo:
    """Gather everything about a model but its weights.

    Parameters
    ----------
    name : str
        The study's.
    dataset : Dataset
    data : PreparedStore
        The prepared rows of the same data set.
    metric : Metric
    params, training, scores : mapping
        As in `BundleInfo`.
    fold : int
        Fold that the model was trained on.
    baseline : BaselineRecipe, optional
        What a model is that is no network.
    """
    variant = variant_of(params) if baseline is None else BASELINE
    fitted = data.fitted(replace(variant, fold=fold))
    return BundleInfo(
        name=name,
        dataset=dataset.name,
        fingerprint=dataset.fingerprint,
        task=dataset.task,
        metric=metric.name,
        inputs=InputSchema.measure(
            dataset.train.X,
            dataset.kind,
            dataset.columns,
            (*dataset.targets, *dataset.left_out),
            padded=dataset.is_padded,
            long=dataset.long,
            pictures=dataset.pictures,
            form=dataset.form,
            forecast=None if dataset.windows is None else dataset.windows.form,
        ),
        params=params,
        preprocessing=fitted.preprocessing,
        target=fitted.target,
        training=training,
        scores=scores,
        targets=dataset.targets,
        baseline=baseline,
    )


@dataclass(frozen=True, slots=True)
class Scores:
    """What the test split says of both models, as in `BundleInfo`, but for ``valid``."""

    single: Mapping[str, Any]
    ensemble: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class BestModel:
    """Writes ``studies/<name>/best``."""

    study: Study
    problem: Problem
    seed: int

    @property
    def final_fold(self) -> int:
        """Fold that the winner is trained on: in cross-validation, the one with all rows."""
        return 0 if self.problem.folds is None else self.problem.folds.total

    def improve(self, record: TrialRecord, weights: str) -> None:
        """Take the weights of a trial that is better than all before it."""
        training = {
            "trial": record.number,
            "run": 0,
            **self._interim(record),
            "chosen_among": "the trials so far; the finalists are still to come",
        }
        scores = {"valid": record.valid_score, "test": None}
        info = self._info(record.params, training, scores)
        save_bundle(self.study.folder.best, Path(weights), info)

    def export_job(self, choice: Choice, together: Together | None) -> ExportJob:
        """Return the export to ONNX of what is handed over, for a worker."""
        if together is not None and together.found.handed_over:
            fields = self._ensemble(together, {"valid": None, "test": None}, 0)
            weights = tuple(str(network.weights) for network in together.networks)
        else:
            scores = {"valid": choice.valid_score, "test": None}
            info = self._info(choice.record.params, {}, scores, self.final_fold)
            fields = _with(info.to_json(), choice)
            weights = (str(choice.result.weights),)
        return ExportJob(
            fields,
            weights,
            parity_rows(self.problem.dataset.test.X),
            str(self.study.folder.winner_onnx),
        )

    def hand_over(
        self,
        choice: Choice,
        together: Together | None,
        scores: Scores,
        trials: int,
        exported: OnnxFile | None,
    ) -> None:
        """Switch to what was chosen, with its test score, and put the other one beside it.

        Parameters
        ----------
        choice : Choice
        together : Together or None
        scores : Scores
        trials : int
            How many it was chosen among.
        exported : OnnxFile or None
            The winner's ONNX file, which is moved into the bundle.
        """
        folder = self.study.folder
        ensemble_first = together is not None and together.found.handed_over
        single = folder.single if ensemble_first else folder.best
        ensemble = folder.best if ensemble_first else folder.ensemble
        fields = self._single(choice, scores.single, trials)
        made = {single: ([Path(str(choice.result.weights))], fields)}
        if together is not None:
            weights = [network.weights for network in together.networks]
            made[ensemble] = (weights, self._ensemble(together, scores.ensemble, trials))
        for link in sorted(made, key=lambda link: link == folder.best):  # the other one first
            onnx = exported if link == folder.best else None
            replace_bundle(link, *made[link], onnx)
        for link in {folder.single, folder.ensemble} - made.keys():  # of an earlier search
            remove_bundle(link)
        if exported is not None:
            Path(exported.path).unlink(missing_ok=True)
        folder.remove_fold_weights()

    def _single(self, choice: Choice, scores: Mapping[str, Any], trials: int) -> dict[str, Any]:
        runs = sum(len(finalist.runs) for finalist in choice.finalists)
        training = {
            "trial": choice.record.number,
            "run": choice.run.number,
            **self._final(choice.result.best_epoch, choice.long_run),
            "chosen_among": f"{trials} trials and {runs} finalist runs",
        }
        scores = {"valid": choice.valid_score, **scores}
        info = self._info(choice.record.params, training, scores, self.final_fold)
        return _with(info.to_json(), choice)

    def _ensemble(
        self, together: Together, scores: Mapping[str, Any], trials: int
    ) -> dict[str, Any]:
        """Return the fields of ``model.json`` of an ensemble."""
        params = {record.number: record.params for record in self.study.records()}
        parts = []
        for network in together.networks:
            training: dict[str, Any] = {}
            if network.run is not None:
                training = {"trial": network.run.trial, "run": network.run.number}
                of: Mapping[str, Any] = params[network.run.trial]
            if network.baseline is not None:
                of = network.baseline.params
            if network.fold is not None and network.fold < self.final_fold:
                training["fold"] = network.fold + 1
            recipe = network.baseline.recipe if network.baseline else None
            parts.append(self._info(of, training, {}, network.fold or 0, recipe).to_json())
        final = self._final(None, None)
        del final["epochs"]
        if any("fold" in part["training"] for part in parts):
            final["trained_on"] = "each model on the training rows of its fold"
        training = {**final, "chosen_among": f"the finalists and the best of {trials} trials"}
        scores = {"valid": together.found.fair_score, **scores}
        fields = join(parts, together.shares, training, scores)
        return _with(fields, together)

    def _interim(self, record: TrialRecord) -> dict[str, Any]:
        return trial_training(
            record, self.seed, self.problem.max_epochs, self.problem.dataset, self.problem.folds
        )

    def _final(self, epochs: int | None, long_run: int | None) -> dict[str, Any]:
        rows, how = len(self.problem.dataset.train), {}
        if self.problem.folds is not None:
            rows += len(self.problem.dataset.valid)
            how = {
                "cross_validation": f"{self.problem.folds} folds",
                "trained_on": "all rows outside of the test split, for the mean number of epochs"
                " after which its folds were best",
            }
        return {
            "seed": self.seed,
            "epochs": epochs,
            "max_epochs": long_run or self.problem.max_epochs,
            "rows": rows,
            **how,
        }

    def _info(
        self,
        params: Mapping[str, Any],
        training: Mapping[str, Any],
        scores: Mapping[str, Any],
        fold: int = 0,
        baseline: BaselineRecipe | None = None,
    ) -> BundleInfo:
        name = self.study.folder.name
        return bundle_info(
            name,
            self.problem.dataset,
            self.problem.data,
            self.problem.metric,
            params,
            training,
            scores,
            fold,
            baseline,
        )


def _with(fields: dict[str, Any], chosen: Choice | Together) -> dict[str, Any]:
    """Return the fields of ``model.json`` with what validation rows tell of the outputs."""
    if chosen.temperature != 1.0:
        fields = with_temperature(fields, chosen.temperature)
    return with_quantiles(fields, chosen.errors)


def trial_training(
    record: TrialRecord, seed: int, max_epochs: int, dataset: Dataset, folds: Folds | None
) -> dict[str, Any]:
    """Return how the weights that a trial keeps came to be: in cross-validation, of its first fold.

    Parameters
    ----------
    record : TrialRecord
    seed : int
        The study's seed.
    max_epochs : int
    dataset : Dataset
    folds : Folds or None
    """
    epochs, rows, how = record.best_epoch, len(dataset.train), {}
    if folds is not None:
        first = record.history[0].fold if record.history else None
        epochs = first.best_epoch if first else None
        everything = rows + len(dataset.valid)
        rows = everything - math.ceil(everything / folds.count)
        how = {
            "cross_validation": f"{folds} folds",
            "trained_on": "the training rows of the first fold",
        }
    return {"seed": seed, "epochs": epochs, "max_epochs": max_epochs, "rows": rows, **how}
