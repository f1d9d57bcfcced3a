"""Keep the baselines as models of their own, which can be loaded and exported as the best one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from automl import result as r
from automl.bundle.format import WEIGHTS
from automl.bundle.save import BaselineRecipe, replace_bundle
from automl.data import Dataset, PreparedStore
from automl.metrics import Metric
from automl.orchestrator.baseline_stream import BaselineOutcome
from automl.orchestrator.best_model import bundle_info
from automl.study.folder import StudyFolder


def kept_weights(folder: StudyFolder, name: str) -> Path | None:
    """Return where the numbers of a baseline lie: in its bundle, or before they are moved there."""
    places = (folder.baseline_weights(name), folder.baseline_model(name) / WEIGHTS)
    return next((path for path in places if path.exists()), None)


def keep_baselines(
    folder: StudyFolder,
    dataset: Dataset,
    data: PreparedStore,
    metric: Metric,
    outcomes: Mapping[str, BaselineOutcome],
    judged: Mapping[str, r.Baseline],
    said: Mapping[str, Any],
) -> None:
    """Write a bundle for every baseline that has a form in which it can be kept.

    Parameters
    ----------
    folder : StudyFolder
    dataset : Dataset
    data : PreparedStore
    metric : Metric
    outcomes : mapping of str to BaselineOutcome
    judged : mapping of str to automl.result.Baseline
        With their scores on the test split.
    said : mapping
        What the scores of every bundle of the study hold beside numbers.
    """
    for name, outcome in outcomes.items():
        weights = kept_weights(folder, name)
        if outcome.layers is None or weights is None:
            continue
        test = judged[name].test
        info = bundle_info(
            folder.name,
            dataset,
            data,
            metric,
            outcome.params,
            {
                "baseline": name,
                "rows": len(dataset.train) + len(dataset.valid),
                "seconds_to_tune": round(outcome.seconds["tune"], 3),
                "seconds_to_fit": round(outcome.seconds["fit"], 3),
            },
            {"valid": None, "test": test.model_dump() if test else None, **said},
            baseline=BaselineRecipe(
                name, outcome.description, outcome.layers, outcome.has_probabilities
            ),
        )
        replace_bundle(folder.baseline_model(name), [weights], info.to_json())
        folder.baseline_weights(name).unlink(missing_ok=True)
