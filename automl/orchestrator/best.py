"""The best model so far, as a bundle that is there from the first complete trial on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from automl.bundle.save import BundleInfo, save_bundle
from automl.data import Dataset, PreparedData
from automl.metrics import Metric
from automl.orchestrator.study import Study
from automl.trial import TrialRecord


@dataclass(frozen=True, slots=True)
class BestModel:
    """Writes ``studies/<name>/best``."""

    study: Study
    dataset: Dataset
    data: PreparedData
    metric: Metric
    seed: int

    def improve(self, record: TrialRecord, weights: str) -> None:
        """Take the weights of a trial that is better than all before it."""
        training = {
            "trial": record.number,
            "seed": self.seed,
            "epochs": record.best_epoch,
            "rows": len(self.dataset.train),
            "chosen_among": "the trials so far; the finalists are still to come",
        }
        self.publish(record.params, weights, training, {"valid": record.valid_score, "test": None})

    def publish(
        self,
        params: Mapping[str, Any],
        weights: str,
        training: Mapping[str, Any],
        scores: Mapping[str, Any],
    ) -> None:
        """Switch the bundle to these weights, atomically."""
        info = BundleInfo(
            name=self.study.folder.name,
            dataset=self.dataset.name,
            fingerprint=self.dataset.fingerprint,
            task=self.dataset.task,
            metric=self.metric.name,
            params=params,
            preprocessing=self.data.preprocessing,
            target=self.data.target,
            training=training,
            scores=scores,
        )
        save_bundle(self.study.folder.best, Path(weights), info)
