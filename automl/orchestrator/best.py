"""The best model so far, as a bundle that is there from the first complete trial on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from automl.bundle.job import ExportJob, parity_rows
from automl.bundle.save import BundleInfo, OnnxFile, save_bundle
from automl.bundle.schema import InputSchema
from automl.data import Dataset, PreparedStore
from automl.metrics import Metric
from automl.orchestrator.finalists import Choice
from automl.orchestrator.study import Study
from automl.training.job import variant_of
from automl.trial import TrialRecord


def bundle_info(
    name: str,
    dataset: Dataset,
    data: PreparedStore,
    metric: Metric,
    params: Mapping[str, Any],
    training: Mapping[str, Any],
    scores: Mapping[str, Any],
) -> BundleInfo:
    """Everything about a model but its weights.

    Parameters
    ----------
    name : str
        The study's.
    dataset : Dataset
    data : PreparedStore
        Of the same data set.
    metric : Metric
    params, training, scores : mapping
        As in `BundleInfo`.
    """
    fitted = data.fitted(variant_of(params))
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
        ),
        params=params,
        preprocessing=fitted.preprocessing,
        target=fitted.target,
        training=training,
        scores=scores,
    )


@dataclass(frozen=True, slots=True)
class BestModel:
    """Writes ``studies/<name>/best``."""

    study: Study
    dataset: Dataset
    data: PreparedStore
    metric: Metric
    seed: int
    max_epochs: int

    def improve(self, record: TrialRecord, weights: str) -> None:
        """Take the weights of a trial that is better than all before it."""
        training = {
            "trial": record.number,
            "run": 0,
            **self._training(record.best_epoch),
            "chosen_among": "the trials so far; the finalists are still to come",
        }
        scores = {"valid": record.valid_score, "test": None}
        info = self._info(record.params, training, scores)
        save_bundle(self.study.folder.best, Path(weights), info)

    def export_job(self, choice: Choice) -> ExportJob:
        """The winner's export to ONNX, for a worker."""
        info = self._info(choice.record.params, {}, {"valid": choice.valid_score, "test": None})
        return ExportJob(
            info.to_json(),
            str(choice.result.weights),
            parity_rows(self.dataset.test.X),
            str(self.study.folder.weights / "winner.onnx"),
        )

    def hand_over(
        self,
        choice: Choice,
        scores: Mapping[str, Any],
        trials: int,
        exported: OnnxFile | None,
    ) -> None:
        """Switch to the winner, with its test score.

        Parameters
        ----------
        choice : Choice
        scores : mapping
            As in `BundleInfo`, but for ``valid``.
        trials : int
            How many it was chosen among.
        exported : OnnxFile or None
            It is moved into the bundle.
        """
        runs = sum(len(finalist.runs) for finalist in choice.finalists)
        training = {
            "trial": choice.record.number,
            "run": choice.run[1],
            **self._training(choice.result.best_epoch),
            "chosen_among": f"{trials} trials and {runs} finalist runs",
        }
        scores = {"valid": choice.valid_score, **scores}
        info = self._info(choice.record.params, training, scores)
        save_bundle(self.study.folder.best, Path(str(choice.result.weights)), info, exported)
        if exported is not None:
            Path(exported.path).unlink(missing_ok=True)

    def _training(self, best_epoch: int | None) -> dict[str, Any]:
        return {
            "seed": self.seed,
            "epochs": best_epoch,
            "max_epochs": self.max_epochs,
            "rows": len(self.dataset.train),
        }

    def _info(
        self, params: Mapping[str, Any], training: Mapping[str, Any], scores: Mapping[str, Any]
    ) -> BundleInfo:
        name = self.study.folder.name
        return bundle_info(name, self.dataset, self.data, self.metric, params, training, scores)
