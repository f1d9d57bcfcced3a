"""Choose the networks that are better together, by their validation rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from automl import result as r
from automl.data import Dataset
from automl.evaluation import average, select
from automl.metrics import Metric
from automl.orchestrator.predict_runs import Prediction
from automl.study.run import Run


def choose_ensemble(
    predictions: Mapping[Run, Prediction], dataset: Dataset, metric: Metric
) -> tuple[r.Ensemble, NDArray[Any]] | None:
    """Return the ensemble and its output for the test rows; None of fewer than two networks.

    Parameters
    ----------
    predictions : mapping of Run to Prediction
        Outputs of the networks that can be members.
    dataset : Dataset
    metric : Metric
    """
    if len(predictions) < 2:
        return None
    runs, outputs = list(predictions), list(predictions.values())
    found = select([p.valid for p in outputs], dataset.valid.y, metric)
    ensemble = r.Ensemble(
        members={str(runs[i]): weight for i, weight in found.weights.items()},
        valid_score=found.valid_score,
        single_valid_score=found.single_score,
        helps=found.helps,
    )
    return ensemble, average([p.test for p in outputs], found.members)
